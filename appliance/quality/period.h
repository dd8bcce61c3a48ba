/* A span of whole months, by the clock of the box's time zone. A month is year x 12 + month - 1. */
#pragma once

#include "base/err.h"

#include <stdint.h>

enum { PERIOD_MONTHS_MAX = 60, PERIOD_TEXT_SIZE = 8 };

struct period {
	int from, to; /* both inside */
};

/* "2026-01"; NULL for to: the month of now_us, NULL for from: the eleventh before `to`. ERR_BAD_INPUT: no months, in the
 * wrong order, or more than PERIOD_MONTHS_MAX. */
bool period_parse(const char *from, const char *to, int64_t now_us, struct period *ret_period, struct err *err);
int period_month(int64_t utc_us);
void period_format(char text[PERIOD_TEXT_SIZE], int month);
bool period_has(const struct period *period, int month);
