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

static int inside(int at)
{
	return at < 0 ? 0 : at >= CUT_SIDE ? CUT_SIDE - 1 : at;
}

/* Mean over 2 reach + 1 pixels along one line of pixels `step` apart; the ends are continued. */
static void blur_line(const int16_t *from, int16_t *to, int step, int reach)
{
	int width = 2 * reach + 1, sum = width / 2;
	for (int i = -reach; i <= reach; i++)
		sum += from[inside(i) * step];
	for (int i = 0; i < CUT_SIDE; i++) {
		to[i * step] = (int16_t)(sum / width);
		sum += from[inside(i + reach + 1) * step] - from[inside(i - reach) * step];
	}
}

/* Two box means each way: close enough to a bell, and cheap at any width. */
static void blur(const int16_t *from, int16_t *to, int reach)
{
	int16_t between[CUT_PIXELS];
	memcpy(to, from, sizeof between);
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < CUT_SIDE; i++)
			blur_line(to + i * CUT_SIDE, between + i * CUT_SIDE, 1, reach);
		for (int i = 0; i < CUT_SIDE; i++)
			blur_line(between + i, to + i, CUT_SIDE, reach);
	}
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
	static const int reach[SCALES] = {1, 2, 4, 8};
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
