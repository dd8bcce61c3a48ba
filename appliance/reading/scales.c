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

enum { REACH_MAX = 8 };

/* The edges are continued outwards. */
static int inside(int at)
{
	return at < 0 ? 0 : at >= CUT_SIDE ? CUT_SIDE - 1 : at;
}

/* A box of 2 reach + 1 pixels. Division by its width is a multiplication: exact, because the sums stay far
 * below 2^32 / width^2. */
struct box {
	int reach, width;
	uint64_t share; /* of 2^32, rounded up */
};

static struct box box_of(int reach)
{
	int width = 2 * reach + 1;
	return (struct box){reach, width, (1ULL << 32) / (uint64_t)width + 1};
}

static int16_t box_mean(const struct box *box, uint32_t sum)
{
	return (int16_t)(sum * box->share >> 32);
}

static void blur_across(const int16_t *from, int16_t *to, const struct box *box)
{
	int16_t line[CUT_SIDE + 2 * REACH_MAX + 1];
	for (int y = 0; y < CUT_SIDE; y++, from += CUT_SIDE, to += CUT_SIDE) {
		int sum = box->width / 2;
		memcpy(line + box->reach, from, CUT_SIDE * sizeof *line);
		for (int i = 0; i < box->reach; i++)
			line[i] = from[0];
		for (int i = CUT_SIDE + box->reach; i < CUT_SIDE + box->width; i++)
			line[i] = from[CUT_SIDE - 1];
		for (int i = 0; i < box->width; i++)
			sum += line[i];
		for (int x = 0; x < CUT_SIDE; x++) {
			to[x] = box_mean(box, (uint32_t)sum);
			sum += line[x + box->width] - line[x];
		}
	}
}

static void blur_down(const int16_t *from, int16_t *to, const struct box *box)
{
	int sum[CUT_SIDE];
	for (int x = 0; x < CUT_SIDE; x++) {
		sum[x] = box->width / 2;
		for (int i = -box->reach; i <= box->reach; i++)
			sum[x] += from[inside(i) * CUT_SIDE + x];
	}
	for (int y = 0; y < CUT_SIDE; y++) {
		const int16_t *next = from + inside(y + box->reach + 1) * CUT_SIDE;
		const int16_t *last = from + inside(y - box->reach) * CUT_SIDE;
		for (int x = 0; x < CUT_SIDE; x++) {
			to[y * CUT_SIDE + x] = box_mean(box, (uint32_t)sum[x]);
			sum[x] += next[x] - last[x];
		}
	}
}

/* Two box means each way: close enough to a bell, and cheap at any width. */
static void blur(const int16_t *from, int16_t *to, int reach)
{
	int16_t between[CUT_PIXELS];
	struct box box = box_of(reach);
	blur_across(from, between, &box);
	blur_down(between, to, &box);
	blur_across(to, between, &box);
	blur_down(between, to, &box);
}

static void make_slopes(struct scales *scales)
{
	const int16_t *p = scales->smooth[0];
	for (int y = 1; y < CUT_SIDE - 1; y++) {
		for (int x = 1; x < CUT_SIDE - 1; x++) {
			int at = y * CUT_SIDE + x, up = at - CUT_SIDE, down = at + CUT_SIDE;
			int dx = p[up + 1] + 2 * p[at + 1] + p[down + 1] - p[up - 1] - 2 * p[at - 1] -
			         p[down - 1];
			int dy = p[down - 1] + 2 * p[down] + p[down + 1] - p[up - 1] - 2 * p[up] -
			         p[up + 1];
			scales->slope_x[at] = (int16_t)(dx / 8);
			scales->slope_y[at] = (int16_t)(dy / 8);
			scales->slope[at] = (uint16_t)(root_of((uint32_t)(dx * dx + dy * dy)) / 8);
		}
	}
}

void scales_make(const uint8_t pixels[CUT_PIXELS], struct scales *ret_scales)
{
	static const int reach[SCALES] = {1, 2, 4, REACH_MAX};
	int16_t raw[CUT_PIXELS];
	memset(ret_scales, 0, sizeof *ret_scales);
	for (int i = 0; i < CUT_PIXELS; i++)
		raw[i] = (int16_t)(pixels[i] * SCALES_ONE);
	for (int i = 0; i < SCALES; i++)
		blur(raw, ret_scales->smooth[i], reach[i]);
	for (int b = 0; b < BANDS; b++) {
		for (int i = 0; i < CUT_PIXELS; i++) {
			int difference = ret_scales->smooth[b][i] - ret_scales->smooth[b + 1][i];
			ret_scales->band[b][i] = (uint16_t)(difference < 0 ? -difference : difference);
		}
	}
	make_slopes(ret_scales);
}
