/* Where the edge of the embryo's cells lies in a cut: a closed line of 32 radii around the
 * middle of the cut, found as the smooth line that best parts texture inside from calm outside
 * and follows strong edges. */
#pragma once

#include "reading/scales.h"

enum {
	/* Pixels of the cut. The zona's outer edge lies at CUT_SIDE * 1000 /
	 * CUT_SIDE_PER_RADIUS_PERMILLE = 51: the cells end inside it, and a find that is a
	 * little off leaves some room. */
	CONTOUR_RADIUS_MIN = 20,
	CONTOUR_RADIUS_MAX = 54,
	/* The crop's circle ends at 64; nearer to it nothing is believed. */
	CONTOUR_SIGHT = 60,
};

struct contour {
	uint8_t radius[OUTLINE_POINTS]; /* half pixels, clockwise from the right */
	int area;                       /* pixels */
	uint8_t inside[CUT_PIXELS];     /* 1 where the cut shows the embryo */
};

void contour_find(const struct scales *scales, struct contour *ret_contour);
