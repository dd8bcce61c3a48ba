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
	float furrow;      /* lines between flat cells of a blastocyst, 0..1 */
	float furrow_um;   /* their width */
	float face;        /* how plain flat cells are that the camera looks onto, against those at the rim */
	float nuclei;      /* how plain pronuclei and nuclei stand out, 1 as usual, 0 never */
	float lumps;       /* coarse matter in the cytoplasm, 0 none .. 2 */
	float dirt;        /* bits around the embryo, 1 as usual */
	uint64_t seed;  /* of dots and debris in the perivitelline space */
};

/* What the product's own exports look like. */
struct figure_style figure_style_plain(void);

void figure_draw(const struct life *life, const struct figure_style *style, struct layers *layers);
/* Canvas side in pixels that holds the embryo. */
int figure_side(const struct life *life, float scale);
