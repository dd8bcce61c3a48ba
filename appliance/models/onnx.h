/* ONNX in, a graph out. The usual operators of a convolutional network are taken (Conv,
 * BatchNormalization, Relu, Clip, MaxPool, AveragePool, GlobalAveragePool, ReduceMean over a picture,
 * Add, Concat, Pad, Flatten, Reshape, Gemm, MatMul, Identity, Dropout, Constant; on an output Softmax,
 * LogSoftmax and Sigmoid, which the reader does itself); any other is refused by its name and its
 * node's.
 *
 * Batch normalisations, added constants and clamps are folded into the convolution before them where
 * nothing else looks at what it makes. Nothing of the file is trusted: sizes, shapes, order and names
 * are checked before they are used. */
#pragma once

#include "models/graph.h"

/* What an output was put through last; the graph ends before it. */
enum onnx_ending { ONNX_PLAIN, ONNX_SOFTMAX, ONNX_SIGMOID };

struct onnx {
	struct graph *graph;
	enum onnx_ending endings[GRAPH_OUTPUTS_MAX]; /* of graph->outputs */
};

/* The network takes one picture of this shape (its batch dimension may be anything). ERR_DAMAGED: not
 * ONNX, or cut off; ERR_UNSUPPORTED: an operator or attribute that the engine lacks; ERR_BAD_INPUT:
 * shapes or names that do not fit. */
bool onnx_parse(const uint8_t *bytes, size_t size, struct graph_shape input, struct onnx *ret_onnx,
    struct err *err);
