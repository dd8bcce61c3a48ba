/* One plane of a cut at several scales: what the contour and the features look at.
 *
 *   pixels -> smooth[0] -> smooth[1] -> smooth[2] -> smooth[3]    each about twice as wide
 *               |   \ band[0] /  \ band[1] /  \ band[2] /        |difference|: grain, membranes, cells
 *               slope                                             Sobel: light does not change it
 *
 * Integers only, but for exact square roots. About 250 kB: on the stack of a reading thread, never on
 * a small one. */
#pragma once

#include "model/reading.h"

enum {
	SCALES = 4,
	BANDS = SCALES - 1,
	SCALES_ONE = 16, /* one grey level */
	CUT_PIXELS = CUT_SIDE * CUT_SIDE,
};

struct scales {
	int16_t smooth[SCALES][CUT_PIXELS];               /* 1/16 grey levels */
	uint16_t band[BANDS][CUT_PIXELS];                 /* 1/16 grey levels */
	int16_t slope_x[CUT_PIXELS], slope_y[CUT_PIXELS]; /* 1/16 grey levels per pixel */
	uint16_t slope[CUT_PIXELS];                       /* its length */
};

void scales_make(const uint8_t pixels[CUT_PIXELS], struct scales *ret_scales);

/* Whole square root, rounded down. */
uint32_t root_of(uint32_t value);
/* 256 x log2(value + 1), straight between the powers of two. */
int log_of(uint64_t value);
