#include "simulator/well.h"

#include "simulator/curve.h"

#include <math.h>

/* The floor lies this far below the middle plane: an embryo of usual size rests on it. */
static const float floor_um = -48;

/* Light at a distance from the rim (micrometres, inside negative) and a cosine from the bright side. The
 * wall is seen as a ring that the light strikes from one side; out of focus it spreads inwards. */
static float rim_light(const struct lens *lens, float from_rim, float bright, float width)
{
	float soft = 1.6f + 0.05f * width;
	float outer = (float)curve_step(-soft, soft * 1.6, from_rim);
	float rise = (float)curve_clamp((from_rim + width) / width, 0, 1);
	float strength = 1;
	if (lens->kind == LENS_HOFFMAN) {
		float half = 0.5f * (bright + 1);
		strength = half * half;
	}
	float ring = lens->ring_light * strength * rise * rise;
	float outside = lens->outside + lens->outside_slope * bright;
	if (outside < 0.012f)
		outside = 0.012f;
	/* On the dark side the wall shades the floor's edge a little. */
	float shade = bright < 0 ? 1 + 0.12f * bright * rise : 1;
	return (shade + ring) * (1 - outer) + outside * outer;
}

/* The tile between its points. */
static float noise_at(const float *noise, float x, float y)
{
	int x0 = (int)floorf(x), y0 = (int)floorf(y);
	float u = x - (float)x0, v = y - (float)y0;
	int x1 = (x0 + 1) & (LAYERS_NOISE - 1), y1 = (y0 + 1) & (LAYERS_NOISE - 1);
	x0 &= LAYERS_NOISE - 1;
	y0 &= LAYERS_NOISE - 1;
	float top = noise[y0 * LAYERS_NOISE + x0] * (1 - u) + noise[y0 * LAYERS_NOISE + x1] * u;
	float bottom = noise[y1 * LAYERS_NOISE + x0] * (1 - u) + noise[y1 * LAYERS_NOISE + x1] * u;
	return top * (1 - v) + bottom * v;
}

/* What the turning tool left outside: fine circles of two centres that fade in and out. */
static float groove(const struct well *well, const struct lens *lens, float dx, float dy, const float *noise)
{
	float pixel = 1 / lens->scale;
	float far = sqrtf(dx * dx + dy * dy) * pixel;
	float other = sqrtf((dx - 23) * (dx - 23) + (dy + 14) * (dy + 14)) * pixel;
	float shift = (float)(well->seed % 97);
	float patch = noise_at(noise, dx * 0.035f + shift, dy * 0.035f);
	float fine = noise_at(noise, far * 0.62f + shift, (dx - dy) * 0.006f);
	float wave = (float)curve_sin(far * 1.35 + 0.8 * patch);
	float cross = (float)curve_sin(other * 0.9 + 1.3 * patch + shift);
	return wave * (0.6f + 0.4f * patch) + 0.6f * fine + 0.45f * cross;
}

static void draw_floor(const struct well *well, const struct lens *lens, float focal_um, int side,
    const float *noise, float *grey)
{
	float up = fabsf(focal_um - floor_um);
	float width = lens->ring_um + lens->ring_spread * (0.15f * up + 0.0014f * up * up);
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++) {
			float dx = (float)x - well->x, dy = (float)y - well->y;
			float far = sqrtf(dx * dx + dy * dy) + 0.01f;
			float from_rim = (far - well->radius) / lens->scale;
			float bright = -(dx * lens->direction_x + dy * lens->direction_y) / far;
			float light = rim_light(lens, from_rim, bright, width);
			if (from_rim > 0)
				light *= 1 + lens->grooves * (float)curve_step(0, 9, from_rim) *
				    groove(well, lens, dx, dy, noise);
			else if (lens->kind == LENS_HOFFMAN)
				light *= 1 + 0.02f * dy / well->radius;
			grey[(size_t)y * (size_t)side + (size_t)x] = lens->light * light;
		}
}

static void draw_dust(const struct well *well, const struct lens *lens, float focal_um, int side, float *grey)
{
	struct random random;
	float wide = 1 + 0.025f * fabsf(focal_um - floor_um);
	random_start(&random, well->seed, 21);
	for (int i = 0; i < well->dust; i++) {
		float px = well->x + (float)random_between(&random, -0.8, 0.8) * well->radius;
		float py = well->y + (float)random_between(&random, -0.8, 0.8) * well->radius;
		float radius = (float)random_between(&random, 0.8, 4.5) * lens->scale * wide;
		float depth = (float)random_between(&random, -0.5, 0.2) / wide;
		float flat = (float)random_between(&random, 1, 2.5);
		for (int y = (int)(py - 2 * radius); y <= (int)(py + 2 * radius); y++)
			for (int x = (int)(px - 2 * radius); x <= (int)(px + 2 * radius); x++) {
				if (x < 0 || y < 0 || x >= side || y >= side)
					continue;
				float dx = ((float)x - px) / radius, dy = ((float)y - py) * flat / radius;
				float bell = 1 / (1 + 4 * (dx * dx + dy * dy) * (dx * dx + dy * dy));
				float slope = lens->kind == LENS_HOFFMAN ? dy : 0.5f;
				grey[(size_t)y * (size_t)side + (size_t)x] *= 1 + depth * bell * (0.5f + slope);
			}
	}
}

void well_draw(const struct well *well, const struct lens *lens, float focal_um, int side, const float *noise,
    float *grey)
{
	draw_floor(well, lens, focal_um, side, noise, grey);
	draw_dust(well, lens, focal_um, side, grey);
}
