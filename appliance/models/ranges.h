/* What values a tensor takes, and the 256 steps that lose least of them.
 *
 * Values are counted in bins while they come. The steps are then chosen by the smallest expected squared
 * error: rounding costs step^2 / 12 a value, clipping the square of what is cut off. So a few outliers
 * do not make all steps coarse. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { RANGES_BINS = 8192 };

struct range {
	double reach; /* the bins cover -reach to reach; 0: nothing but zeros came */
	double low, high; /* smallest and largest value, 0 included */
	uint32_t counts[RANGES_BINS];
};

/* A u8 q stands for scale x (q - zero). */
struct step {
	double scale;
	uint8_t zero;
};

/* Zeros are not counted: any steps have them exactly. */
void range_add(struct range *range, const float *values, size_t count);
struct step range_step(const struct range *range);
