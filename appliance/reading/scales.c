#include "reading/scales.h"

#include <string.h>

/* IEEE square roots are rounded correctly everywhere, and a double holds every 32-bit value: the
 * whole part is exact. */
uint32_t root_of(uint32_t value)
{
	return (uint32_t)__builtin_sqrt((double)value);
}

int log_of(uint64_t value)
{
	int top = 63 - __builtin_clzll(++value);
	uint64_t mantissa = top >= 8 ? value >> (top - 8) : value << (8 - top);
	return top * 256 + (int)(mantissa - 256);
}

enum { REACH_MAX = 4, TAPS_MAX = 2 * REACH_MAX + 1 };

/* The edges are continued outwards. */
static int inside(int at)
{
	return at < 0 ? 0 : at >= CUT_SIDE ? CUT_SIDE - 1 : at;
}

/* A box of 3, 5 or 9 pixels. Division by its width is the upper half of a multiplication: exact for 16
 * bits, which the sums never leave (9 x 4080). */
struct box {
	int reach, taps;
	uint16_t share; /* 2^(16 + shift) / taps, rounded up */
	int shift;
};

static const struct box boxes[SCALES] = {{1, 3, 43691, 1}, {2, 5, 52429, 2}, {4, TAPS_MAX, 58255, 3}};

static void mean_row(const uint16_t sums[CUT_SIDE], uint16_t to[CUT_SIDE], const struct box *box)
{
	const uint16_t share = box->share, half = (uint16_t)(box->taps / 2);
	const int shift = box->shift;
	for (int x = 0; x < CUT_SIDE; x++)
		to[x] = (uint16_t)((uint16_t)((uint32_t)(uint16_t)(sums[x] + half) * share >> 16) >> shift);
}

static void blur_across(const uint16_t *from, uint16_t *to, const struct box *box)
{
	uint16_t line[CUT_SIDE + 2 * REACH_MAX], sums[CUT_SIDE];
	for (int y = 0; y < CUT_SIDE; y++, from += CUT_SIDE, to += CUT_SIDE) {
		memcpy(line + box->reach, from, CUT_SIDE * sizeof *line);
		for (int i = 0; i < box->reach; i++) {
			line[i] = from[0];
			line[CUT_SIDE + box->reach + i] = from[CUT_SIDE - 1];
		}
		memcpy(sums, line, sizeof sums);
		for (int i = 1; i < box->taps; i++)
			for (int x = 0; x < CUT_SIDE; x++)
				sums[x] = (uint16_t)(sums[x] + line[x + i]);
		mean_row(sums, to, box);
	}
}

static void blur_down(const uint16_t *from, uint16_t *to, const struct box *box)
{
	uint16_t sums[CUT_SIDE] = {0};
	for (int i = -box->reach; i <= box->reach; i++)
		for (int x = 0; x < CUT_SIDE; x++)
			sums[x] = (uint16_t)(sums[x] + from[inside(i) * CUT_SIDE + x]);
	for (int y = 0; y < CUT_SIDE; y++) {
		const uint16_t *next = from + inside(y + box->reach + 1) * CUT_SIDE;
		const uint16_t *last = from + inside(y - box->reach) * CUT_SIDE;
		mean_row(sums, to + y * CUT_SIDE, box);
		for (int x = 0; x < CUT_SIDE; x++)
			sums[x] = (uint16_t)(sums[x] + next[x] - last[x]);
	}
}

/* Two box means each way: close enough to a bell, and cheap at any width. */
static void blur(const uint16_t *from, uint16_t *to, const struct box *box)
{
	uint16_t between[CUT_PIXELS];
	blur_across(from, between, box);
	blur_down(between, to, box);
	blur_across(to, between, box);
	blur_down(between, to, box);
}

static void slope_row(
    const uint16_t *up, const uint16_t *here, const uint16_t *down, int16_t *to_x, int16_t *to_y)
{
	for (int x = 1; x < CUT_SIDE - 1; x++) {
		to_x[x] = (int16_t)(up[x + 1] + 2 * here[x + 1] + down[x + 1] - up[x - 1] -
		    2 * here[x - 1] - down[x - 1]);
		to_y[x] =
		    (int16_t)(down[x - 1] + 2 * down[x] + down[x + 1] - up[x - 1] - 2 * up[x] - up[x + 1]);
	}
	to_x[0] = to_y[0] = to_x[CUT_SIDE - 1] = to_y[CUT_SIDE - 1] = 0;
}

static void make_slopes(struct scales *scales)
{
	memset(scales->slope_x, 0, sizeof scales->slope_x);
	memset(scales->slope_y, 0, sizeof scales->slope_y);
	for (int y = 1; y < CUT_SIDE - 1; y++) {
		const uint16_t *here = scales->smooth[0] + y * CUT_SIDE;
		slope_row(here - CUT_SIDE, here, here + CUT_SIDE, scales->slope_x + y * CUT_SIDE,
		    scales->slope_y + y * CUT_SIDE);
	}
}

static void make_band(const uint16_t *fine, const uint16_t *coarse, uint16_t *to)
{
	for (int i = 0; i < CUT_PIXELS; i++) {
		int16_t difference = (int16_t)(fine[i] - coarse[i]);
		to[i] = (uint16_t)(difference < 0 ? -difference : difference);
	}
}

void scales_make(const uint8_t pixels[CUT_PIXELS], struct scales *ret_scales)
{
	uint16_t raw[CUT_PIXELS];
	for (int i = 0; i < CUT_PIXELS; i++)
		raw[i] = (uint16_t)(pixels[i] * SCALES_ONE);
	for (int i = 0; i < SCALES; i++)
		blur(raw, ret_scales->smooth[i], &boxes[i]);
	for (int b = 0; b < BANDS; b++)
		make_band(ret_scales->smooth[b], ret_scales->smooth[b + 1], ret_scales->band[b]);
	make_slopes(ret_scales);
}
