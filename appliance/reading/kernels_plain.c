/* The network's operators in plain C: what each is, without a trick. */
#include "reading/kernels.h"

#include <stdbool.h>
#include <string.h>

static inline int32_t wide(int32_t sum, int32_t multiplier, uint32_t shift)
{
	return (int32_t)(((int64_t)sum * multiplier + ((int64_t)1 << (shift - 1))) >> shift);
}

static inline uint8_t clamp(int32_t value, const struct network_operator *op)
{
	return (uint8_t)(value < op->least ? op->least : value > op->most ? op->most : value);
}

/* The window's first tap of an output pixel. It may lie in the border. */
static const uint8_t *window_at(const struct conv *conv, int y, int x)
{
	const struct network_operator *op = conv->op;
	return conv->in.at + (y * op->stride_y - op->pad_top) * conv->in.row +
	    (x * op->stride_x - op->pad_left) * conv->in.pixel;
}

/* 16 output channels of one pixel. A row of the window is one run of bytes, and so are its weights. */
static void sum_block(const struct conv *conv, const uint8_t *in, int block, int32_t sums[NETWORK_BLOCK])
{
	int run = conv->op->kernel_width * conv->in.pixel;
	const int8_t *w = conv->weights + (size_t)block * conv->op->kernel_height * run * NETWORK_BLOCK;
	memcpy(sums, conv->bias + block * NETWORK_BLOCK, NETWORK_BLOCK * sizeof *sums);
	for (int ky = 0; ky < conv->op->kernel_height; ky++, in += conv->in.row)
		for (int k = 0; k < run; k += NETWORK_GROUP, w += NETWORK_BLOCK * NETWORK_GROUP)
			for (int o = 0; o < NETWORK_BLOCK; o++)
				sums[o] += w[4 * o] * in[k] + w[4 * o + 1] * in[k + 1] +
				    w[4 * o + 2] * in[k + 2] + w[4 * o + 3] * in[k + 3];
}

static int left_of(const struct conv *conv, int from)
{
	int left = conv->out.channels - from;
	return left < NETWORK_BLOCK ? left : NETWORK_BLOCK;
}

static void conv_pixel(const struct conv *conv, int y, int x)
{
	const uint8_t *in = window_at(conv, y, x);
	uint8_t *out = conv->out.at + y * conv->out.row + x * conv->out.pixel;
	int32_t sums[NETWORK_BLOCK];
	for (int from = 0; from < conv->out.channels; from += NETWORK_BLOCK) {
		sum_block(conv, in, from / NETWORK_BLOCK, sums);
		for (int o = 0; o < left_of(conv, from); o++)
			out[from + o] = clamp(conv->out.zero_point +
			        wide(sums[o], conv->multipliers[from + o], conv->shifts[from + o]),
			    conv->op);
	}
}

static void conv_plain(const struct conv *conv)
{
	for (int y = 0; y < conv->out.height; y++)
		for (int x = 0; x < conv->out.width; x++)
			conv_pixel(conv, y, x);
}

void kernels_conv_logits(const struct conv *conv)
{
	int32_t sums[NETWORK_BLOCK], *out = (int32_t *)(void *)conv->out.at;
	for (int from = 0; from < conv->out.channels; from += NETWORK_BLOCK) {
		sum_block(conv, window_at(conv, 0, 0), from / NETWORK_BLOCK, sums);
		for (int o = 0; o < left_of(conv, from); o++)
			out[from + o] = wide(sums[o], conv->multipliers[from + o], conv->shifts[from + o]);
	}
}

/* One output channel of one pixel, inputs of its group alone. */
static int32_t sum_grouped(const struct conv *conv, const uint8_t *in, int o, int inputs)
{
	const int8_t *w = conv->weights + (size_t)o * (size_t)inputs;
	int32_t sum = conv->bias[o];
	for (int ky = 0; ky < conv->op->kernel_height; ky++, in += conv->in.row) {
		const uint8_t *tap = in;
		for (int kx = 0; kx < conv->op->kernel_width; kx++, tap += conv->in.pixel) {
			for (int i = 0; i < inputs; i++)
				sum += w[i] * tap[i];
			w += (size_t)conv->out.channels * (size_t)inputs;
		}
	}
	return sum;
}

static void sums_grouped(const struct conv *conv, const uint8_t *in, int32_t *sums)
{
	int inputs = conv->in.channels / (int)conv->op->groups;
	int outputs = conv->out.channels / (int)conv->op->groups;
	for (int o = 0; o < conv->out.channels; o++)
		sums[o] = sum_grouped(conv, in + o / outputs * inputs, o, inputs);
}

/* A group for every channel: all of them side by side, which a compiler turns into vectors. */
static void sums_depthwise(const struct conv *conv, const uint8_t *in, int32_t *restrict sums)
{
	const int8_t *w = conv->weights;
	int channels = conv->out.channels;
	memcpy(sums, conv->bias, (size_t)channels * sizeof *sums);
	for (int ky = 0; ky < conv->op->kernel_height; ky++, in += conv->in.row)
		for (int kx = 0; kx < conv->op->kernel_width; kx++, w += channels) {
			const uint8_t *tap = in + kx * conv->in.pixel;
			for (int c = 0; c < channels; c++)
				sums[c] += w[c] * tap[c];
		}
}

void kernels_conv_grouped(const struct conv *conv)
{
	int32_t sums[NETWORK_CHANNELS_MAX];
	int channels = conv->out.channels, groups = (int)conv->op->groups;
	bool depthwise = conv->in.channels == groups && channels == groups;
	for (int y = 0; y < conv->out.height; y++)
		for (int x = 0; x < conv->out.width; x++) {
			uint8_t *out = conv->out.at + y * conv->out.row + x * conv->out.pixel;
			(depthwise ? sums_depthwise : sums_grouped)(conv, window_at(conv, y, x), sums);
			for (int o = 0; o < channels; o++)
				out[o] = clamp(conv->out.zero_point +
				        wide(sums[o], conv->multipliers[o], conv->shifts[o]),
				    conv->op);
		}
}

/* The part of a pool's window that lies inside the picture. */
struct inside {
	int top, left, bottom, right;
};

static struct inside inside_of(const struct conv *pool, int y, int x)
{
	const struct network_operator *op = pool->op;
	int top = y * op->stride_y - op->pad_top, left = x * op->stride_x - op->pad_left;
	int bottom = top + op->kernel_height, right = left + op->kernel_width;
	return (struct inside){top < 0 ? 0 : top, left < 0 ? 0 : left,
	    bottom > pool->in.height ? pool->in.height : bottom,
	    right > pool->in.width ? pool->in.width : right};
}

static int32_t sum_inside(const struct picture *in, struct inside inside, int channel)
{
	int32_t sum = 0;
	for (int y = inside.top; y < inside.bottom; y++)
		for (int x = inside.left; x < inside.right; x++)
			sum += in->at[y * in->row + x * in->pixel + channel] - in->zero_point;
	return sum;
}

void kernels_average(const struct conv *average)
{
	const struct picture *out = &average->out;
	for (int y = 0; y < out->height; y++)
		for (int x = 0; x < out->width; x++)
			for (int c = 0; c < out->channels; c++) {
				int32_t sum = sum_inside(&average->in, inside_of(average, y, x), c);
				out->at[y * out->row + x * out->pixel + c] = clamp(out->zero_point +
				        wide(sum, average->multipliers[0], average->shifts[0]),
				    average->op);
			}
}

void kernels_largest(const struct conv *largest)
{
	const struct picture *in = &largest->in, *out = &largest->out;
	for (int y = 0; y < out->height; y++)
		for (int x = 0; x < out->width; x++) {
			struct inside inside = inside_of(largest, y, x);
			uint8_t *to = out->at + y * out->row + x * out->pixel;
			memset(to, 0, (size_t)out->channels);
			for (int iy = inside.top; iy < inside.bottom; iy++)
				for (int ix = inside.left; ix < inside.right; ix++) {
					const uint8_t *from = in->at + iy * in->row + ix * in->pixel;
					for (int c = 0; c < out->channels; c++)
						to[c] = from[c] > to[c] ? from[c] : to[c];
				}
		}
}

static inline uint8_t narrow(int32_t sum, const struct picture *out, const struct network_operator *op)
{
	return clamp(out->zero_point + ((sum + (1 << (op->shift - 1))) >> op->shift), op);
}

/* The bytes of a row from `from` on: pixels lie without gaps, and what fills a pixel up is never used. */
void kernels_add_row(const struct addition *addition, int y, int from)
{
	const struct network_operator *op = addition->op;
	const uint8_t *one = addition->one.at + y * addition->one.row;
	const uint8_t *two = addition->two.at + y * addition->two.row;
	uint8_t *out = addition->out.at + y * addition->out.row;
	for (int i = from; i < addition->out.width * addition->out.pixel; i++)
		out[i] = narrow((one[i] - addition->one.zero_point) * op->multiplier +
		        (two[i] - addition->two.zero_point) * op->second_multiplier,
		    &addition->out, op);
}

static void add_plain(const struct addition *addition)
{
	for (int y = 0; y < addition->out.height; y++)
		kernels_add_row(addition, y, 0);
}

void kernels_concat(const struct addition *concat)
{
	const struct picture *in = &concat->one, *out = &concat->out;
	for (int y = 0; y < out->height; y++)
		for (int x = 0; x < out->width; x++) {
			const uint8_t *from = in->at + y * in->row + x * in->pixel;
			uint8_t *to = out->at + y * out->row + x * out->pixel + concat->op->channel;
			for (int c = 0; c < in->channels; c++)
				to[c] = narrow(
				    (from[c] - in->zero_point) * concat->op->multiplier, out, concat->op);
		}
}

const struct kernels kernels_plain = {conv_plain, add_plain};
