/* The network's operators for 64-bit ARM. NEON is always there; the bytes are widened to 16 bits and
 * multiplied into sums of 32, which is exact. A load that takes every fourth byte turns a block of weights
 * into four registers of 16 output channels each. */
#include "reading/kernels.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

enum { PIXELS_MAX = 4, QUARTERS = 4 };

static inline int32x4_t wide(int32x4_t sums, const int32_t *multipliers, const uint32_t *shifts)
{
	int32x4_t m = vld1q_s32(multipliers), s = vreinterpretq_s32_u32(vld1q_u32(shifts));
	int64x2_t back_low = vnegq_s64(vmovl_s32(vget_low_s32(s))),
	          back_high = vnegq_s64(vmovl_s32(vget_high_s32(s)));
	/* vrshlq by a negative count shifts right and rounds halves up. */
	int64x2_t low = vrshlq_s64(vmull_s32(vget_low_s32(sums), vget_low_s32(m)), back_low);
	int64x2_t high = vrshlq_s64(vmull_s32(vget_high_s32(sums), vget_high_s32(m)), back_high);
	return vcombine_s32(vmovn_s64(low), vmovn_s64(high));
}

static inline uint8x16_t bytes_of(
    const int32x4_t values[QUARTERS], const struct network_operator *op, int zero_point)
{
	uint16x4_t words[QUARTERS];
	for (int q = 0; q < QUARTERS; q++) {
		int32x4_t value = vaddq_s32(values[q], vdupq_n_s32(zero_point));
		value = vminq_s32(vmaxq_s32(value, vdupq_n_s32(op->least)), vdupq_n_s32(op->most));
		words[q] = vmovn_u32(vreinterpretq_u32_s32(value));
	}
	return vcombine_u8(
	    vmovn_u16(vcombine_u16(words[0], words[1])), vmovn_u16(vcombine_u16(words[2], words[3])));
}

static inline void put(const struct conv *conv, const int32x4_t sums[QUARTERS], uint8_t *out, int from)
{
	int32x4_t values[QUARTERS];
	uint8_t bytes[NETWORK_BLOCK];
	int left = conv->out.channels - from;
	for (int q = 0; q < QUARTERS; q++)
		values[q] = wide(sums[q], conv->multipliers + from + 4 * q, conv->shifts + from + 4 * q);
	vst1q_u8(bytes, bytes_of(values, conv->op, conv->out.zero_point));
	memcpy(out, bytes, (size_t)(left < NETWORK_BLOCK ? left : NETWORK_BLOCK));
}

/* 16 weights of one input against one of its values. */
static inline void multiply(int32x4_t sums[QUARTERS], int8x16_t weights, int16_t x)
{
	int16x8_t low = vmovl_s8(vget_low_s8(weights)), high = vmovl_s8(vget_high_s8(weights));
	sums[0] = vmlal_n_s16(sums[0], vget_low_s16(low), x);
	sums[1] = vmlal_n_s16(sums[1], vget_high_s16(low), x);
	sums[2] = vmlal_n_s16(sums[2], vget_low_s16(high), x);
	sums[3] = vmlal_n_s16(sums[3], vget_high_s16(high), x);
}

static inline __attribute__((always_inline)) void tile(
    const struct conv *conv, const uint8_t *in, uint8_t *out, int from, const int pixels)
{
	int32x4_t sums[PIXELS_MAX][QUARTERS];
	const int run = conv->op->kernel_width * conv->in.pixel, step = conv->op->stride_x * conv->in.pixel;
	const int8_t *w = conv->weights + (size_t)from * (size_t)conv->op->kernel_height * (size_t)run;
	for (int p = 0; p < pixels; p++)
		for (int q = 0; q < QUARTERS; q++)
			sums[p][q] = vld1q_s32(conv->bias + from + 4 * q);
	for (int ky = 0; ky < conv->op->kernel_height; ky++, in += conv->in.row) {
		for (int k = 0; k < run; k += NETWORK_GROUP, w += NETWORK_BLOCK * NETWORK_GROUP) {
			int8x16x4_t weights = vld4q_s8(w);
			for (int p = 0; p < pixels; p++) {
				const uint8_t *x = in + k + p * step;
				for (int i = 0; i < NETWORK_GROUP; i++)
					multiply(sums[p], weights.val[i], x[i]);
			}
		}
	}
	for (int p = 0; p < pixels; p++)
		put(conv, sums[p], out + p * conv->out.pixel + from, from);
}

static void strip(const struct conv *conv, int from)
{
	const uint8_t *first =
	    conv->in.at - conv->op->pad_top * conv->in.row - conv->op->pad_left * conv->in.pixel;
	int step = conv->op->stride_x * conv->in.pixel;
	for (int y = 0; y < conv->out.height; y++) {
		const uint8_t *in = first + y * conv->op->stride_y * conv->in.row;
		uint8_t *out = conv->out.at + y * conv->out.row;
		int x = 0;
		for (; x + PIXELS_MAX <= conv->out.width; x += PIXELS_MAX)
			tile(conv, in + x * step, out + x * conv->out.pixel, from, PIXELS_MAX);
		for (; x < conv->out.width; x++)
			tile(conv, in + x * step, out + x * conv->out.pixel, from, 1);
	}
}

static void conv_neon(const struct conv *conv)
{
	for (int from = 0; from < conv->out.channels; from += NETWORK_BLOCK)
		strip(conv, from);
}

static void add_neon(const struct addition *addition)
{
	for (int y = 0; y < addition->out.height; y++)
		kernels_add_row(addition, y, 0);
}

const struct kernels kernels_neon = {conv_neon, add_neon};
#else
typedef int nothing_for_this_processor;
#endif
