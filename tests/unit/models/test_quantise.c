#include "unit/models/networks.h"

#include "models/onnx.h"
#include "models/quantise.h"
#include "reading/network.h"

#include <math.h>

static struct err err;
static struct net net;
static uint8_t pixels[12 * 3 * 128 * 128];
static const struct samples samples = {3, 12, pixels};
static struct buf network = BUF_INIT(4 << 20);

static const char all_stages[] =
    "[\"empty\",\"tPB2\",\"tPNa\",\"tPNf\",\"t2\",\"t3\",\"t4\",\"t5\",\"t6\",\"t7\",\"t8\",\"t9\","
    "\"tM\",\"tSB\",\"tB\",\"tEB\",\"tHB\"]";

/* Blobs of light and dark, another in each cut and plane. */
static int setup(void **state)
{
	(void)state;
	uint32_t seed = 7;
	for (size_t i = 0; i < sizeof pixels; i++) {
		size_t cut = i / (3 * 128 * 128), y = i / 128 % 128, x = i % 128;
		seed = seed * 1664525 + 1013904223;
		pixels[i] =
		    (uint8_t)(90 + 40 * sin((double)(x * (cut + 1)) / 30) * cos((double)y / (double)(4 + cut)) +
		        (double)(seed >> 28));
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_done(&network);
	return 0;
}

/* Quantises `net` with these outputs. */
static bool make(const char *outputs, const char *more, struct quantise_report *report)
{
	OWN(buf_done) struct buf bytes = BUF_INIT(4 << 20), text = BUF_INIT(1 << 16);
	OWN(manifest_done) struct manifest manifest = {0};
	struct onnx onnx;
	buf_print(&text, "{\"name\":\"a\",\"version\":\"1\",\"input\":{},\"outputs\":{%s}%s}", outputs, more);
	must(manifest_parse((const char *)text.data, text.size, &manifest, &err));
	net_pack(&net, &bytes);
	must(onnx_parse(bytes.data, bytes.size, (struct graph_shape){3, 128, 128}, &onnx, &err));
	buf_clear(&network);
	bool ok = quantise(onnx.graph, &manifest, &samples, &network, report, &err);
	graph_free(onnx.graph);
	return ok;
}

static void make_reader(const char *more_outputs, struct quantise_report *report)
{
	char outputs[1024];
	snprintf(outputs, sizeof outputs, "\"stage\":{\"classes\":%s}%s", all_stages, more_outputs);
	net_reader(&net);
	must(make(outputs, "", report));
}

/* Runs the file on the first cut and gives an output's logits. */
static void run(enum network_output_kind kind, int32_t *to, size_t count)
{
	OWN(free) uint8_t *aligned = aligned_alloc(64, (network.size + 63) / 64 * 64);
	OWN(network_close) struct network *opened = NULL;
	OWN(free) struct cut *cut = calloc(1, sizeof *cut);
	memcpy(aligned, network.data, network.size);
	must(network_open(aligned, network.size, &opened, &err));
	OWN(free) void *scratch = network_scratch(opened);
	cut->planes = 3;
	memcpy(cut->pixels, pixels, sizeof cut->pixels);
	network_run(opened, cut, scratch);
	size_t has;
	const int32_t *logits = network_logits(opened, scratch, kind, &has);
	assert_non_null(logits);
	assert_int_equal(has, count);
	memcpy(to, logits, count * sizeof *to);
}

static void near_the_floats(void **state)
{
	(void)state;
	struct quantise_report report;
	make_reader(",\"uneven\":{},\"embedding\":{}", &report);
	assert_int_equal(report.cuts, 12);
	assert_int_equal(report.errors_count, 3);
	assert_int_equal(report.bytes, network.size);
	for (int i = 0; i < report.errors_count; i++) {
		assert_true(report.errors[i].spread > 0);
		assert_true(report.errors[i].mean < 0.01 && report.errors[i].most < 0.05);
		assert_true(report.errors[i].same > 0.9);
	}
}

static void temperature_and_bias(void **state)
{
	(void)state;
	struct quantise_report report;
	int32_t plain, changed;
	make_reader(",\"uneven\":{}", &report);
	run(NETWORK_UNEVEN, &plain, 1);
	make_reader(",\"uneven\":{\"temperature\":0.5,\"bias\":1.25}", &report);
	run(NETWORK_UNEVEN, &changed, 1);
	/* 256 a bit */
	double expected = (plain + 1.25 * 256 * M_LOG2E) / 0.5;
	assert_true(fabs(changed - expected) < 20);
	assert_true(report.errors[1].most < 0.1);
}

/* Three classes in an order of their own: they land where they belong, and the others never come. */
static void fewer_stages(void **state)
{
	(void)state;
	static float weights[3 * 8];
	const float bias[3] = {10, 20, 30};
	struct quantise_report report;
	int32_t logits[STAGE_COUNT];
	net_reader(&net);
	net_constant(&net, "w5", NET_DIM(3, 8), weights);
	net_constant(&net, "b5", NET_DIM(3), bias);
	struct net_node *node = net_node(&net, "Gemm", "three", NET_FROM("embedding", "w5", "b5"));
	net_int(node, "transB", 1);
	net_output(&net, "three");
	must(make("\"stage\":{\"classes\":[\"tB\",\"t2\",\"empty\"],\"output\":\"three\"}", "", &report));
	run(NETWORK_STAGE, logits, STAGE_COUNT);
	for (int i = 0; i < STAGE_COUNT; i++) {
		double expected = i == STAGE_B ? 10
		    : i == STAGE_2             ? 20
		    : i == STAGE_EMPTY         ? 30
		                               : 30 - 40 * M_LN2;
		assert_true(fabs(logits[i] - expected * 256 * M_LOG2E) < 2);
	}
	assert_float_equal(report.errors[0].same, 1, 0);
}

/* An output that no plain dense layer makes: after a clamp. */
static void outputs_of_other_makers(void **state)
{
	(void)state;
	static float weights[3 * 3];
	struct quantise_report report;
	net_start(&net);
	net_fill(weights, 9, 5, 1);
	net_constant(&net, "w", NET_DIM(3, 3, 1, 1), weights);
	net_node(&net, "GlobalAveragePool", "g", NET_FROM("cut"));
	net_node(&net, "Conv", "c", NET_FROM("g", "w"));
	struct net_node *node = net_node(&net, "Clip", "k", NET_FROM("c"));
	net_float(node, "min", -0.2f);
	net_float(node, "max", 0.3f);
	net_node(&net, "Flatten", "stage", NET_FROM("k"));
	net_output(&net, "stage");
	must(make("\"stage\":{\"classes\":[\"tB\",\"t2\",\"empty\"]}", "", &report));
	assert_true(report.errors[0].most < 0.01);
}

static void every_kind_of_operator(void **state)
{
	(void)state;
	static float first[6 * 3 * 3 * 3], depth[6 * 3 * 3], last[3 * 12];
	struct quantise_report report;
	net_start(&net);
	net_fill(first, sizeof first / sizeof *first, 6, 0.4f);
	net_fill(depth, sizeof depth / sizeof *depth, 7, 0.6f);
	net_fill(last, sizeof last / sizeof *last, 8, 1);
	net_constant(&net, "w1", NET_DIM(6, 3, 3, 3), first);
	net_constant(&net, "w2", NET_DIM(6, 1, 3, 3), depth);
	net_constant(&net, "w3", NET_DIM(3, 12), last);
	struct net_node *node = net_node(&net, "Conv", "c1", NET_FROM("cut", "w1"));
	net_ints(node, "strides", 2, NET_INTS(4, 4));
	net_ints(node, "pads", 4, NET_INTS(1, 1, 1, 1));
	node = net_node(&net, "MaxPool", "p1", NET_FROM("c1"));
	net_ints(node, "kernel_shape", 2, NET_INTS(2, 2));
	net_ints(node, "strides", 2, NET_INTS(2, 2));
	node = net_node(&net, "Conv", "c2", NET_FROM("p1", "w2"));
	net_int(node, "group", 6);
	net_ints(node, "pads", 4, NET_INTS(1, 1, 1, 1));
	net_node(&net, "Add", "a", NET_FROM("p1", "c2"));
	net_node(&net, "Relu", "r", NET_FROM("a"));
	node = net_node(&net, "Concat", "j", NET_FROM("r", "c2"));
	net_int(node, "axis", 1);
	node = net_node(&net, "AveragePool", "q", NET_FROM("j"));
	net_ints(node, "kernel_shape", 2, NET_INTS(16, 16));
	net_node(&net, "Flatten", "f", NET_FROM("q"));
	node = net_node(&net, "Gemm", "stage", NET_FROM("f", "w3"));
	net_int(node, "transB", 1);
	net_output(&net, "stage");
	must(make("\"stage\":{\"classes\":[\"t2\",\"t4\",\"tB\"]}", "", &report));
	assert_true(report.errors[0].mean < 0.05 * report.errors[0].spread);
}

static void refused(const char *outputs, const char *more, enum err_code code, const char *part)
{
	struct quantise_report report;
	net_reader(&net);
	must_fail(make(outputs, more, &report), code);
	if (!strstr(err.detail, part))
		fail_msg("no \"%s\" in: %s", part, err.detail);
}

static void what_does_not_fit(void **state)
{
	(void)state;
	char outputs[1024], more[512] = ",\"unfamiliar\":{\"centroids\":[[1,2]],\"weight\":[1,1],\"steps\":[0";
	refused("\"stage\":{\"classes\":[\"t2\",\"t3\"]}", "", ERR_BAD_INPUT,
	    "the output stage has 17 values, and the manifest says 2");
	refused("\"stage\":{\"classes\":[\"t2\",\"t3\"],\"output\":\"logits\"}", "", ERR_BAD_INPUT,
	    "no output logits");
	snprintf(outputs, sizeof outputs, "\"stage\":{\"classes\":%s},\"uneven\":{\"output\":\"embedding\"}",
	    all_stages);
	refused(outputs, "", ERR_BAD_INPUT, "the output embedding has 8 values, and the manifest says 1");
	for (int i = 1; i < NETWORK_UNFAMILIAR_STEPS; i++)
		snprintf(more + strlen(more), sizeof more - strlen(more), ",%d", i);
	snprintf(more + strlen(more), sizeof more - strlen(more), "]}");
	snprintf(outputs, sizeof outputs, "\"stage\":{\"classes\":%s},\"embedding\":{}", all_stages);
	refused(outputs, more, ERR_BAD_INPUT, "the output embedding has 8 values, and the centroids have 2");
}

/* What the engine cannot do is told by the operator's name. */
static void beyond_the_engine(void **state)
{
	(void)state;
	struct quantise_report report;
	net_reader(&net);
	net_ints(&net.nodes[2], "pads", 4, NET_INTS(0, 0, 2, 2));
	net.nodes[2].attributes[0].ints = (int64_t[]){70, 70};
	char outputs[1024];
	snprintf(outputs, sizeof outputs, "\"stage\":{\"classes\":%s}", all_stages);
	assert_false(make(outputs, "", &report));
	assert_memory_equal(err.detail, "Conv c2: ", 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(near_the_floats),
	    cmocka_unit_test(temperature_and_bias),
	    cmocka_unit_test(fewer_stages),
	    cmocka_unit_test(outputs_of_other_makers),
	    cmocka_unit_test(every_kind_of_operator),
	    cmocka_unit_test(what_does_not_fit),
	    cmocka_unit_test(beyond_the_engine),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
