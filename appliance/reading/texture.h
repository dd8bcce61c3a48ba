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

/* Rows of a field whose shorter side is below 2 * FIELD_SIDE, which a disc of at most half of that can
 * touch. */
enum { TEXTURE_ROWS_MAX = 2 * FIELD_SIDE };

/* The rows of all discs of one height and radius, from top in steps: half their widths. */
struct texture_rows {
	int top, step, count;
	float half[TEXTURE_ROWS_MAX];
};
void texture_rows(
    const struct texture *texture, float y, float radius, int step, struct texture_rows *ret_rows);
/* Sum of the votes in the part inside the frame of the disc around x. Looks at the given rows only and
 * makes up for those between. */
float texture_sum(const struct texture *texture, const struct texture_rows *rows, float x);
/* The same of one disc, with all its rows. */
float texture_disc(const struct texture *texture, struct circle disc);
