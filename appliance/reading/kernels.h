/* The arithmetic of the network's operators. One set of kernels for each kind of processor; all give the
 * same bits, because they add whole numbers without loss and round in one way (network_file.h). Plain C is
 * the definition, and does whatever our own network does not spend its time on. */
#pragma once

#include "reading/network_file.h"

#include <stddef.h>

/* A u8 or s32 tensor in memory: see struct network_place. */
struct picture {
	uint8_t *at; /* pixel (0, 0); s32: int32_t[channels] */
	int height, width, channels;
	int row, pixel;
	uint8_t kind, zero_point;
};

struct conv {
	struct picture in, out;
	const struct network_operator *op;
	const int8_t *weights;
	const int32_t *bias, *multipliers;
	const uint32_t *shifts;
};

struct addition {
	struct picture one, two, out;
	const struct network_operator *op;
};

struct kernels {
	/* One group, u8 out. */
	void (*conv)(const struct conv *conv);
	void (*add)(const struct addition *addition);
};

extern const struct kernels kernels_plain;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2, kernels_vnni;
#elif defined(__aarch64__)
extern const struct kernels kernels_neon;
#endif

/* Plain C for all. */
void kernels_conv_logits(const struct conv *conv);
void kernels_conv_grouped(const struct conv *conv);
void kernels_average(const struct conv *average);
void kernels_largest(const struct conv *largest);
void kernels_concat(const struct addition *concat);
void kernels_add_row(const struct addition *addition, int y, int from);
