/* The numbers a stage is told by, made by hand from one plane of a cut. All are relative to the
 * embryo's own size, brightness and contrast, and none knows a direction, so that neither the maker's
 * lamp, the relief of its optics nor a turned dish changes them much.
 *
 *   per ring    texture at three scales, its evenness around, slopes across or along, brightness
 *   blocks      how calm the calmest and how busy the busiest parts are
 *   circles     how well circles of each size fit, and how many: one large is a zygote, several small
 *               ones are cells, many and none a morula and a blastocyst
 *   walks       how often a walk around crosses a membrane
 *   contour     size, roundness, contrast
 *
 * train/ fits the table of stage_estimate.h on exactly these numbers; their order is part of the
 * reader's version. */
#pragma once

#include "reading/contour.h"

enum {
	FEATURE_RINGS = 7,
	FEATURE_CIRCLES = 11,
	FEATURE_WALKS = 4,
	FEATURE_COUNT = FEATURE_RINGS * (2 * BANDS + 3) + 3 * BANDS + 1 + 3 * FEATURE_CIRCLES +
	                2 * FEATURE_WALKS + 6,
};

struct features {
	int32_t value[FEATURE_COUNT];
};

void features_make(const struct scales *scales, const struct contour *contour,
    struct features *ret_features);
