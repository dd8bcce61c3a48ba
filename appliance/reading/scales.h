/* One plane of a cut at several scales: what the contour and the measured quantities look at.
 *
 *   pixels -> smooth[0] -> smooth[1] -> smooth[2]    each about twice as wide
 *               |   \ band[0] /  \ band[1] /         |difference|: grain, membranes
 *               slope                                Sobel: light does not change it
 *
 * Whole numbers only. About 230 kB: on the stack of a reading thread, never on a small one. The loops
 * are plain rows of 16-bit numbers, so that a compiler does eight at once. */
#pragma once

#include "model/reading.h"

enum {
	SCALES = 3,
	BANDS = SCALES - 1,
	SCALES_ONE = 16, /* one grey level */
	SLOPE_ONE = 8,   /* of one smoothed step per pixel */
	CUT_PIXELS = CUT_SIDE * CUT_SIDE,
};

struct scales {
	uint16_t smooth[SCALES][CUT_PIXELS];              /* 1/16 grey levels */
	uint16_t band[BANDS][CUT_PIXELS];                 /* 1/16 grey levels */
	int16_t slope_x[CUT_PIXELS], slope_y[CUT_PIXELS]; /* 1/128 grey levels per pixel */
};

void scales_make(const uint8_t pixels[CUT_PIXELS], struct scales *ret_scales);

/* Whole square root, rounded down. */
uint32_t root_of(uint32_t value);
/* 256 x log2(value + 1), straight between the powers of two. */
int log_of(uint64_t value);
