/* Finds the well: one large circle whose edge is brighter towards its centre nearly all the way
 * round.
 *
 * A voting search (Hough 1962, in the gradient form of Kimme, Ballard and Sklansky 1975): every
 * steep pixel votes for the centres that lie along its slope, the best centres are measured at
 * every radius, and the best circle is refined by small steps.
 */
#pragma once

#include "reading/field.h"

/* The bright rim begins at this share of the well's radius. */
#define WELL_RIM 0.86f

/* In field pixels: the outer edge of the bright rim. False: no well ring in sight. */
bool well_find(const struct field *field, struct circle *ret_well);

/* Takes the rim's own slopes, and those of the tool marks around it, out of the field: from the
 * rim outwards only the part of a slope that runs along the well's circle is left. */
void well_flatten(struct field *field, struct circle well);
