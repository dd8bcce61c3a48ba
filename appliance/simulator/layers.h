/* The drawn embryo before any lens: optical path, in pixels of watery cell, in a few layers of depth. All
 * focal planes are made of the same layers, each blurred by its distance from the plane. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { LAYERS_COUNT = 5, LAYERS_NOISE = 256 };

struct layers {
	int side;     /* pixels of the square canvas */
	float scale;  /* pixels per micrometre */
	float spacing_um;
	float middle_x, middle_y; /* pixel where the zona's centre lies */
	float *path[LAYERS_COUNT];  /* side * side each */
	float *rough[LAYERS_COUNT]; /* granules: path too, but so fine that light passes them all alike */
	const float *noise;         /* LAYERS_NOISE squared, mean 0, deviation 1, tiles without a seam */
	float *memory;
	int capacity;
};

/* Room for canvases up to side_max. noise must outlive it. */
bool layers_make(struct layers *layers, int side_max, const float *noise);
void layers_done(struct layers *layers);
void layers_clear(struct layers *layers, int side, float scale, float spacing_um);
/* Micrometres from the middle layer, towards the lens. */
float layers_depth(const struct layers *layers, int layer);
/* Shares of the two layers next to a depth; beyond the ends the last one takes all. */
void layers_weights(const struct layers *layers, float depth_um, int *ret_first, float ret_share[2]);

/* A tile of noise smoothed to `size` pixels; false without memory. */
bool noise_make(float *noise, unsigned long long seed, float size);
/* The grain of cytoplasm: fine granules over coarser clouds. */
bool grain_make(float *noise, unsigned long long seed, float scale);

/* What a blur needs: rows of running sums. */
struct blur {
	float *line;  /* side */
	float *other; /* side * side */
};
/* Twice a running mean in each direction: close to a Gauss bell of this deviation. In place. */
void blur_apply(float *pixels, int side, float deviation, struct blur *blur);
