/* The empty well as the camera sees it: floor, wall ring, turned plastic outside, dust. One picture per focal
 * plane and stage position, made once and used for every run. */
#pragma once

#include "simulator/lens.h"

struct well {
	float x, y;        /* of the ring's centre, pixels of the frame */
	float radius;      /* pixels */
	uint64_t seed;
	int dust;          /* specks */
};

/* side * side grey levels, not rounded. */
void well_draw(const struct well *well, const struct lens *lens, float focal_um, int side, const float *noise,
    float *grey);
