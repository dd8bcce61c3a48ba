/* Embryo time: whole seconds since insemination (t0, Ciray 2014), computed here and nowhere else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No frame time, or no insemination time on the same clock: a missing time is not zero and not late. */
#define TIME_UNKNOWN INT64_MIN

/* Both on the export's own clock, in seconds; only their difference means anything. TIME_UNKNOWN if either is. */
int64_t time_since_insemination(int64_t clock_s, int64_t insemination_clock_s);
/* Hours to whole seconds, rounded; TIME_UNKNOWN outside +-1000 h. */
int64_t time_from_hours(double hours);
/* "37.4 h" or "unknown". */
void time_format(char text[16], int64_t time_s);
