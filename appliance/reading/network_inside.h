/* What the files of the network share: where everything lies once a file has been checked. */
#pragma once

#include "reading/kernels.h"
#include "reading/network.h"

/* Where a tensor lies in the scratch: rows of pixels, a pixel's channels side by side, filled up to a
 * multiple of NETWORK_GROUP; around it a border of `border` pixels of the zero point, as wide as the
 * widest padding of those that read it, so that no kernel needs to know of edges. */
struct network_place {
	size_t at; /* of pixel (0, 0) */
	int row, pixel; /* bytes */
	int border;
};

struct network {
	const uint8_t *bytes;
	size_t size;
	const struct network_head *head;
	const struct network_tensor *tensors;
	const struct network_operator *operators;
	const struct network_output *outputs;
	const struct network_calibration *calibration;
	const struct kernels *kernels;
	struct network_place *places; /* of the tensors */
	size_t scratch_size;
	int64_t work;
	int output[NETWORK_OUTPUT_KINDS]; /* tensor, -1: none */
};

/* Holds the file against itself: head, tables, operators, outputs, calibration; sets the pointers, the
 * outputs and the work. */
bool network_check(struct network *network, struct err *err);

static inline int round_up(int value, int to)
{
	return (value + to - 1) / to * to;
}
