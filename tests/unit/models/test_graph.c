#include "unit/unit.h"

#include "models/graph.h"

#include <string.h>

static struct err err;

static float *floats(size_t count, const float *values)
{
	float *made = calloc(count, sizeof *made);
	for (size_t i = 0; made && i < count; i++)
		made[i] = values[i];
	return made;
}

static void check_values(const float *values, const float *expected, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_float_equal(values[i], expected[i], 1e-6);
}

/* 2 channels of 3 x 3: 1..9 and 10..90. */
static struct graph *two_planes(float ***ret_values, const struct graph_operator *operator)
{
	struct graph *graph = graph_new((struct graph_shape){2, 3, 3});
	int tensor;
	must(graph_append(graph, operator, &tensor, &err));
	assert_int_equal(tensor, 1);
	*ret_values = graph_values_new(graph);
	for (int i = 0; i < 18; i++)
		(*ret_values)[0][i] = (float)(i < 9 ? i + 1 : 10 * (i - 8));
	graph_run(graph, *ret_values);
	return graph;
}

static void done(struct graph *graph, float **values)
{
	graph_values_free(values);
	graph_free(graph);
}

static void convolution(void **state)
{
	(void)state;
	float **values;
	struct graph_operator o = graph_operator(GRAPH_CONV, 0, "Conv a");
	o.shape.channels = 1;
	o.kernel_height = o.kernel_width = 2;
	o.pad_top = 1;
	o.stride_width = 2;
	o.weights = floats(8, (const float[]){1, 2, 3, 4, 0, 0, 0, 0.5f});
	o.bias = floats(1, (const float[]){100});
	struct graph *graph = two_planes(&values, &o);
	assert_int_equal(graph->operators[0].shape.height, 3);
	assert_int_equal(graph->operators[0].shape.width, 1);
	/* The first row sees the padding above. */
	check_values(values[1],
	    (const float[]){100 + 3 + 8 + 10, 100 + 1 + 4 + 12 + 20 + 25, 100 + 4 + 10 + 21 + 32 + 40}, 3);
	done(graph, values);
}

static void groups_and_clamp(void **state)
{
	(void)state;
	float **values;
	struct graph_operator o = graph_operator(GRAPH_CONV, 0, "Conv a");
	o.shape.channels = o.groups = 2;
	o.low = 0;
	o.high = 6;
	o.weights = floats(2, (const float[]){1, -1});
	o.bias = floats(2, (const float[]){-2, 50});
	struct graph *graph = two_planes(&values, &o);
	check_values(values[1], (const float[]){0, 0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 0, 0, 0, 0, 0}, 18);
	done(graph, values);
}

static void pools(void **state)
{
	(void)state;
	float **values;
	struct graph_operator o = graph_operator(GRAPH_MAX_POOL, 0, "MaxPool a");
	o.kernel_height = o.kernel_width = o.stride_height = o.stride_width = 2;
	o.pad_top = o.pad_left = 1;
	struct graph *graph = two_planes(&values, &o);
	check_values(values[1], (const float[]){1, 3, 7, 9, 10, 30, 70, 90}, 8);
	done(graph, values);
	o.kind = GRAPH_AVERAGE_POOL; /* padding counts as zeros */
	graph = two_planes(&values, &o);
	check_values(values[1], (const float[]){0.25f, 1.25f, 2.75f, 7, 2.5f, 12.5f, 27.5f, 70}, 8);
	done(graph, values);
}

static void joins(void **state)
{
	(void)state;
	float **values;
	struct graph_operator o = graph_operator(GRAPH_CONCAT, 0, "Concat a");
	o.inputs_count = 3;
	o.inputs[1] = o.inputs[2] = 0;
	struct graph *graph = two_planes(&values, &o);
	assert_int_equal(graph->operators[0].shape.channels, 6);
	assert_float_equal(values[1][17 + 18], 90, 0);
	done(graph, values);
	o.kind = GRAPH_ADD;
	o.inputs_count = 2;
	graph = two_planes(&values, &o);
	assert_float_equal(values[1][17], 180, 0);
	done(graph, values);
}

static void refused(const struct graph_operator *operator, enum err_code code, const char *part)
{
	struct graph *graph = graph_new((struct graph_shape){2, 3, 3});
	int tensor;
	must_fail(graph_append(graph, operator, &tensor, &err), code);
	if (!strstr(err.detail, part))
		fail_msg("no \"%s\" in: %s", part, err.detail);
	graph_free(graph);
}

static void what_does_not_fit(void **state)
{
	(void)state;
	struct graph_operator o = graph_operator(GRAPH_CONV, 0, "Conv a");
	refused(&o, ERR_BAD_INPUT, "Conv a: 2 channels do not become 0");
	o.shape.channels = 3;
	o.groups = 2;
	refused(&o, ERR_BAD_INPUT, "in 2 groups");
	o.groups = 1;
	o.kernel_height = 4;
	refused(&o, ERR_BAD_INPUT, "larger than its input of 3 x 3");
	o.kernel_height = 1;
	o.pad_top = 1;
	refused(&o, ERR_BAD_INPUT, "out of range");
	o.pad_top = 0;
	o.stride_height = 0;
	refused(&o, ERR_BAD_INPUT, "out of range");
	struct graph_operator later = graph_operator(GRAPH_MAX_POOL, 1, "MaxPool a");
	refused(&later, ERR_INTERNAL, "not there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(convolution),
	    cmocka_unit_test(groups_and_clamp),
	    cmocka_unit_test(pools),
	    cmocka_unit_test(joins),
	    cmocka_unit_test(what_does_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
