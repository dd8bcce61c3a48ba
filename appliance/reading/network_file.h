/* The network file, "network.bin": one convolutional network with quantised weights and what its
 * answers are worth, laid out so that it is mapped, checked once and then used as it lies. Written by
 * network_write.h, read by network.h.
 *
 *   0                      64                       each next part at a multiple of 64
 *   | struct network_head  | tensors | operators | outputs | calibration | weights, biases, scales ... |
 *
 * All numbers are little endian; every offset counts from the start of the file and is a multiple of 64.
 * What is not used is zero.
 *
 * Tensors are pictures of height x width x channels values. A value is a u8 q that stands for
 * scale x (q - zero_point); the scale itself is nobody's business here, it is folded into the
 * operators. Tensor 0 is the input: planes x side x side, the cut's pixels as they are. The s32
 * tensors, 1 x 1 x channels, are the heads' answers in 1/256 of a bit: 256 more doubles the odds.
 *
 * Operators run in their order. Each writes one tensor that nothing wrote before (concat: a run of its
 * channels, from the first on, in order) and reads tensors that are finished.
 *
 *   conv      o = clamp(zero_point + wide(bias + sum of w q)), per output channel; padding counts as the
 *             input's zero point. The bias in the file has -zero_point x (sum of the weights) in it
 *             already. A dense layer is a conv whose kernel is its whole input. Into an s32 tensor:
 *             no zero point, no clamp.
 *   average   o = clamp(zero_point + wide(sum of (q - zero_point of the input))), the scale holding
 *             1 / (kernel height x width); padding counts as the zero point
 *   largest   o = max of q over what lies inside; both tensors have one scale
 *   add       o = clamp(zero_point + narrow((q - z) m + (q2 - z2) m2))
 *   concat    o = clamp(zero_point + narrow((q - z) m)), into channels from `channel` on
 *
 *   clamp     to least..most: a ReLU is least = the zero point
 *   wide(a)   (a x multiplier + 2^(shift - 1)) >> shift in 64 bits, 0 <= multiplier < 2^31, 32 <= shift <= 62
 *   narrow(a) (a + 2^(shift - 1)) >> shift in 32 bits, |m| and |m2| <= 2^21, 1 <= shift <= 24
 *
 * So halves round up, and nothing depends on how a processor adds.
 *
 * Weights of a conv with one group are blocks of 16 output channels (the last filled up with zeros),
 * which suits kernels that multiply four u8 by four s8 at once, whatever their width:
 *
 *   [output / 16][kernel y][kernel x][input / 4][output % 16][input % 4]
 *
 * of a conv with more groups, each of i = channels / groups inputs: [kernel y][kernel x][output][i].
 *
 * Biases: s32 per output channel. Scales: s32 multipliers, then u32 shifts. All three arrays are filled
 * up to a multiple of 16: bias 0, multiplier 0, shift 32. Average has scales of one entry (filled up).
 *
 * Calibration: struct network_calibration; then, where the file has an embedding and centroids, at
 * `centroids` centroids_count x dimensions u16 in 1/16 of a step of the embedding's q, and at
 * `dimension_weights` dimensions u16.
 */
#pragma once

#include "model/stage.h"

#include <stdint.h>

#define NETWORK_MAGIC "DAYBRNET"
enum {
	NETWORK_VERSION = 1,
	NETWORK_ALIGN = 64,
	NETWORK_BLOCK = 16, /* output channels of a block of weights */
	NETWORK_GROUP = 4,  /* input channels that are multiplied at once */

	/* Deep networks of the usual kind have under 200 operators; 512 is room. */
	NETWORK_TENSORS_MAX = 512,
	NETWORK_OPERATORS_MAX = 512,
	NETWORK_SIDE_MAX = 1024,
	NETWORK_CHANNELS_MAX = 4096,
	NETWORK_STRIDE_MAX = 64,
	NETWORK_PAD_MAX = 16,
	/* Weights of one output channel: 255 x 128 of each and the bias stay inside 32 bits. */
	NETWORK_DEPTH_MAX = 32768,
	NETWORK_BIAS_MAX = 1 << 30,
	NETWORK_WIDE_SHIFT_LEAST = 32,
	NETWORK_WIDE_SHIFT_MOST = 62,
	NETWORK_NARROW_MAX = 1 << 21,
	NETWORK_NARROW_SHIFT_MOST = 24,
	/* All tensors together: ResNet-50 at 128 x 128 needs 6 MiB. */
	NETWORK_SCRATCH_MAX = 128 << 20,

	NETWORK_BINS = 5,             /* of fragmentation */
	NETWORK_CONFIDENCE_STEPS = 17,
	NETWORK_UNFAMILIAR_STEPS = 41,
	NETWORK_CENTROIDS_MAX = 1024,
	NETWORK_LOGIT_ONE = 256,      /* one bit */
};
/* Multiplications of one run, so that no file can hang its reader: 4 seconds of plain C. */
#define NETWORK_WORK_MAX 4000000000LL

struct network_head {
	char magic[8];
	uint32_t version;
	uint32_t size; /* of the whole file */
	uint32_t tensors, tensors_count;     /* struct network_tensor */
	uint32_t operators, operators_count; /* struct network_operator */
	uint32_t outputs, outputs_count;     /* struct network_output */
	uint32_t calibration;                /* struct network_calibration */
	uint32_t unused[5];
};

enum network_tensor_kind { NETWORK_U8, NETWORK_S32 };

struct network_tensor {
	uint16_t height, width, channels;
	uint8_t kind;
	uint8_t zero_point;
};

enum network_operator_kind {
	NETWORK_CONV = 1,
	NETWORK_AVERAGE,
	NETWORK_LARGEST,
	NETWORK_ADD,
	NETWORK_CONCAT,
	NETWORK_OPERATOR_KINDS
};

struct network_operator {
	uint16_t kind;
	uint16_t input, second, output;               /* tensors; second: of add */
	uint16_t kernel_height, kernel_width;         /* of conv and pools */
	uint16_t stride_y, stride_x;
	uint16_t pad_top, pad_left, pad_bottom, pad_right;
	uint32_t groups;                              /* of conv; channels: depthwise */
	uint32_t weights, bias, scales;               /* conv; average has scales alone */
	int32_t multiplier, second_multiplier;        /* add and concat */
	uint32_t shift;
	uint16_t channel;                             /* concat */
	uint8_t least, most;                          /* clamp */
	uint32_t unused[2];
};

/* stage: 17 logits in the order of STAGE_TABLE. fragmentation: NETWORK_BINS logits. uneven,
 * multinucleated: one logit each. These four are s32 tensors. embedding: a u8 tensor 1 x 1 x dimensions.
 * All but stage may be missing. */
enum network_output_kind {
	NETWORK_STAGE = 1,
	NETWORK_FRAGMENTATION,
	NETWORK_UNEVEN,
	NETWORK_MULTINUCLEATED,
	NETWORK_EMBEDDING,
	NETWORK_OUTPUT_KINDS
};

struct network_output {
	uint16_t kind;
	uint16_t tensor;
};

struct network_calibration {
	/* Permille of top stages that were right, and of counts of cells, where the reader gave them
	 * probability 0, 1/16 ... 1; linear between. */
	uint16_t stage[NETWORK_CONFIDENCE_STEPS];
	uint16_t cells[NETWORK_CONFIDENCE_STEPS];
	uint16_t bins_permille[NETWORK_BINS]; /* share of the volume that a bin stands for */
	uint16_t unused;
	uint32_t dimensions, centroids_count; /* 0: no unfamiliar score */
	uint32_t centroids, dimension_weights;
	/* Sum of weight x (16 q - centroid)^2 to the nearest centroid: the quantiles 0, 1/40 ... 1 of
	 * pictures kept out of training, rising. Beyond the last all is unfamiliar. */
	uint64_t unfamiliar[NETWORK_UNFAMILIAR_STEPS];
};

_Static_assert(sizeof(struct network_head) == 64, "as drawn");
_Static_assert(sizeof(struct network_tensor) == 8, "as drawn");
_Static_assert(sizeof(struct network_operator) == 64, "as drawn");
_Static_assert(sizeof(struct network_output) == 4, "as drawn");
_Static_assert(sizeof(struct network_calibration) == 424, "as drawn");
