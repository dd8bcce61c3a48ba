#include "simulator/layers.h"

#include "base/own.h"
#include "simulator/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool layers_make(struct layers *layers, int side_max, const float *noise)
{
	size_t area = (size_t)side_max * (size_t)side_max;
	*layers = (struct layers){.noise = noise, .capacity = side_max};
	layers->memory = malloc(2 * LAYERS_COUNT * area * sizeof(float));
	for (int i = 0; i < LAYERS_COUNT && layers->memory; i++) {
		layers->path[i] = layers->memory + 2 * (size_t)i * area;
		layers->rough[i] = layers->path[i] + area;
	}
	return layers->memory != NULL;
}

void layers_done(struct layers *layers)
{
	free(layers->memory);
	layers->memory = NULL;
}

void layers_clear(struct layers *layers, int side, float scale, float spacing_um)
{
	layers->side = side;
	layers->scale = scale;
	layers->spacing_um = spacing_um;
	layers->middle_x = layers->middle_y = (float)side * 0.5f;
	size_t size = (size_t)side * (size_t)side * sizeof(float);
	for (int i = 0; i < LAYERS_COUNT; i++) {
		memset(layers->path[i], 0, size);
		memset(layers->rough[i], 0, size);
	}
}

float layers_depth(const struct layers *layers, int layer)
{
	return ((float)layer - (LAYERS_COUNT - 1) * 0.5f) * layers->spacing_um;
}

void layers_weights(const struct layers *layers, float depth_um, int *ret_first, float ret_share[2])
{
	float at = depth_um / layers->spacing_um + (LAYERS_COUNT - 1) * 0.5f;
	if (at < 0)
		at = 0;
	if (at > LAYERS_COUNT - 1.001f)
		at = LAYERS_COUNT - 1.001f;
	*ret_first = (int)at;
	ret_share[1] = at - (float)*ret_first;
	ret_share[0] = 1 - ret_share[1];
}

/* A running mean along the rows: 2 * half + 1 pixels and a share of the two at the rim; the ends repeat. */
static void mean_rows(const float *from, float *to, int side, int half, float rim)
{
	float scale = 1 / (2.0f * (float)half + 1 + 2 * rim);
	for (int y = 0; y < side; y++) {
		const float *in = from + (size_t)y * (size_t)side;
		float *out = to + (size_t)y * (size_t)side;
		float sum = 0;
		for (int i = -half; i <= half; i++)
			sum += in[i < 0 ? 0 : i];
		for (int x = 0; x < side; x++) {
			int left = x - half - 1 < 0 ? 0 : x - half - 1;
			int right = x + half + 1 >= side ? side - 1 : x + half + 1;
			out[x] = (sum + rim * (in[left] + in[right])) * scale;
			sum += in[right] - in[x - half < 0 ? 0 : x - half];
		}
	}
}

/* The same down the columns, a whole row at a time so that the compiler can do many columns at once. */
static void mean_columns(const float *from, float *to, int side, int half, float rim, float *sum)
{
	float scale = 1 / (2.0f * (float)half + 1 + 2 * rim);
	memset(sum, 0, (size_t)side * sizeof *sum);
	for (int i = -half; i <= half; i++) {
		const float *in = from + (size_t)(i < 0 ? 0 : i) * (size_t)side;
		for (int x = 0; x < side; x++)
			sum[x] += in[x];
	}
	for (int y = 0; y < side; y++) {
		int up = y - half - 1 < 0 ? 0 : y - half - 1, first = y - half < 0 ? 0 : y - half;
		int down = y + half + 1 >= side ? side - 1 : y + half + 1;
		const float *above = from + (size_t)up * (size_t)side, *below = from + (size_t)down * (size_t)side;
		const float *leaves = from + (size_t)first * (size_t)side;
		float *out = to + (size_t)y * (size_t)side;
		for (int x = 0; x < side; x++) {
			out[x] = (sum[x] + rim * (above[x] + below[x])) * scale;
			sum[x] += below[x] - leaves[x];
		}
	}
}

void blur_apply(float *pixels, int side, float deviation, struct blur *blur)
{
	/* Each mean takes half the variance. Whole pixels first: 2h + 1 of them have h (h + 1) / 3. */
	float variance = 0.5f * deviation * deviation;
	int half = 0;
	while (half < side / 2 - 2 && (float)((half + 1) * (half + 2)) <= 3 * variance)
		half++;
	/* The share of the two pixels at the rim that makes the rest exact. */
	float whole = (float)(2 * half + 1), square = whole * (float)(half * (half + 1)) / 3;
	float rim = (variance * whole - square) / (2 * ((float)((half + 1) * (half + 1)) - variance));
	if (half == 0 && rim < 0.001f)
		return;
	rim = rim < 0 ? 0 : rim > 1 ? 1 : rim;
	for (int pass = 0; pass < 2; pass++) {
		mean_rows(pixels, blur->other, side, half, rim);
		mean_columns(blur->other, pixels, side, half, rim, blur->line);
	}
}

/* One pass of a small bell along lines of points `step` apart, wrapped at the ends. */
static void smooth_tile(const float *from, float *to, int step_x, int step_y)
{
	enum { N = LAYERS_NOISE };
	for (int y = 0; y < N; y++)
		for (int x = 0; x < N; x++) {
			int next = (y + step_y) % N * N + (x + step_x) % N;
			int last = (y + N - step_y) % N * N + (x + N - step_x) % N;
			to[y * N + x] = 0.25f * (2 * from[y * N + x] + from[next] + from[last]);
		}
}

static void normalise(const float *from, float *to)
{
	enum { AREA = LAYERS_NOISE * LAYERS_NOISE };
	double square = 0;
	for (int i = 0; i < AREA; i++)
		square += (double)from[i] * from[i];
	float scale = (float)(1 / sqrt(square / AREA));
	for (int i = 0; i < AREA; i++)
		to[i] = from[i] * scale;
}

bool noise_make(float *noise, unsigned long long seed, float size)
{
	enum { AREA = LAYERS_NOISE * LAYERS_NOISE };
	OWN(free) float *raw = malloc(2 * sizeof(float) * AREA);
	if (!raw)
		return false;
	struct random random;
	random_start(&random, seed, 99);
	for (int i = 0; i < AREA; i++)
		raw[i] = (float)random_normal(&random, 0, 1);
	float *next = raw + AREA;
	int rounds = (int)(size * size * 2 + 0.5f);
	for (int round = 0; round < rounds; round++) {
		smooth_tile(raw, next, 1, 0);
		smooth_tile(next, raw, 0, 1);
	}
	normalise(raw, noise);
	return true;
}

bool grain_make(float *noise, unsigned long long seed, float scale)
{
	enum { AREA = LAYERS_NOISE * LAYERS_NOISE };
	OWN(free) float *clouds = malloc(sizeof(float) * AREA);
	if (!clouds || !noise_make(noise, seed, 0.85f * scale) || !noise_make(clouds, seed + 17, 2.6f * scale))
		return false;
	for (int i = 0; i < AREA; i++)
		noise[i] += 0.6f * clouds[i];
	return true;
}
