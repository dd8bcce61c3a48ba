/* ONNX files made on the spot, for tests of the importer. */
#pragma once

#include "unit/unit.h"

#include "base/buf.h"
#include "model/stage.h"
#include "onnx.pb-c.h"

#include <string.h>

enum { NET_MAX = 64, NET_DIMS = 4, NET_ENDS = 4 };

struct net_node {
	Onnx__Node node;
	char *inputs[NET_ENDS], *outputs[1];
	Onnx__Attribute attributes[NET_ENDS], *attributes_at[NET_ENDS];
	int64_t ints[NET_ENDS][8];
};

struct net {
	Onnx__Model model;
	Onnx__Graph graph;
	Onnx__OperatorSet set, *sets[1];
	struct net_node nodes[NET_MAX];
	Onnx__Node *nodes_at[NET_MAX];
	Onnx__Tensor constants[NET_MAX], *constants_at[NET_MAX];
	int64_t dims[NET_MAX][NET_DIMS];
	Onnx__Value inputs[2], *inputs_at[2], outputs[8], *outputs_at[8];
};

static inline char *net_text(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* One input, "cut", of no declared shape. */
static inline void net_start(struct net *net)
{
	*net = (struct net){
	    .model = ONNX__MODEL__INIT, .graph = ONNX__GRAPH__INIT, .set = ONNX__OPERATOR_SET__INIT};
	net->model.graph = &net->graph;
	net->set.has_version = true;
	net->set.version = 10;
	net->sets[0] = &net->set;
	net->model.n_opset_import = 1;
	net->model.opset_import = net->sets;
	net->graph.node = net->nodes_at;
	net->graph.initializer = net->constants_at;
	net->graph.input = net->inputs_at;
	net->graph.output = net->outputs_at;
	net->inputs[0] = (Onnx__Value)ONNX__VALUE__INIT;
	net->inputs[0].name = net_text("cut");
	net->inputs_at[0] = &net->inputs[0];
	net->graph.n_input = 1;
}

/* Float weights; floats are kept, not copied. dims ends with 0 or after NET_DIMS. */
static inline void net_constant(struct net *net, const char *name, const int64_t *dims, const float *floats)
{
	size_t i = net->graph.n_initializer++, count = 1;
	Onnx__Tensor *tensor = &net->constants[i];
	*tensor = (Onnx__Tensor)ONNX__TENSOR__INIT;
	tensor->name = net_text(name);
	tensor->has_data_type = true;
	tensor->data_type = 1;
	tensor->dims = net->dims[i];
	while (tensor->n_dims < NET_DIMS && dims[tensor->n_dims]) {
		net->dims[i][tensor->n_dims] = dims[tensor->n_dims];
		count *= (size_t)dims[tensor->n_dims++];
	}
	tensor->has_raw_data = true;
	tensor->raw_data = (ProtobufCBinaryData){4 * count, (uint8_t *)(uintptr_t)floats};
	net->constants_at[i] = tensor;
}

static inline struct net_node *net_node(
    struct net *net, const char *kind, const char *output, const char *const *inputs)
{
	size_t i = net->graph.n_node++;
	struct net_node *node = &net->nodes[i];
	node->node = (Onnx__Node)ONNX__NODE__INIT;
	node->node.op_type = net_text(kind);
	node->node.name = net_text(output);
	node->node.input = node->inputs;
	node->node.output = node->outputs;
	node->node.attribute = node->attributes_at;
	node->outputs[0] = net_text(output);
	node->node.n_output = 1;
	for (; node->node.n_input < NET_ENDS && inputs[node->node.n_input]; node->node.n_input++)
		node->inputs[node->node.n_input] = net_text(inputs[node->node.n_input]);
	net->nodes_at[i] = &node->node;
	return node;
}
#define NET_FROM(...) (const char *const[]){__VA_ARGS__, NULL}
#define NET_DIM(...) (const int64_t[]){__VA_ARGS__, 0}

static inline Onnx__Attribute *net_attribute(struct net_node *node, const char *name)
{
	size_t i = node->node.n_attribute++;
	node->attributes[i] = (Onnx__Attribute)ONNX__ATTRIBUTE__INIT;
	node->attributes[i].name = net_text(name);
	node->attributes_at[i] = &node->attributes[i];
	return &node->attributes[i];
}

static inline void net_int(struct net_node *node, const char *name, int64_t value)
{
	Onnx__Attribute *attribute = net_attribute(node, name);
	attribute->has_i = true;
	attribute->i = value;
}

static inline void net_float(struct net_node *node, const char *name, float value)
{
	Onnx__Attribute *attribute = net_attribute(node, name);
	attribute->has_f = true;
	attribute->f = value;
}

/* count times the same number, or count different ones. */
static inline void net_ints(struct net_node *node, const char *name, size_t count, const int64_t *values)
{
	int64_t *to = node->ints[node->node.n_attribute];
	Onnx__Attribute *attribute = net_attribute(node, name);
	memcpy(to, values, count * sizeof *to);
	attribute->n_ints = count;
	attribute->ints = to;
}
#define NET_INTS(...) (const int64_t[]){__VA_ARGS__}

static inline void net_output(struct net *net, const char *name)
{
	size_t i = net->graph.n_output++;
	net->outputs[i] = (Onnx__Value)ONNX__VALUE__INIT;
	net->outputs[i].name = net_text(name);
	net->outputs_at[i] = &net->outputs[i];
}

/* Replaces what `to` held. */
static inline void net_pack(const struct net *net, struct buf *to)
{
	buf_clear(to);
	uint8_t *bytes = buf_grow(to, onnx__model__get_packed_size(&net->model));
	assert_non_null(bytes);
	onnx__model__pack(&net->model, bytes);
}

/* Numbers that look like weights, always the same. */
static inline void net_fill(float *floats, size_t count, uint32_t seed, float size)
{
	for (size_t i = 0; i < count; i++) {
		seed = seed * 1664525 + 1013904223;
		floats[i] = ((float)(seed >> 8) / (1 << 24) - 0.5f) * 2 * size;
	}
}

/* A whole small reader: 3 planes, two strided convolutions, a pool to "embedding" (8), "stage" (STAGE_COUNT) and "uneven". */
static inline void net_reader(struct net *net)
{
	static float first[4 * 3 * 5 * 5], second[8 * 4 * 3 * 3], stage[STAGE_COUNT * 8], uneven[8];
	static const float bias[4] = {0.1f, -0.1f, 0.2f, 0};
	net_fill(first, sizeof first / sizeof *first, 1, 0.3f);
	net_fill(second, sizeof second / sizeof *second, 2, 0.4f);
	net_fill(stage, sizeof stage / sizeof *stage, 3, 2);
	net_fill(uneven, sizeof uneven / sizeof *uneven, 4, 2);
	net_start(net);
	net_constant(net, "w1", NET_DIM(4, 3, 5, 5), first);
	net_constant(net, "b1", NET_DIM(4), bias);
	net_constant(net, "w2", NET_DIM(8, 4, 3, 3), second);
	net_constant(net, "w3", NET_DIM(STAGE_COUNT, 8), stage);
	net_constant(net, "w4", NET_DIM(8, 1), uneven);
	struct net_node *node = net_node(net, "Conv", "c1", NET_FROM("cut", "w1", "b1"));
	net_ints(node, "strides", 2, NET_INTS(4, 4));
	net_ints(node, "pads", 4, NET_INTS(2, 2, 2, 2));
	net_node(net, "Relu", "r1", NET_FROM("c1"));
	node = net_node(net, "Conv", "c2", NET_FROM("r1", "w2"));
	net_ints(node, "strides", 2, NET_INTS(2, 2));
	net_node(net, "Relu", "r2", NET_FROM("c2"));
	net_node(net, "GlobalAveragePool", "g", NET_FROM("r2"));
	net_node(net, "Flatten", "embedding", NET_FROM("g"));
	node = net_node(net, "Gemm", "s", NET_FROM("embedding", "w3"));
	net_int(node, "transB", 1);
	net_node(net, "Softmax", "stage", NET_FROM("s"));
	net_node(net, "MatMul", "uneven", NET_FROM("embedding", "w4"));
	net_output(net, "stage");
	net_output(net, "uneven");
	net_output(net, "embedding");
}
