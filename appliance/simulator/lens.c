#include "simulator/lens.h"

#include "simulator/curve.h"

#include <math.h>
#include <string.h>

struct exposure {
	int side;
	float depth[LAYERS_COUNT];
	float *memory;
	float *relief[LAYERS_COUNT]; /* change of light in focus */
	float *bend[LAYERS_COUNT];   /* change per micrometre of defocus */
	float *sum;
	float *work;
	struct blur blur;
};

void lens_draw(struct lens *lens, struct random *random, enum lens_kind kind, int side)
{
	float size = (float)side / 500;
	*lens = (struct lens){.kind = kind, .scale = 1.65f * size, .sharp_px = 0.75f * size,
	    .defocus_px = 0.085f * size, .noise = 0.8f};
	double turn = random_normal(random, kind == LENS_HOFFMAN ? 0.12 : 0, 0.2);
	lens->direction_x = (float)curve_sin(turn);
	lens->direction_y = (float)curve_cos(turn);
	if (kind == LENS_BRIGHTFIELD) {
		lens->scale = 1.45f * size;
		lens->light = (float)random_between(random, 120, 190);
		lens->loss = 0.7f;
		lens->fringe = 0.006f;
		lens->edge = 0.07f;
		lens->granule = 0.035f;
		lens->noise = (float)random_between(random, 1.5, 4);
		lens->absorb = 0.0012f / size;
		lens->ring_um = 4;
		lens->ring_spread = 0.2f;
		lens->ring_light = 0.15f;
		lens->outside = (float)random_between(random, 0.05, 0.12);
		lens->grooves = 0.35f;
		lens->well_um = (float)random_between(random, 115, 165);
		return;
	}
	/* Older instruments are darker and softer, newer ones bright with a broad white ring. */
	float bright = (float)(random_chance(random, 0.5) ? random_between(random, 0, 0.4) :
						      random_between(random, 0.75, 1));
	lens->light = 64 + 100 * bright * bright + (float)random_between(random, -4, 4);
	lens->gain = 0.27f;
	lens->edge = 0.08f;
	lens->granule = 0.06f;
	lens->absorb = (float)random_between(random, 0.0009, 0.0016) / size;
	lens->loss = 0.95f;
	lens->fringe = 0.002f;
	lens->ring_um = 2.5f;
	lens->ring_spread = (float)random_between(random, 0.95, 1.35) + 0.2f * bright;
	lens->ring_light = (float)random_between(random, 1.9, 3.2) + 2.2f * bright;
	lens->outside = (float)random_between(random, 0.25, 0.38);
	lens->outside_slope = (float)random_between(random, 0.38, 0.48);
	lens->grooves = 0.07f + 0.13f * bright;
	lens->well_um = (float)random_between(random, 121, 128);
}

struct exposure *exposure_new(int side_max)
{
	size_t area = (size_t)side_max * (size_t)side_max;
	struct exposure *exposure = calloc(1, sizeof *exposure);
	if (!exposure)
		return NULL;
	exposure->memory = malloc(((2 * LAYERS_COUNT + 3) * area + (size_t)side_max) * sizeof(float));
	if (!exposure->memory) {
		free(exposure);
		return NULL;
	}
	float *next = exposure->memory;
	for (int i = 0; i < LAYERS_COUNT; i++) {
		exposure->relief[i] = next;
		exposure->bend[i] = next + area;
		next += 2 * area;
	}
	exposure->sum = next;
	exposure->work = next + area;
	exposure->blur.other = next + 2 * area;
	exposure->blur.line = next + 3 * area;
	return exposure;
}

void exposure_free(struct exposure *exposure)
{
	if (exposure)
		free(exposure->memory);
	free(exposure);
}

/* Slopes saturate: light bent out of the aperture is gone, however steep the edge. Granules do not: they are
 * finer than the aperture's reach. */
static void prepare_layer(const struct layers *layers, int layer, const struct lens *lens, float *relief,
    float *bend)
{
	const float *path = layers->path[layer], *rough = layers->rough[layer];
	int side = layers->side;
	size_t area = (size_t)side * (size_t)side;
	memset(relief, 0, area * sizeof *relief);
	memset(bend, 0, area * sizeof *bend);
	for (int y = 1; y < side - 1; y++) {
		size_t start = (size_t)y * (size_t)side;
		const float *row = path + start, *above = row - side, *below = row + side;
		const float *grain = rough + start, *grain_above = grain - side, *grain_below = grain + side;
		float *to = relief + start, *curve = bend + start;
		for (int x = 1; x < side - 1; x++) {
			float gx = 0.5f * (row[x + 1] - row[x - 1]), gy = 0.5f * (below[x] - above[x]);
			float rx = 0.5f * (grain[x + 1] - grain[x - 1]), ry = 0.5f * (grain_below[x] - grain_above[x]);
			float square = gx * gx + gy * gy;
			float along = gx * lens->direction_x + gy * lens->direction_y;
			float ripple = rx * lens->direction_x + ry * lens->direction_y;
			float turn = row[x + 1] + row[x - 1] + below[x] + above[x] - 4 * row[x];
			turn /= 1 + 0.15f * fabsf(turn);
			to[x] = -lens->gain * (along / sqrtf(1 + square * 0.06f) + ripple) -
			    lens->loss * square / (45 + square) - lens->absorb * row[x] + lens->edge * turn -
			    lens->granule * grain[x];
			curve[x] = -lens->fringe * turn;
		}
	}
}

void exposure_prepare(struct exposure *exposure, const struct lens *lens, const struct layers *layers)
{
	exposure->side = layers->side;
	for (int i = 0; i < LAYERS_COUNT; i++) {
		exposure->depth[i] = layers_depth(layers, i);
		prepare_layer(layers, i, lens, exposure->relief[i], exposure->bend[i]);
	}
}

const float *exposure_plane(struct exposure *exposure, const struct lens *lens, float focal_um)
{
	size_t area = (size_t)exposure->side * (size_t)exposure->side;
	memset(exposure->sum, 0, area * sizeof *exposure->sum);
	for (int layer = 0; layer < LAYERS_COUNT; layer++) {
		float out = focal_um - exposure->depth[layer];
		float far = fabsf(out);
		const float *relief = exposure->relief[layer], *bend = exposure->bend[layer];
		for (size_t i = 0; i < area; i++)
			exposure->work[i] = relief[i] + out * bend[i];
		/* Half a layer's thickness is in focus anyway. */
		float blur = lens->defocus_px * (far > 10 ? far - 10 : 0);
		blur_apply(exposure->work, exposure->side, sqrtf(lens->sharp_px * lens->sharp_px + blur * blur),
		    &exposure->blur);
		for (size_t i = 0; i < area; i++)
			exposure->sum[i] += exposure->work[i];
	}
	/* Losses multiply: about e^x, for which a few terms do. */
	for (size_t i = 0; i < area; i++) {
		float e = exposure->sum[i], rest = 0.6f * e * e;
		exposure->sum[i] = e > 0 ? 1 + e + rest : 1 / (1 - e + rest);
	}
	return exposure->sum;
}
