/* The clinic's working hours: "mon-fri 05:00-20:00, sat 06:00-12:00". A stretch that ends before it begins ends on the
 * next day; "" has none. Pure. */
#pragma once

#include "base/err.h"

enum { HOURS_STRETCHES_MAX = 14, HOURS_DAY_MINUTES = 24 * 60, HOURS_WEEK_MINUTES = 7 * HOURS_DAY_MINUTES };

struct hours {
	int count;
	struct {
		int begin, length; /* minutes since Monday 00:00; minutes */
	} stretches[HOURS_STRETCHES_MAX * 7];
};

/* ERR_BAD_INPUT with a sentence that names what is not understood. */
bool hours_parse(const char *text, struct hours *ret_hours, struct err *err);
/* Whether the clinic works at this minute of the week (0: Monday 00:00), or begins to within `before` minutes. */
bool hours_works(const struct hours *hours, int minute, int before);
