/* Where a frame is rougher than the bare floor of its well.
 *
 * The floor is smooth whatever the optics; the zona pellucida carries fine grain in every one of
 * them, and cells carry much more. So each pixel gets a vote between -1 (floor) and 1 (embryo)
 * by how steep it is compared with the floor of the same frame, and the votes of a disc are
 * added up: the best disc ends where the zona does. On the rim of the well votes count little,
 * and beyond it what is seen says nothing.
 */
#pragma once

#include "reading/field.h"

struct texture {
	int width, height;
	float *sums; /* height rows of width + 1: running sums of the votes along each row */
};

/* The field's slopes must have lost the rim's own (well_flatten). well.radius 0: no well in
 * sight. NULL without memory. */
struct texture *texture_new(const struct field *field, struct circle well);
void texture_free(struct texture *texture);
OWN_DEFINE(struct texture *, texture_free)

/* Sum of the votes in the disc's part inside the frame. Looks at every row_step-th row only and
 * makes up for it. */
float texture_disc(const struct texture *texture, struct circle disc, int row_step);
