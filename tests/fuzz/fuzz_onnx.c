/* rooms: models */
/* A network comes from a vendor or a lab: any bytes must become a graph that runs within its bounds, or be refused with a
 * sentence. */
#include "models/onnx.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What fits into the time of a fuzzer. */
enum { WORK = 2000000 };

static bool is_small(const struct graph *graph)
{
	size_t work = 0;
	for (int i = 0; i < graph->operators_count; i++) {
		const struct graph_operator *o = &graph->operators[i];
		size_t places = (size_t)o->shape.height * (size_t)o->shape.width;
		size_t each = o->kind == GRAPH_CONV
		    ? graph_weights_count(graph, o)
		    : (size_t)o->shape.channels * (size_t)o->kernel_height * (size_t)o->kernel_width;
		work += places * (each + 1);
		if (work > WORK)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct graph_shape input = {1, 8, 8};
	struct onnx onnx;
	struct err err = {0};
	if (!onnx_parse(data, size, input, &onnx, &err)) {
		assert(err.detail[0]);
		return 0;
	}
	if (is_small(onnx.graph)) {
		OWN(graph_values_free) float **values = graph_values_new(onnx.graph);
		for (size_t i = 0; values && i < graph_values(input); i++)
			values[0][i] = (float)i;
		if (values)
			graph_run(onnx.graph, values);
	}
	graph_free(onnx.graph);
	return 0;
}
