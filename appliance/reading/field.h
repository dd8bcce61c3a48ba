/* The small picture that locating works on: a frame shrunk by a whole number, with its slopes.
 *
 * Frames come with 128 to 4096 pixels a side; the search wants about 160 whatever the frame has,
 * because then its cost is fixed and grain finer than any cell edge is averaged away.
 */
#pragma once

#include "base/image.h"

enum {
	FIELD_SIDE = 160,      /* aimed at for the shorter side */
	FIELD_DIRECTIONS = 64, /* of circles, clockwise from the right */
};

/* Everything in pixels of the small picture; pixel (0, 0) has its centre at (0, 0). */
struct circle {
	float x, y, radius;
};

struct field {
	int width, height;
	int factor;      /* frame pixels per field pixel, a side */
	float contrast;  /* grey levels between the darkest and the brightest fiftieth */
	float *grey;     /* width * height, grey levels 0..255 */
	float *slope_x;  /* grey levels per pixel, to the right */
	float *slope_y;  /* downwards */
	float direction_x[FIELD_DIRECTIONS], direction_y[FIELD_DIRECTIONS];
};

/* NULL without memory. */
struct field *field_new(const struct image *frame);
void field_free(struct field *field);
OWN_DEFINE(struct field *, field_free)

static inline bool field_inside(const struct field *field, int x, int y)
{
	return x >= 0 && y >= 0 && x < field->width && y < field->height;
}

/* Nearest whole pixel. Shifted to where all are positive, because a cast rounds towards zero. */
static inline int field_round(float value)
{
	return (int)(value + 4096.5f) - 4096;
}
