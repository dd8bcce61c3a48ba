/* Finds the best circle near a good one by climbing: small steps to any better neighbour,
 * smaller ones when there is none, until half a pixel. */
#pragma once

#include "reading/field.h"

/* How good a circle is; more is better. */
typedef float circle_score(struct circle circle, const void *context);

/* first_step in field pixels. ret_score may be NULL. */
struct circle circle_climb(struct circle start, float first_step, circle_score *score,
    const void *context, float *ret_score);
