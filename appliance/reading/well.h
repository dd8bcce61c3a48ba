/* Finds the well: one large circle whose edge is brighter towards its centre nearly all the way round.
 *
 * A voting search (Hough 1962, in the gradient form of Kimme, Ballard and Sklansky 1975): every steep pixel
 * votes for the centres that lie along its slope, the best centres are measured at every radius, and the
 * best circle is refined by small steps.
 */
#pragma once

#include "reading/field.h"

/* Share of the circle that must be bright inwards, of the part in sight, in permille. */
enum { WELL_SEEN_PERMILLE = 600 };

/* In field pixels: the outer edge of the bright rim. False: no well ring in sight. */
bool well_find(const struct field *field, struct circle *ret_well);
