/* Cutting: the encoded planes of one time point in, the small normalised grey crop that may
 * leave the decoder out.
 *
 *   planes ──▶ decode ──▶ locate on the centre plane ──▶ sharpest planes ──▶ crop 2.5 R ──▶ 128 x 128
 *
 * Nothing burned into a frame survives: labels are painted over before anything is measured, and
 * everything outside the crop's inner circle (1.25 R around the embryo) is background.
 */
#pragma once

#include "model/reading.h"

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* One focal plane of one time point, still encoded (JPEG or PNG). */
struct cut_plane {
	int focal_um; /* 0: the centre plane */
	const uint8_t *data;
	size_t size;
};

struct cut_result {
	struct location location;
	bool made; /* false: an empty well, no cut */
	struct cut cut;
	int focal_um[CUT_PLANES_MAX]; /* of the cut's planes, sharpest first */
	int planes_damaged; /* planes that did not decode, or have another size than the first */
	int width, height;            /* of the frame */
};

/* planes_count is 1..LIMIT_PLANES (else ERR_BAD_INPUT). ERR_DAMAGED when no plane decodes. Pure:
 * the same bytes in give the same bits out. Holds at most CUT_PLANES_MAX + 2 decoded frames at a
 * time. */
bool cut_make(const struct cut_plane *planes, size_t planes_count, struct cut_result *ret_result,
    struct err *err);
