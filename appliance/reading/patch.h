/* The crop itself: a square of a frame, resampled to CUT_SIDE x CUT_SIDE and normalised in
 * brightness. */
#pragma once

#include "base/image.h"
#include "model/reading.h"

/* The square has its centre at (x, y) and CUT_SIDE_PER_RADIUS_PERMILLE / 1000 radii a side, all
 * in frame pixels.
 *
 * Resampled with a tent as wide as the larger of both pixels: that is bilinear when enlarging
 * and an even average when shrinking. The 1st and 99th percentile inside the embryo's circle
 * become PATCH_DARK and PATCH_LIGHT. Outside the frame, and outside the largest circle in the
 * square, lies the embryo's median. */
bool patch_make(const struct image *frame, const struct location *location, uint8_t *ret_pixels,
    struct err *err);

enum {
	PATCH_DARK = 32,
	PATCH_LIGHT = 224,
	/* Percentiles closer than this, in grey levels, are stretched as if they lay this far
	 * apart: noise is no embryo. */
	PATCH_CONTRAST_MIN = 16,
};
