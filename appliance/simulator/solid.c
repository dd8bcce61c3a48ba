#include "simulator/solid.h"

#include <math.h>

/* The quadric of a flattened ball along a vertical ray: a z^2 + 2 b z + c <= 0. */
struct quadric {
	float base, bump; /* 1 / across^2, and what the axis adds */
	const float *axis;
};

static bool quadric_cross(const struct quadric *q, float x, float y, float *low, float *high)
{
	float side = q->axis[0] * x + q->axis[1] * y;
	float a = q->base + q->bump * q->axis[2] * q->axis[2];
	float b = q->bump * q->axis[2] * side;
	float c = q->base * (x * x + y * y) + q->bump * side * side - 1;
	float root = b * b - a * c;
	if (root <= 0)
		return false;
	root = sqrtf(root);
	*low = (-b - root) / a;
	*high = (-b + root) / a;
	return true;
}

static float furrow(const struct solid *solid, float x, float y, float middle)
{
	if (solid->furrow <= 0)
		return 1;
	float nearest = 1e9f;
	for (int i = 0; i < solid->walls_count; i++) {
		const struct wall *wall = &solid->walls[i];
		float off = wall->at - wall->x * x - wall->y * y - wall->z * middle;
		nearest = off < nearest ? off : nearest;
	}
	float wide = solid->furrow_um * solid->furrow_um;
	return 1 - solid->furrow * wide / (wide + nearest * nearest);
}

/* Narrows [low, high], heights of the ray at (x, y) from the canvas's centre. */
static bool cut_by_walls(const struct solid *solid, float x, float y, float *low, float *high)
{
	for (int i = 0; i < solid->walls_count; i++) {
		const struct wall *wall = &solid->walls[i];
		float rest = wall->at - wall->x * x - wall->y * y;
		if (wall->z > 0.02f) {
			float top = rest / wall->z;
			*high = top < *high ? top : *high;
		} else if (wall->z < -0.02f) {
			float bottom = rest / wall->z;
			*low = bottom > *low ? bottom : *low;
		} else if (rest < 0) {
			return false;
		}
	}
	return *high > *low;
}

static bool cut_by_hull(const struct solid *solid, float x, float y, float *low, float *high)
{
	if (solid->hull <= 0)
		return true;
	float dx = x - solid->hull_x, dy = y - solid->hull_y;
	float square = solid->hull * solid->hull - dx * dx - dy * dy;
	if (square <= 0)
		return false;
	float half = sqrtf(square);
	*high = solid->hull_z + half < *high ? solid->hull_z + half : *high;
	*low = solid->hull_z - half > *low ? solid->hull_z - half : *low;
	return *high > *low;
}

struct span {
	int x0, x1, y0, y1;
};

static struct span span_of(const struct solid *solid, const struct layers *layers)
{
	float reach = (solid->reach > 0 ? solid->reach : solid->across) * layers->scale + 1;
	float x = layers->middle_x + solid->mid_x * layers->scale;
	float y = layers->middle_y + solid->mid_y * layers->scale;
	struct span span = {(int)floorf(x - reach), (int)ceilf(x + reach), (int)floorf(y - reach),
	    (int)ceilf(y + reach)};
	int last = layers->side - 1;
	span.x0 = span.x0 < 0 ? 0 : span.x0;
	span.y0 = span.y0 < 0 ? 0 : span.y0;
	span.x1 = span.x1 > last ? last : span.x1;
	span.y1 = span.y1 > last ? last : span.y1;
	return span;
}

/* Granules at every depth the body reaches, different ones in each layer. */
static void add_grain(const struct solid *solid, struct layers *layers, int x, int y, float low, float high)
{
	size_t at = (size_t)y * (size_t)layers->side + (size_t)x;
	for (int layer = 0; layer < LAYERS_COUNT; layer++) {
		float depth = layers_depth(layers, layer), half = layers->spacing_um * 0.5f;
		float top = high < depth + half ? high : depth + half;
		float bottom = low > depth - half ? low : depth - half;
		float inside = top - bottom;
		if (inside <= 0)
			continue;
		int u = (x - layers->side / 2 + solid->grain_x + layer * 71) & (LAYERS_NOISE - 1);
		int v = (y - layers->side / 2 + solid->grain_y + layer * 37) & (LAYERS_NOISE - 1);
		float granule = layers->noise[v * LAYERS_NOISE + u];
		layers->rough[layer][at] += solid->grain * sqrtf(inside / (2 * half)) * granule;
	}
}

void solid_draw(const struct solid *solid, struct layers *layers)
{
	float base = 1 / (solid->across * solid->across);
	struct quadric quadric = {base, 1 / (solid->along * solid->along) - base, solid->axis};
	struct span span = span_of(solid, layers);
	float pixel = 1 / layers->scale;
	int first;
	float share[2];
	layers_weights(layers, solid->mid_z * (1 - solid->merged), &first, share);
	float *one = layers->path[first], *two = layers->path[first + 1];
	for (int y = span.y0; y <= span.y1; y++) {
		float fy = ((float)y - layers->middle_y) * pixel;
		for (int x = span.x0; x <= span.x1; x++) {
			float fx = ((float)x - layers->middle_x) * pixel, low, high;
			if (!quadric_cross(&quadric, fx - solid->x, fy - solid->y, &low, &high))
				continue;
			low += solid->z;
			high += solid->z;
			if (!cut_by_hull(solid, fx, fy, &low, &high) || !cut_by_walls(solid, fx, fy, &low, &high))
				continue;
			float path = (high - low) * layers->scale * solid->density;
			path *= furrow(solid, fx, fy, 0.5f * (low + high));
			size_t at = (size_t)y * (size_t)layers->side + (size_t)x;
			one[at] += path * share[0];
			two[at] += path * share[1];
			if (solid->grain > 0)
				add_grain(solid, layers, x, y, low, high);
		}
	}
}

static float ball_path(float radius, float square)
{
	float rest = radius * radius - square;
	return rest > 0 ? 2 * sqrtf(rest) : 0;
}

/* Its outer edge is this many balls, one in the other. */
enum { SHELL_STEPS = 6 };

void shell_draw(struct layers *layers, float inner, float outer, float soft, float density, float grain)
{
	float pixel = 1 / layers->scale;
	float *middle = layers->path[LAYERS_COUNT / 2], *rough = layers->rough[LAYERS_COUNT / 2];
	for (int y = 0; y < layers->side; y++) {
		float fy = ((float)y - layers->middle_y) * pixel;
		for (int x = 0; x < layers->side; x++) {
			float fx = ((float)x - layers->middle_x) * pixel, square = fx * fx + fy * fy;
			if (square > outer * outer)
				continue;
			float path = 0;
			for (int i = 0; i < SHELL_STEPS; i++)
				path += ball_path(outer - soft * (float)i / (SHELL_STEPS - 1), square) / SHELL_STEPS;
			path -= ball_path(inner, square);
			size_t at = (size_t)y * (size_t)layers->side + (size_t)x;
			int u = (x - layers->side / 2) & (LAYERS_NOISE - 1);
			int v = (y - layers->side / 2) & (LAYERS_NOISE - 1);
			middle[at] += path * layers->scale * density;
			float in = (outer - sqrtf(square)) / soft;
			if (square > inner * inner * 0.97f)
				rough[at] += (in < 1 ? in : 1) * grain * layers->noise[v * LAYERS_NOISE + u];
		}
	}
}
