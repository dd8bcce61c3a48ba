/* Finds the well and the embryo in one grey frame.
 *
 * The well is a large circle, brighter inside than outside; frames without one in sight are
 * fine. The embryo is the circle that holds the texture: its radius is the outer edge of the
 * zona pellucida, or of the blastocyst once it fills or has left its zona. Only integers and
 * IEEE + - * / sqrt decide, so every machine finds the same circle. No state is kept: any number
 * of threads may locate at once.
 */
#pragma once

#include "base/image.h"
#include "model/reading.h"

/* All in pixels of the frame. A frame without an embryo is a success with occupied false.
 * ERR_NO_MEMORY; ERR_UNSUPPORTED: a frame with a side under LOCATE_SIDE_MIN. */
bool locate(const struct image *frame, struct location *ret_location, struct err *err);

enum { LOCATE_SIDE_MIN = 64 };
