#include "model/time.h"

#include <math.h>
#include <stdio.h>

int64_t time_since_insemination(int64_t clock_s, int64_t insemination_clock_s)
{
	if (clock_s == TIME_UNKNOWN || insemination_clock_s == TIME_UNKNOWN)
		return TIME_UNKNOWN;
	return clock_s - insemination_clock_s;
}

int64_t time_from_hours(double hours)
{
	if (!(hours > -1000 && hours < 1000))
		return TIME_UNKNOWN;
	return llround(hours * 3600);
}

void time_format(char text[16], int64_t time_s)
{
	if (time_s == TIME_UNKNOWN)
		snprintf(text, 16, "unknown");
	else
		snprintf(text, 16, "%.1f h", (double)time_s / 3600);
}
