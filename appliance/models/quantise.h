/* A float graph to a network file of integers (reading/network_file.h).
 *
 * Weights: one scale for each output channel, symmetric. Activations: one scale and zero point for each
 * tensor, chosen over sample cuts (ranges.h). Biases are corrected by what rounding the weights shifts
 * the mean of each channel (Nagel et al. 2019, "Data-free quantization through weight equalization and
 * bias correction", section 4.2, with measured means). The result is run by the engine on the same cuts
 * and held against the floats. */
#pragma once

#include "base/buf.h"
#include "models/graph.h"
#include "models/manifest.h"
#include "models/samples.h"

/* How far the integers lie from the floats, over all sample cuts. */
struct quantise_error {
	enum network_output_kind kind;
	double mean, most; /* absolute; of logits / temperature, in nats; of the embedding in its own unit */
	double spread;     /* standard deviation of the floats, to hold them against */
	double same;       /* share of cuts whose largest logit, or sign of the only one, is the same; embedding: 1 */
};

struct quantise_report {
	struct quantise_error errors[MANIFEST_HEADS_MAX]; /* of the manifest's heads */
	int errors_count;
	size_t cuts, bytes;
	int64_t work; /* multiplications for a cut */
};

/* The graph's outputs have the manifest's names. ERR_BAD_INPUT and ERR_UNSUPPORTED: what is asked for is
 * not in the network, or not of that shape. */
bool quantise(const struct graph *graph, const struct manifest *manifest, const struct samples *samples,
    struct buf *to, struct quantise_report *ret_report, struct err *err);
