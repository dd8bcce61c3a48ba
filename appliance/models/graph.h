/* A network between its file of exchange and its quantised form: the few operators that the engine
 * knows, in order, in float32, for one cut at a time.
 *
 * Operator i makes tensor i + 1; tensor 0 is the input. A tensor is channels x height x width. Every
 * operator takes tensors that come before its own, so that a graph has no cycles by construction. */
#pragma once

#include "base/err.h"
#include "base/own.h"
#include "reading/network_file.h"

#include <stddef.h>
#include <stdint.h>

enum graph_kind {
	GRAPH_CONV,         /* depthwise and dense (a kernel as large as its input) included */
	GRAPH_ADD,          /* two tensors of one shape */
	GRAPH_MAX_POOL,
	GRAPH_AVERAGE_POOL, /* padding counts as zeros; global: a kernel as large as its input */
	GRAPH_CONCAT,       /* along the channels */
};

enum {
	/* Fewer than the file holds: it has an operator more for each input of a concatenation. */
	GRAPH_OPERATORS_MAX = 400,
	GRAPH_INPUTS_MAX = 32, /* of one concatenation */
	GRAPH_OUTPUTS_MAX = 16,
	GRAPH_NAME_SIZE = 96,
	GRAPH_SIDE_MAX = NETWORK_SIDE_MAX,
	GRAPH_CHANNELS_MAX = NETWORK_CHANNELS_MAX,
	/* Values of one tensor, weights of one operator: 32 MiB of floats. */
	GRAPH_VALUES_MAX = 8 << 20,
	/* Values of all tensors: 256 MiB of floats. */
	GRAPH_TOTAL_MAX = 64 << 20,
};
/* Multiplications for one cut. */
#define GRAPH_WORK_MAX NETWORK_WORK_MAX

struct graph_shape {
	int channels, height, width;
};

struct graph_operator {
	enum graph_kind kind;
	char name[GRAPH_NAME_SIZE]; /* for sentences: "Conv /body/0" */
	int inputs[GRAPH_INPUTS_MAX]; /* tensors */
	int inputs_count;
	struct graph_shape shape; /* of what it makes */
	int kernel_height, kernel_width, stride_height, stride_width;
	int pad_top, pad_left, pad_bottom, pad_right;
	int groups;
	float *weights; /* [channels][input channels / groups][kernel_height][kernel_width] */
	float *bias;    /* [channels] */
	float low, high; /* what it makes is clamped to these; infinite: not */
};

struct graph_output {
	char name[GRAPH_NAME_SIZE];
	int tensor;
};

struct graph {
	struct graph_shape input;
	struct graph_operator operators[GRAPH_OPERATORS_MAX];
	int operators_count;
	struct graph_output outputs[GRAPH_OUTPUTS_MAX];
	int outputs_count;
};

/* NULL without memory. */
struct graph *graph_new(struct graph_shape input);
void graph_free(struct graph *graph);
OWN_DEFINE(struct graph *, graph_free)

size_t graph_values(struct graph_shape shape);
struct graph_shape graph_shape_of(const struct graph *graph, int tensor);

/* An operator of this kind that takes `input`: kernel and stride 1, no padding, one group, no clamp. */
struct graph_operator graph_operator(enum graph_kind kind, int input, const char *name);
/* Appends it, takes its weights and bias whatever happens, and computes its shape. A convolution's
 * shape.channels is given by the caller, with weights and bias of that size. ERR_UNSUPPORTED or
 * ERR_BAD_INPUT names the operator. */
bool graph_append(struct graph *graph, const struct graph_operator *operator, int *ret_tensor,
    struct err *err);
size_t graph_weights_count(const struct graph *graph, const struct graph_operator *operator);

/* Runs it. values[t] has room for tensor t; values[0] is the input. */
void graph_run(const struct graph *graph, float *const *values);
/* One operator of it. */
void graph_run_operator(const struct graph *graph, int number, float *const *values);
/* Room for every tensor of a graph; NULL without memory. */
float **graph_values_new(const struct graph *graph);
void graph_values_free(float **values);
OWN_DEFINE(float **, graph_values_free)
