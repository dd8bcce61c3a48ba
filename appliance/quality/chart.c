#include "quality/chart.h"

#include <math.h>

int chart_permille(int64_t numerator, int64_t denominator)
{
	return denominator > 0 ? (int)((1000 * numerator + denominator / 2) / denominator) : -1;
}

void chart_limits(struct chart_point *points, int count, int *ret_middle_permille)
{
	int64_t numerator = 0, denominator = 0;
	for (int i = 0; i < count; i++) {
		numerator += points[i].numerator;
		denominator += points[i].denominator;
	}
	*ret_middle_permille = chart_permille(numerator, denominator);
	if (!denominator)
		return;
	double middle = (double)numerator / (double)denominator;
	for (int i = 0; i < count; i++) {
		struct chart_point *point = &points[i];
		if (!point->denominator)
			continue;
		double value = (double)point->numerator / (double)point->denominator;
		double reach = 3 * sqrt(middle * (1 - middle) / (double)point->denominator);
		double low = fmax(0, middle - reach), high = fmin(1, middle + reach);
		point->low_permille = (int)lround(1000 * low);
		point->high_permille = (int)lround(1000 * high);
		point->out = value < low - 1e-9 || value > high + 1e-9;
	}
}
