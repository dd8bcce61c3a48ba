#include "quality/reference.h"

#include <stdlib.h>

bool reference_takes(const struct subject *subject)
{
	return subject->events[STAGE_B].used_s != TIME_UNKNOWN || subject->events[STAGE_EB].used_s != TIME_UNKNOWN ||
	    subject->events[STAGE_HB].used_s != TIME_UNKNOWN;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

int64_t reference_percentile(const int64_t *values, size_t count, int percent)
{
	size_t hundredths = (count - 1) * (size_t)percent;
	int64_t part = (int64_t)(hundredths % 100), low = values[hundredths / 100];
	int64_t high = part ? values[hundredths / 100 + 1] : low;
	return low + ((high - low) * part + 50) / 100;
}

void reference_of(int64_t *times_s, size_t embryos, size_t automatic, struct reference *ret_reference)
{
	struct reference reference = {.embryos = embryos, .automatic = automatic, .enough = embryos >= REFERENCE_EMBRYOS_MIN};
	if (reference.enough) {
		qsort(times_s, embryos, sizeof *times_s, by_value);
		reference.p10_s = reference_percentile(times_s, embryos, 10);
		reference.p25_s = reference_percentile(times_s, embryos, 25);
		reference.p50_s = reference_percentile(times_s, embryos, 50);
		reference.p75_s = reference_percentile(times_s, embryos, 75);
		reference.p90_s = reference_percentile(times_s, embryos, 90);
	}
	*ret_reference = reference;
}
