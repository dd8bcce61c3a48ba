#include "simulator/well.h"

#include "simulator/curve.h"

#include <math.h>

/* Light at a distance from the rim (micrometres, inside negative) and a cosine from the bright side. */
static float rim_light(const struct lens *lens, float from_rim, float bright, float soft)
{
	float wide = lens->ring_um;
	float inner = (float)curve_step(-wide - soft, -wide + soft, from_rim);
	float outer = (float)curve_step(-soft, soft, from_rim);
	float ring = inner * (1 - outer);
	float outside = lens->outside + lens->outside_slope * bright;
	if (outside < 0.012f)
		outside = 0.012f;
	float side = lens->kind == LENS_HOFFMAN ? bright + 0.25f : 1;
	/* On the dark side the wall swallows the light. */
	float wall = side > 0 ? 1 + lens->ring_light * side * side : 1 + 1.1f * side;
	if (wall < 0.02f)
		wall = 0.02f;
	float light = 1 + ring * (wall - 1);
	return light * (1 - outer) + outside * outer;
}

static float noise_at(const float *noise, int x, int y)
{
	return noise[(y & (LAYERS_NOISE - 1)) * LAYERS_NOISE + (x & (LAYERS_NOISE - 1))];
}

static void draw_floor(const struct well *well, const struct lens *lens, float focal_um, int side,
    const float *noise, float *grey)
{
	float soft = lens->ring_soft_um + 0.06f * fabsf(focal_um + 15);
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++) {
			float dx = (float)x - well->x, dy = (float)y - well->y;
			float far = sqrtf(dx * dx + dy * dy) + 0.01f;
			float from_rim = (far - well->radius) / lens->scale;
			float bright = -(dx * lens->direction_x + dy * lens->direction_y) / far;
			float light = rim_light(lens, from_rim, bright, soft);
			if (from_rim > 0) {
				/* Turning marks: circles, a little uneven. */
				float wave = noise_at(noise, (int)(from_rim * 1.1f) + (int)well->seed, (int)(bright * 9)) +
				    (float)curve_sin(from_rim * 0.55 + 2 * bright);
				float share = from_rim > 6 ? 1 : from_rim / 6;
				light *= 1 + lens->grooves * share * wave;
			} else {
				light *= 1 + 0.03f * (dy / well->radius) * (lens->kind == LENS_HOFFMAN);
			}
			grey[(size_t)y * (size_t)side + (size_t)x] = lens->light * light;
		}
}

static void draw_dust(const struct well *well, const struct lens *lens, int side, float *grey)
{
	struct random random;
	random_start(&random, well->seed, 21);
	for (int i = 0; i < well->dust; i++) {
		float px = well->x + (float)random_between(&random, -0.8, 0.8) * well->radius;
		float py = well->y + (float)random_between(&random, -0.8, 0.8) * well->radius;
		float radius = (float)random_between(&random, 1.5, 7) * lens->scale;
		float depth = (float)random_between(&random, -0.16, 0.06);
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
	draw_dust(well, lens, side, grey);
}
