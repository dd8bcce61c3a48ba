#include "simulator/wild.h"

#include "simulator/curve.h"

#include <math.h>
#include <string.h>

static float between(struct random *random, double low, double high)
{
	return (float)random_between(random, low, high);
}

static void draw_light(struct lens *lens, struct random *random)
{
	lens->light = between(random, 50, 165);
	lens->noise = lens->light * (random_chance(random, 0.5) ? between(random, 0.004, 0.015) :
								 between(random, 0.01, 0.06));
	double turn = random_between(random, 0, 6.2831853);
	lens->direction_x = (float)curve_sin(turn);
	lens->direction_y = (float)curve_cos(turn);
}

/* Relief from one side: Hoffman, DIC and oblique light. */
static void draw_relief(struct lens *lens, struct random *random, float size)
{
	lens->kind = LENS_HOFFMAN;
	lens->gain = between(random, 0.05, 0.36);
	lens->loss = between(random, 0.1, 1.2);
	lens->edge = between(random, 0, 0.14);
	lens->granule = between(random, 0, 0.1);
	lens->absorb = between(random, 0, 0.002) / size;
	lens->fringe = between(random, 0, 0.005);
	lens->ring_um = between(random, 2, 6);
	lens->ring_spread = between(random, 0.3, 1.5);
	lens->ring_light = random_chance(random, 0.3) ? between(random, 0, 0.5) : between(random, 0.5, 5);
	lens->outside = between(random, 0.05, 0.8);
	lens->outside_slope = between(random, 0, 0.5);
}

/* Light from all sides: every edge is a dark line with a bright seam, or the reverse out of focus. */
static void draw_plain_light(struct lens *lens, struct random *random, float size)
{
	float thick = between(random, 0, 1);
	lens->kind = LENS_BRIGHTFIELD;
	lens->gain = random_chance(random, 0.4) ? between(random, 0, 0.06) : 0;
	lens->loss = between(random, 0.35, 1.5);
	lens->edge = between(random, -0.03, 0.16);
	lens->granule = between(random, 0.005, 0.07);
	lens->absorb = (0.0001f + 0.0012f * thick * thick * thick) / size;
	lens->fringe = between(random, 0.001, 0.012);
	lens->ring_um = between(random, 2, 8);
	lens->ring_spread = between(random, 0, 0.6);
	lens->ring_light = random_chance(random, 0.6) ? between(random, 0, 0.3) : between(random, -0.5, 1.5);
	lens->outside = random_chance(random, 0.75) ? between(random, 0.03, 0.3) : between(random, 0.3, 1.1);
	lens->outside_slope = random_chance(random, 0.5) ? 0 : between(random, 0, 0.3);
}

static void draw_style(struct figure_style *style, struct random *random)
{
	/* Seen from above, flat cells are soft humps more often than a net of lines. */
	bool humps = random_chance(random, 0.8);
	float heavy = between(random, 0, 1);
	style->cell = between(random, 0.7, 1.3);
	style->grain = 0.2f + 1.4f * heavy;
	style->zona = between(random, 0.03, 0.24);
	style->zona_grain = between(random, 0.05, 0.9);
	style->furrow = humps ? between(random, 0.6, 1) : between(random, 0, 0.6);
	style->furrow_um = humps ? between(random, 2, 9) : between(random, 0.6, 1.2);
	style->face = between(random, 0.3, 1);
	style->nuclei = random_chance(random, 0.05) ? 0 : between(random, 0.35, 1.6);
	style->lumps = between(random, 0, 1.6);
	style->dirt = between(random, 0, 2.5);
}

/* Off the middle: what covers the embryo hides what it should teach. */
static void draw_bubble(struct wild_bubble *bubble, struct random *random)
{
	double turn = random_between(random, 0, 6.2831853), far = random_between(random, 0.28, 0.7);
	bubble->x = 0.5f + (float)(far * curve_cos(turn));
	bubble->y = 0.5f + (float)(far * curve_sin(turn));
	bubble->radius = between(random, 0.008, 0.12);
	bubble->dark = between(random, -0.3, 0.7);
	bubble->soft = between(random, 0.05, 0.5);
}

static void draw_camera(struct wild *wild, struct random *random, float size)
{
	wild->slope_x = (float)random_normal(random, 0, 0.09);
	wild->slope_y = (float)random_normal(random, 0, 0.09);
	wild->vignette = random_chance(random, 0.4) ? between(random, -0.1, 0.35) : 0;
	wild->gamma = between(random, 0.65, 1.5);
	wild->contrast = between(random, 0.45, 0.85);
	wild->lift = between(random, -25, 35);
	wild->blur_px = random_chance(random, 0.35) ? between(random, 0.2, 1.6) * size : 0;
	if (random_chance(random, 0.45)) {
		wild->seam = between(random, 0.2, 1.1);
		wild->seam_px = between(random, 2, 7) * size;
	}
	double squeezed = random_unit(random);
	wild->quality = (int)(95 - 55 * squeezed * squeezed);
	wild->bubbles_count = random_chance(random, 0.15) ? random_int(random, 1, WILD_BUBBLES_MAX) : 0;
	for (int i = 0; i < wild->bubbles_count; i++)
		draw_bubble(&wild->bubbles[i], random);
}

void wild_draw(struct wild *wild, struct random *random, int side)
{
	*wild = (struct wild){.lens = {.scale = between(random, 0.0022, 0.0040) * (float)side}};
	struct lens *lens = &wild->lens;
	float size = lens->scale / 1.65f;
	draw_light(lens, random);
	if (random_chance(random, 0.5))
		draw_relief(lens, random, size);
	else
		draw_plain_light(lens, random, size);
	lens->sharp_px = between(random, 0.5, 2.2) * size;
	lens->defocus_px = between(random, 0.03, 0.13) * size;
	lens->grooves = random_chance(random, 0.5) ? between(random, 0, 0.3) : 0.05f;
	/* Near the wall, or so wide a well that its rim is out of sight. */
	lens->well_um = random_chance(random, 0.25) ? between(random, 200, 500) : between(random, 108, 170);
	wild->off_x = (float)random_normal(random, 0, 0.03);
	wild->off_y = (float)random_normal(random, 0, 0.03);
	wild->focus_um = (float)random_normal(random, 0, random_chance(random, 0.3) ? 22 : 7);
	wild->grain = between(random, 0, 1);
	draw_style(&wild->style, random);
	draw_camera(wild, random, size);
}

static void add_bubble(const struct wild_bubble *bubble, float *grey, int side)
{
	float radius = bubble->radius * (float)side, width = bubble->soft * radius + 1;
	float px = bubble->x * (float)side, py = bubble->y * (float)side, reach = radius + 2 * width;
	for (int y = (int)(py - reach); y <= (int)(py + reach); y++)
		for (int x = (int)(px - reach); x <= (int)(px + reach); x++) {
			if (x < 0 || y < 0 || x >= side || y >= side)
				continue;
			float dx = (float)x - px, dy = (float)y - py;
			float off = (sqrtf(dx * dx + dy * dy) - radius) / width;
			float bell = 1 / (1 + 3 * off * off * off * off);
			grey[(size_t)y * (size_t)side + (size_t)x] *= 1 - bubble->dark * bell;
		}
}

static void apply_blur(const struct wild *wild, float *grey, float *other, int side)
{
	size_t area = (size_t)side * (size_t)side;
	struct blur blur = {.line = other + 2 * area, .other = other};
	if (wild->blur_px > 0)
		blur_apply(grey, side, wild->blur_px, &blur);
	if (wild->seam <= 0)
		return;
	float *soft = other + area;
	memcpy(soft, grey, area * sizeof *soft);
	blur_apply(soft, side, wild->seam_px, &blur);
	for (size_t i = 0; i < area; i++) {
		/* No more than a share of the light: the well's wall would glow. */
		float more = wild->seam * (grey[i] - soft[i]), most = 0.3f * soft[i];
		grey[i] += more > most ? most : more < -most ? -most : more;
	}
}

/* Light falls unevenly, then the sensor's curve. */
static void shade(const struct wild *wild, float *grey, int side)
{
	float half = 0.5f * (float)side;
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++) {
			float dx = ((float)x - half) / half, dy = ((float)y - half) / half;
			float light = 1 + wild->slope_x * dx + wild->slope_y * dy;
			light -= wild->vignette * 0.5f * (dx * dx + dy * dy);
			grey[(size_t)y * (size_t)side + (size_t)x] *= light < 0.2f ? 0.2f : light;
		}
}

static void make_curve(const struct wild *wild, uint8_t curve[256])
{
	for (int i = 0; i < 256; i++) {
		/* x^gamma between two easy powers: good enough for a camera, and equal everywhere. */
		float x = (float)i / 255, root = sqrtf(x), square = x * x;
		float bent = wild->gamma < 1 ? x + (root - x) * (1 - wild->gamma) * 2 :
					       x + (square - x) * (wild->gamma - 1);
		float value = (bent * 255 - 128) * wild->contrast + 128 + wild->lift + 0.5f;
		curve[i] = value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
	}
}

void wild_expose(const struct wild *wild, struct image *image, float *room)
{
	int side = image->width;
	size_t area = (size_t)side * (size_t)side;
	uint8_t curve[256];
	make_curve(wild, curve);
	for (size_t i = 0; i < area; i++)
		room[i] = (float)image->pixels[i];
	for (int i = 0; i < wild->bubbles_count; i++)
		add_bubble(&wild->bubbles[i], room, side);
	shade(wild, room, side);
	apply_blur(wild, room, room + area, side);
	for (size_t i = 0; i < area; i++) {
		float value = room[i] + 0.5f;
		image->pixels[i] = curve[value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value];
	}
}
