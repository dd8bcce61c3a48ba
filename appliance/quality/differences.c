#include "quality/differences.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

void differences_of(int64_t *differences_s, size_t count, struct differences *ret_differences)
{
	struct differences result = {.count = count, .spread = count >= 2};
	double sum = 0, squares = 0;
	if (count)
		qsort(differences_s, count, sizeof *differences_s, by_value);
	for (size_t i = 0; i < count; i++)
		sum += (double)differences_s[i];
	double mean = count ? sum / (double)count : 0;
	for (size_t i = 0; i < count; i++)
		squares += ((double)differences_s[i] - mean) * ((double)differences_s[i] - mean);
	if (count) {
		result.mean_s = llround(mean);
		result.median_s = llround(((double)differences_s[(count - 1) / 2] + (double)differences_s[count / 2]) / 2);
	}
	if (result.spread) {
		double sd = sqrt(squares / (double)(count - 1));
		result.sd_s = llround(sd);
		result.low_s = llround(mean - 1.96 * sd);
		result.high_s = llround(mean + 1.96 * sd);
	}
	*ret_differences = result;
}
