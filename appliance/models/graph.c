#include "models/graph.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

struct graph *graph_new(struct graph_shape input)
{
	struct graph *graph = calloc(1, sizeof *graph);
	if (graph)
		graph->input = input;
	return graph;
}

void graph_free(struct graph *graph)
{
	for (int i = 0; i < graph->operators_count; i++) {
		free(graph->operators[i].weights);
		free(graph->operators[i].bias);
	}
	free(graph);
}

size_t graph_values(struct graph_shape shape)
{
	return (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
}

struct graph_shape graph_shape_of(const struct graph *graph, int tensor)
{
	return tensor == 0 ? graph->input : graph->operators[tensor - 1].shape;
}

struct graph_operator graph_operator(enum graph_kind kind, int input, const char *name)
{
	struct graph_operator operator= {.kind = kind,
	    .inputs = {input},
	    .inputs_count = 1,
	    .kernel_height = 1,
	    .kernel_width = 1,
	    .stride_height = 1,
	    .stride_width = 1,
	    .groups = 1,
	    .low = -INFINITY,
	    .high = INFINITY};
	text_copy(operator.name, sizeof operator.name, name);
	return operator;
}

size_t graph_weights_count(const struct graph *graph, const struct graph_operator *operator)
{
	int channels = graph_shape_of(graph, operator->inputs[0]).channels;
	return (size_t)operator->shape.channels * (size_t)(channels / operator->groups) *
	    (size_t)operator->kernel_height * (size_t)operator->kernel_width;
}

/* Shapes */

static bool is_within(int value, int low, int high)
{
	return value >= low && value <= high;
}

static bool slide(const struct graph_operator *operator, struct graph_shape input, struct graph_shape *shape,
    struct err *err)
{
	const struct graph_operator *o = operator;
	bool fits = is_within(o->kernel_height, 1, GRAPH_SIDE_MAX) &&
	    is_within(o->kernel_width, 1, GRAPH_SIDE_MAX) && is_within(o->stride_height, 1, GRAPH_SIDE_MAX) &&
	    is_within(o->stride_width, 1, GRAPH_SIDE_MAX) && is_within(o->pad_top, 0, o->kernel_height - 1) &&
	    is_within(o->pad_bottom, 0, o->kernel_height - 1) &&
	    is_within(o->pad_left, 0, o->kernel_width - 1) && is_within(o->pad_right, 0, o->kernel_width - 1);
	if (!fits)
		return err_set(err, ERR_BAD_INPUT, "%s: kernel, stride or padding is out of range", o->name);
	int height = input.height + o->pad_top + o->pad_bottom - o->kernel_height;
	int width = input.width + o->pad_left + o->pad_right - o->kernel_width;
	if (height < 0 || width < 0)
		return err_set(err, ERR_BAD_INPUT, "%s: the kernel is larger than its input of %d x %d",
		    o->name, input.height, input.width);
	shape->height = height / o->stride_height + 1;
	shape->width = width / o->stride_width + 1;
	return true;
}

static bool shape_conv(const struct graph *graph, struct graph_operator *operator, struct err *err)
{
	struct graph_shape input = graph_shape_of(graph, operator->inputs[0]);
	int channels = operator->shape.channels, groups = operator->groups;
	if (!is_within(channels, 1, GRAPH_CHANNELS_MAX) || groups < 1 || channels % groups ||
	    input.channels % groups)
		return err_set(err, ERR_BAD_INPUT,
		    "%s: %d channels do not become %d in %d groups", operator->name, input.channels, channels,
		    groups);
	if (!slide(operator, input, &operator->shape, err))
		return false;
	return graph_weights_count(graph, operator) <= GRAPH_VALUES_MAX ||
	    err_set(err, ERR_TOO_LARGE, "%s has more than %d weights", operator->name, GRAPH_VALUES_MAX);
}

static bool shape_pool(const struct graph *graph, struct graph_operator *operator, struct err *err)
{
	struct graph_shape input = graph_shape_of(graph, operator->inputs[0]);
	operator->shape.channels = input.channels;
	return slide(operator, input, &operator->shape, err);
}

static bool shape_join(const struct graph *graph, struct graph_operator *operator, struct err *err)
{
	struct graph_shape shape = graph_shape_of(graph, operator->inputs[0]);
	for (int i = 1; i < operator->inputs_count; i++) {
		struct graph_shape other = graph_shape_of(graph, operator->inputs[i]);
		bool same = other.height == shape.height && other.width == shape.width &&
		    (operator->kind == GRAPH_CONCAT || other.channels == shape.channels);
		if (!same)
			return err_set(err, ERR_BAD_INPUT,
			    "%s: %d x %d x %d and %d x %d x %d do not go together", operator->name,
			    shape.channels, shape.height, shape.width, other.channels, other.height,
			    other.width);
		if (operator->kind == GRAPH_CONCAT)
			shape.channels += other.channels;
	}
	operator->shape = shape;
	return is_within(shape.channels, 1, GRAPH_CHANNELS_MAX) ||
	    err_set(err, ERR_TOO_LARGE, "%s makes more than %d channels", operator->name, GRAPH_CHANNELS_MAX);
}

static bool give_shape(const struct graph *graph, struct graph_operator *operator, struct err *err)
{
	switch (operator->kind) {
	case GRAPH_CONV: return shape_conv(graph, operator, err);
	case GRAPH_MAX_POOL:
	case GRAPH_AVERAGE_POOL: return shape_pool(graph, operator, err);
	case GRAPH_ADD:
	case GRAPH_CONCAT: return shape_join(graph, operator, err);
	}
	return false;
}

static int64_t work_of(const struct graph *graph, const struct graph_operator *operator)
{
	int64_t places = (int64_t)operator->shape.height * operator->shape.width;
	if (operator->kind == GRAPH_CONV)
		return places * (int64_t)graph_weights_count(graph, operator);
	return places * operator->shape.channels * operator->kernel_height * operator->kernel_width;
}

static bool check_size(const struct graph *graph, const struct graph_operator *operator, struct err *err)
{
	int64_t work = work_of(graph, operator);
	size_t values = graph_values(operator->shape);
	if (values > GRAPH_VALUES_MAX)
		return err_set(
		    err, ERR_TOO_LARGE, "%s makes more than %d values", operator->name, GRAPH_VALUES_MAX);
	for (int i = 0; i < graph->operators_count; i++) {
		work += work_of(graph, &graph->operators[i]);
		values += graph_values(graph->operators[i].shape);
	}
	if (values > GRAPH_TOTAL_MAX)
		return err_set(
		    err, ERR_TOO_LARGE, "the network makes more than %d values for one cut", GRAPH_TOTAL_MAX);
	return work <= GRAPH_WORK_MAX || err_set(err, ERR_TOO_LARGE,
	    "the network needs more than %lld million multiplications for one cut", GRAPH_WORK_MAX / 1000000);
}

bool graph_append(struct graph *graph, const struct graph_operator *operator, int *ret_tensor, struct err *err)
{
	struct graph_operator copy = *operator;
	bool ok = graph->operators_count < GRAPH_OPERATORS_MAX ||
	    err_set(err, ERR_TOO_LARGE, "the network has more than %d operators", GRAPH_OPERATORS_MAX);
	for (int i = 0; i < copy.inputs_count && ok; i++)
		ok = is_within(copy.inputs[i], 0, graph->operators_count) ||
		    err_set(err, ERR_INTERNAL, "%s takes a tensor that is not there", copy.name);
	if (!ok || !give_shape(graph, &copy, err) || !check_size(graph, &copy, err)) {
		free(copy.weights);
		free(copy.bias);
		return false;
	}
	graph->operators[graph->operators_count++] = copy;
	*ret_tensor = graph->operators_count;
	return true;
}

/* Running */

/* Places from..to-1 of a row of outputs read inside of the input for this offset of the kernel. */
static void inside(int size, int stride, int offset, int count, int *ret_from, int *ret_to)
{
	int from = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
	int to = offset >= size ? 0 : (size - 1 - offset) / stride + 1;
	*ret_from = from;
	*ret_to = to < count ? to : count;
}

/* Adds one weight's share to a plane of outputs: long simple rows, which a compiler makes fast. */
static void add_weight(const struct graph_operator *o, struct graph_shape input, const float *in, int y, int x,
    float weight, float *out)
{
	int top, bottom, left, right;
	inside(input.height, o->stride_height, y - o->pad_top, o->shape.height, &top, &bottom);
	inside(input.width, o->stride_width, x - o->pad_left, o->shape.width, &left, &right);
	for (int row = top; row < bottom; row++) {
		const float *from =
		    in + (row * o->stride_height + y - o->pad_top) * input.width + x - o->pad_left;
		float *to = out + row * o->shape.width;
		if (o->stride_width == 1) {
			for (int i = left; i < right; i++)
				to[i] += weight * from[i];
		} else {
			for (int i = left; i < right; i++)
				to[i] += weight * from[i * o->stride_width];
		}
	}
}

static void run_conv(const struct graph_operator *o, struct graph_shape input, const float *in, float *out)
{
	int places = o->shape.height * o->shape.width, input_places = input.height * input.width;
	int each = input.channels / o->groups, outputs_each = o->shape.channels / o->groups;
	const float *weight = o->weights;
	for (int channel = 0; channel < o->shape.channels; channel++, out += places) {
		const float *plane = in + (ptrdiff_t)(channel / outputs_each) * each * input_places;
		for (int i = 0; i < places; i++)
			out[i] = o->bias[channel];
		for (int from = 0; from < each; from++, plane += input_places)
			for (int y = 0; y < o->kernel_height; y++)
				for (int x = 0; x < o->kernel_width; x++)
					add_weight(o, input, plane, y, x, *weight++, out);
	}
}

static float pool_place(
    const struct graph_operator *o, struct graph_shape input, const float *in, int row, int column)
{
	float most = -INFINITY;
	double sum = 0;
	for (int y = 0; y < o->kernel_height; y++) {
		int at = row * o->stride_height + y - o->pad_top;
		for (int x = 0; x < o->kernel_width; x++) {
			int across = column * o->stride_width + x - o->pad_left;
			if (at < 0 || at >= input.height || across < 0 || across >= input.width)
				continue;
			float value = in[at * input.width + across];
			most = value > most ? value : most;
			sum += value;
		}
	}
	return o->kind == GRAPH_MAX_POOL ? most : (float)(sum / (o->kernel_height * o->kernel_width));
}

static void run_pool(const struct graph_operator *o, struct graph_shape input, const float *in, float *out)
{
	for (int channel = 0; channel < o->shape.channels; channel++, in += input.height * input.width)
		for (int row = 0; row < o->shape.height; row++)
			for (int column = 0; column < o->shape.width; column++)
				*out++ = pool_place(o, input, in, row, column);
}

static void run_join(
    const struct graph *graph, const struct graph_operator *o, float *const *values, float *out)
{
	if (o->kind == GRAPH_ADD) {
		const float *a = values[o->inputs[0]], *b = values[o->inputs[1]];
		for (size_t i = 0, count = graph_values(o->shape); i < count; i++)
			out[i] = a[i] + b[i];
		return;
	}
	for (int i = 0; i < o->inputs_count; i++) {
		size_t count = graph_values(graph_shape_of(graph, o->inputs[i]));
		memcpy(out, values[o->inputs[i]], count * sizeof *out);
		out += count;
	}
}

void graph_run_operator(const struct graph *graph, int number, float *const *values)
{
	const struct graph_operator *o = &graph->operators[number];
	struct graph_shape input = graph_shape_of(graph, o->inputs[0]);
	const float *in = values[o->inputs[0]];
	float *out = values[number + 1];
	if (o->kind == GRAPH_CONV)
		run_conv(o, input, in, out);
	else if (o->kind == GRAPH_MAX_POOL || o->kind == GRAPH_AVERAGE_POOL)
		run_pool(o, input, in, out);
	else
		run_join(graph, o, values, out);
	if (isinf(o->low) && isinf(o->high))
		return;
	for (size_t i = 0, count = graph_values(o->shape); i < count; i++)
		out[i] = out[i] < o->low ? o->low : out[i] > o->high ? o->high : out[i];
}

void graph_run(const struct graph *graph, float *const *values)
{
	for (int i = 0; i < graph->operators_count; i++)
		graph_run_operator(graph, i, values);
}

float **graph_values_new(const struct graph *graph)
{
	size_t count = (size_t)graph->operators_count + 1, total = 0;
	for (size_t i = 0; i < count; i++)
		total += graph_values(graph_shape_of(graph, (int)i));
	float **values = calloc(count, sizeof *values);
	float *room = calloc(total, sizeof *room);
	if (!values || !room) {
		free(values);
		free(room);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		values[i] = room;
		room += graph_values(graph_shape_of(graph, (int)i));
	}
	return values;
}

void graph_values_free(float **values)
{
	free(values[0]);
	free(values);
}
