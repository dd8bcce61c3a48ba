/* How far apart two people, or a person and the box, put one event. The limits of agreement are those of Bland and Altman
 * 1986 (Lancet 327:307): mean +- 1.96 standard deviations, within which 19 of 20 differences lie if they are spread
 * normally. The median is told beside the mean, as one event that was mistaken for another moves the mean by hours. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct differences {
	size_t count;
	int64_t median_s, mean_s; /* void without a difference */
	bool spread;              /* sd_s, low_s and high_s are there: two differences at least */
	int64_t sd_s, low_s, high_s;
};

/* Whole seconds, rounded. Puts the differences in rising order. */
void differences_of(int64_t *differences_s, size_t count, struct differences *ret_differences);
