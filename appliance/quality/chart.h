/* Control chart of a share, month by month (p-chart; Shewhart 1931, Montgomery, Introduction to Statistical Quality
 * Control): the middle line is the share p over all months, the limits of a month with n cases are
 * p +- 3 sqrt(p (1 - p) / n), cut at 0 and 1. Outside of them something other than chance is likely. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Fewer cases and the limits are rough: a point is shown, and marked. */
enum { CHART_FEW = 30 };

struct chart_point {
	int64_t numerator, denominator;
	int low_permille, high_permille; /* void without cases */
	bool out;                        /* below or above them, by the exact values */
};

/* Fills in limits of count months; ret_middle_permille is -1 without any case. */
void chart_limits(struct chart_point *points, int count, int *ret_middle_permille);
/* Rounded; -1 for 0 of 0. */
int chart_permille(int64_t numerator, int64_t denominator);
