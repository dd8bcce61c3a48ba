/* The embryo of one moment as solids in layers. */
#pragma once

#include "simulator/layers.h"
#include "simulator/life.h"

/* How optically thick things are; the slide's optics choose it. */
struct figure_style {
	float scale;  /* pixels per micrometre */
	float cell;   /* path per pixel of cytoplasm */
	float grain;  /* height of granules, pixels */
	float zona;
	float zona_grain;
	uint64_t seed;  /* of dots and debris in the perivitelline space */
};

/* What the product's own exports look like. */
struct figure_style figure_style_plain(void);

void figure_draw(const struct life *life, const struct figure_style *style, struct layers *layers);
/* Canvas side in pixels that holds the embryo. */
int figure_side(const struct life *life, float scale);
