#include "unit/models/networks.h"

#include "models/onnx.h"

#include <math.h>

static struct err err;
static struct net net;
static struct buf bytes = BUF_INIT(64 << 20);
static const struct graph_shape pictures = {3, 128, 128}, small = {2, 4, 4};

static bool parse(struct graph_shape input, struct onnx *onnx)
{
	net_pack(&net, &bytes);
	return onnx_parse(bytes.data, bytes.size, input, onnx, &err);
}

/* The values of the first output for an input of 0, 1, 2 ... */
static size_t run_small(struct graph_shape input, float *to)
{
	struct onnx onnx;
	must(parse(input, &onnx));
	OWN(graph_free) struct graph *graph = onnx.graph;
	OWN(graph_values_free) float **values = graph_values_new(graph);
	for (size_t i = 0; i < graph_values(input); i++)
		values[0][i] = (float)i;
	graph_run(graph, values);
	int tensor = graph->outputs[0].tensor;
	size_t count = graph_values(graph_shape_of(graph, tensor));
	memcpy(to, values[tensor], count * sizeof *to);
	return count;
}

static void check(const float *values, size_t count, const float *expected, size_t expected_count)
{
	assert_int_equal(count, expected_count);
	for (size_t i = 0; i < count; i++)
		assert_float_equal(values[i], expected[i], 1e-4);
}
#define EXPECT(input, ...)                                                                         \
	do {                                                                                       \
		float got_[1024];                                                                  \
		const float want_[] = {__VA_ARGS__};                                               \
		check(got_, run_small(input, got_), want_, sizeof want_ / sizeof *want_);          \
	} while (0)

static void refused(struct graph_shape input, enum err_code code, const char *part)
{
	struct onnx onnx;
	must_fail(parse(input, &onnx), code);
	if (!strstr(err.detail, part))
		fail_msg("no \"%s\" in: %s", part, err.detail);
}

static void a_reader(void **state)
{
	(void)state;
	struct onnx onnx;
	net_reader(&net);
	must(parse(pictures, &onnx));
	OWN(graph_free) struct graph *graph = onnx.graph;
	/* Clamps went into the convolutions, Flatten and Softmax are gone. */
	assert_int_equal(graph->operators_count, 5);
	assert_int_equal(graph->outputs_count, 3);
	assert_string_equal(graph->outputs[0].name, "stage");
	assert_int_equal(onnx.endings[0], ONNX_SOFTMAX);
	assert_int_equal(onnx.endings[1], ONNX_PLAIN);
	assert_float_equal(graph->operators[0].low, 0, 0);
	assert_int_equal(graph->operators[1].shape.width, 15);
	assert_string_equal(graph->operators[0].name, "Conv c1");
}

static void normalisation_is_folded(void **state)
{
	(void)state;
	const float weights[] = {1, 0, 0, 2}, scale[] = {2, 3}, shift[] = {1, 0}, mean[] = {0, 10},
	            variance[] = {4, 1};
	for (int shared = 0; shared < 2; shared++) {
		net_start(&net);
		net_constant(&net, "w", NET_DIM(2, 2, 1, 1), weights);
		net_constant(&net, "scale", NET_DIM(2), scale);
		net_constant(&net, "shift", NET_DIM(2), shift);
		net_constant(&net, "mean", NET_DIM(2), mean);
		net_constant(&net, "variance", NET_DIM(2), variance);
		net_node(&net, "Conv", "c", NET_FROM("cut", "w"));
		struct net_node *node =
		    net_node(&net, "BatchNormalization", "n", NET_FROM("c", "scale", "shift", "mean"));
		char *inputs[5] = {
		    node->inputs[0], node->inputs[1], node->inputs[2], node->inputs[3], net_text("variance")};
		node->node.input = inputs;
		node->node.n_input = 5;
		net_float(node, "epsilon", 0);
		net_output(&net, "n");
		if (shared)
			net_output(&net, "c");
		struct onnx onnx;
		must(parse((struct graph_shape){2, 1, 1}, &onnx));
		assert_int_equal(onnx.graph->operators_count, 1 + shared);
		graph_free(onnx.graph);
		/* inputs 0 and 1 */
		EXPECT(((struct graph_shape){2, 1, 1}), 0 * 1 + 1, (2 - 10) * 3);
	}
}

static void clamps(void **state)
{
	(void)state;
	const float weights[] = {1};
	net_start(&net);
	net_constant(&net, "w", NET_DIM(1, 1, 1, 1), weights);
	net_node(&net, "Conv", "c", NET_FROM("cut", "w"));
	net_node(&net, "Relu", "r", NET_FROM("c"));
	struct net_node *node = net_node(&net, "Clip", "six", NET_FROM("r"));
	net_float(node, "max", 2);
	net_output(&net, "six");
	struct onnx onnx;
	must(parse((struct graph_shape){1, 2, 2}, &onnx));
	assert_int_equal(onnx.graph->operators_count, 1);
	graph_free(onnx.graph);
	EXPECT(((struct graph_shape){1, 2, 2}), 0, 1, 2, 2);
	/* What is clamped is looked at before, too: an operator of its own. */
	net_output(&net, "c");
	must(parse((struct graph_shape){1, 2, 2}, &onnx));
	assert_int_equal(onnx.graph->operators_count, 2);
	graph_free(onnx.graph);
	EXPECT(((struct graph_shape){1, 2, 2}), 0, 1, 2, 2);
}

static void dense_after_flatten(void **state)
{
	(void)state;
	float weights[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	const float bias[] = {1000};
	net_start(&net);
	net_constant(&net, "w", NET_DIM(8, 1), weights);
	net_constant(&net, "b", NET_DIM(1), bias);
	net_node(&net, "Flatten", "f", NET_FROM("cut"));
	net_node(&net, "MatMul", "m", NET_FROM("f", "w"));
	net_node(&net, "Add", "a", NET_FROM("m", "b"));
	net_output(&net, "a");
	EXPECT(((struct graph_shape){2, 2, 2}), 1000 + 2 + 6 + 12 + 20 + 30 + 42 + 56);
	/* The same as Gemm with its factors. */
	net_start(&net);
	net_constant(&net, "w", NET_DIM(1, 8), weights);
	net_constant(&net, "b", NET_DIM(1), bias);
	net_node(&net, "Flatten", "f", NET_FROM("cut"));
	struct net_node *node = net_node(&net, "Gemm", "m", NET_FROM("f", "w", "b"));
	net_int(node, "transB", 1);
	net_float(node, "alpha", 0.5f);
	net_float(node, "beta", 2);
	net_output(&net, "m");
	EXPECT(((struct graph_shape){2, 2, 2}), 2000 + 84);
}

static void pools_and_joins(void **state)
{
	(void)state;
	net_start(&net);
	struct net_node *node = net_node(&net, "MaxPool", "p", NET_FROM("cut"));
	net_ints(node, "kernel_shape", 2, NET_INTS(2, 2));
	net_ints(node, "strides", 2, NET_INTS(2, 2));
	node = net_node(&net, "Pad", "d", NET_FROM("p"));
	net_ints(node, "pads", 8, NET_INTS(0, 0, 0, 0, 0, 0, 1, 1));
	node = net_node(&net, "AveragePool", "q", NET_FROM("d"));
	net_ints(node, "kernel_shape", 2, NET_INTS(2, 2));
	node = net_node(&net, "Concat", "j", NET_FROM("p", "q"));
	net_int(node, "axis", 1);
	net_node(&net, "Add", "t", NET_FROM("j", "j"));
	net_node(&net, "Identity", "i", NET_FROM("t"));
	net_output(&net, "i");
	/* Channel 0 is 0..15, channel 1 is 16..31. */
	EXPECT(small, 10, 14, 26, 30, 42, 46, 58, 62, 20, 11, 14, 7.5f, 52, 27, 30, 15.5f);
}

/* What exporters write for x.mean((2, 3)). */
static void a_mean_over_the_picture(void **state)
{
	(void)state;
	net_start(&net);
	struct net_node *node = net_node(&net, "ReduceMean", "m", NET_FROM("cut"));
	net_ints(node, "axes", 2, NET_INTS(-2, 3));
	net_int(node, "keepdims", 0);
	net_node(&net, "LogSoftmax", "l", NET_FROM("m"));
	net_output(&net, "l");
	EXPECT(small, 7.5f, 23.5f);
	node->ints[0][0] = 1;
	refused(small, ERR_UNSUPPORTED, "ReduceMean m: only a mean over rows and columns");
	node->node.n_attribute = 0;
	refused(small, ERR_UNSUPPORTED, "ReduceMean m: only a mean over rows and columns");
}

static void automatic_padding(void **state)
{
	(void)state;
	const float weights[] = {1, 1, 1, 1};
	net_start(&net);
	net_constant(&net, "w", NET_DIM(1, 1, 2, 2), weights);
	struct net_node *node = net_node(&net, "Conv", "c", NET_FROM("cut", "w"));
	Onnx__Attribute *automatic = net_attribute(node, "auto_pad");
	automatic->has_s = true;
	automatic->s = (ProtobufCBinaryData){10, (uint8_t *)net_text("SAME_UPPER")};
	net_output(&net, "c");
	EXPECT(((struct graph_shape){1, 2, 2}), 6, 4, 5, 3);
	automatic->s.data = (uint8_t *)net_text("SAME_LOWER");
	EXPECT(((struct graph_shape){1, 2, 2}), 0, 1, 2, 6);
}

static void unknown_operators(void **state)
{
	(void)state;
	net_reader(&net);
	net.nodes[1].node.op_type = net_text("HardSwish");
	refused(pictures, ERR_UNSUPPORTED, "HardSwish r1: this operator is not supported");
	net_reader(&net);
	net.nodes[1].node.domain = net_text("com.example");
	refused(pictures, ERR_UNSUPPORTED, "Relu r1: this operator is not supported");
	net_reader(&net);
	net_ints(&net.nodes[0], "dilations", 2, NET_INTS(2, 2));
	refused(pictures, ERR_UNSUPPORTED, "Conv c1: dilations");
	net_reader(&net);
	net.nodes[7].outputs[0] = net_text("inside");
	net_node(&net, "Relu", "stage", NET_FROM("inside"));
	refused(pictures, ERR_UNSUPPORTED, "Relu stage: takes the end of an output");
	net_reader(&net);
	net.set.version = 6;
	refused(pictures, ERR_UNSUPPORTED, "operator set 6");
}

static void shapes_that_do_not_fit(void **state)
{
	(void)state;
	net_reader(&net);
	refused(small, ERR_BAD_INPUT, "Conv c1: its weights do not fit an input of 2 channels");
	net_reader(&net);
	net.dims[3][1] = 9;
	refused(pictures, ERR_BAD_INPUT, "Gemm s: its weights do not fit an input of 8 values");
	net_reader(&net);
	net.dims[1][0] = 3;
	net.constants[1].raw_data.len = 12;
	refused(pictures, ERR_BAD_INPUT, "b1 should hold 4 numbers");
	net_reader(&net);
	net.constants[0].raw_data.len -= 4;
	refused(pictures, ERR_DAMAGED, "w1 does not hold what its shape says");
	net_reader(&net);
	net.dims[0][0] = INT64_MAX;
	refused(pictures, ERR_UNSUPPORTED, "Conv c1");
	net_reader(&net);
	net.constants[0].data_type = 10;
	refused(pictures, ERR_UNSUPPORTED, "w1 is of ONNX type 10");
	net_reader(&net);
	net.constants[0].has_data_location = true;
	net.constants[0].data_location = 1;
	refused(pictures, ERR_UNSUPPORTED, "outside of the file");
	net_reader(&net);
	float broken[4] = {0, NAN, 0, 0};
	net.constants[1].raw_data.data = (uint8_t *)broken;
	refused(pictures, ERR_BAD_INPUT, "not finite");
}

static void names_that_do_not_fit(void **state)
{
	(void)state;
	net_reader(&net);
	net.nodes[0].inputs[0] = net_text("r2"); /* a circle */
	refused(pictures, ERR_BAD_INPUT, "Conv c1: takes r2, which nothing before it makes");
	net_reader(&net);
	net.nodes[2].outputs[0] = net_text("r1");
	refused(pictures, ERR_BAD_INPUT, "two things in the network are called r1");
	net_reader(&net);
	net.outputs[1].name = net_text("nobody");
	refused(pictures, ERR_BAD_INPUT, "no node makes the output nobody");
	net_reader(&net);
	net.outputs[1].name = net_text("cut");
	refused(pictures, ERR_BAD_INPUT, "no node makes the output cut");
	net_reader(&net);
	net.inputs[1] = net.inputs[0];
	net.inputs[1].name = net_text("age");
	net.inputs_at[1] = &net.inputs[1];
	net.graph.n_input = 2;
	refused(pictures, ERR_UNSUPPORTED, "two inputs, cut and age");
	net_reader(&net);
	net.graph.n_input = 0;
	refused(pictures, ERR_BAD_INPUT, "no input");
	net_reader(&net);
	net.nodes[0].node.n_input = 1;
	refused(pictures, ERR_BAD_INPUT, "Conv c1: input 2 is missing");
	net_reader(&net);
	net.nodes[0].node.name = net_text("\x1b[31m");
	net.nodes[0].node.op_type = net_text("Evil\x1b");
	refused(pictures, ERR_UNSUPPORTED, "? ?: this operator");
}

static void cut_off(void **state)
{
	(void)state;
	struct onnx onnx;
	net_reader(&net);
	net_pack(&net, &bytes);
	for (size_t size = 0; size < bytes.size; size += size < 400 ? 1 : 97) {
		uint8_t *exact = malloc(size ? size : 1);
		memcpy(exact, bytes.data, size);
		assert_false(onnx_parse(exact, size, pictures, &onnx, &err));
		assert_true(err.detail[0]);
		free(exact);
	}
	must_fail(onnx_parse((const uint8_t *)"PK\3\4 not a network", 18, pictures, &onnx, &err), ERR_DAMAGED);
}

static int tidy(void **state)
{
	(void)state;
	buf_done(&bytes);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_reader),
	    cmocka_unit_test(normalisation_is_folded),
	    cmocka_unit_test(clamps),
	    cmocka_unit_test(dense_after_flatten),
	    cmocka_unit_test(pools_and_joins),
	    cmocka_unit_test(a_mean_over_the_picture),
	    cmocka_unit_test(automatic_padding),
	    cmocka_unit_test(unknown_operators),
	    cmocka_unit_test(shapes_that_do_not_fit),
	    cmocka_unit_test(names_that_do_not_fit),
	    cmocka_unit_test(cut_off),
	};
	return cmocka_run_group_tests(tests, NULL, tidy);
}
