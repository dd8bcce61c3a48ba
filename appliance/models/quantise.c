#include "models/quantise.h"

#include "base/limits.h"
#include "model/reading.h"
#include "models/ranges.h"
#include "reading/network.h"
#include "reading/network_write.h"

#include <math.h>
#include <string.h>

enum {
	WEIGHT_MOST = 127,
	/* Largest bias in steps of the accumulator: a quarter of NETWORK_BIAS_MAX leaves room for the zero point. */
	BIAS_MOST = NETWORK_BIAS_MAX / 4,
	/* A stage that the network does not know lies so far below the one it is sure of that it never comes. */
	NEVER_BITS = 40,
	TENSORS_MAX = GRAPH_OPERATORS_MAX + 1,
};

/* What a clamp may cost before its scale is one of the output's own: the engine takes ratios below a half. */
static const double RATIO_MOST = 0.49;

struct tensor {
	bool needed; /* as u8 */
	struct range *range;
	double *means; /* of each channel, over all cuts */
	struct step step;
	int written; /* index in the file */
};

struct head {
	const struct manifest_head *from;
	int tensor;
	const struct graph_operator *maker; /* becomes the head itself; NULL: a copy is made of the u8 tensor */
	size_t values;
	float *floats; /* [cut][values], as the graph gives them */
};

struct job {
	const struct graph *graph;
	const struct manifest *manifest;
	const struct samples *samples;
	struct tensor tensors[TENSORS_MAX];
	struct head heads[MANIFEST_HEADS_MAX];
	struct network_writer *writer;
};

static void job_free(struct job *job)
{
	for (int i = 0; i < TENSORS_MAX; i++) {
		free(job->tensors[i].range);
		free(job->tensors[i].means);
	}
	for (int i = 0; i < MANIFEST_HEADS_MAX; i++)
		free(job->heads[i].floats);
	if (job->writer)
		network_writer_free(job->writer);
	free(job);
}
OWN_DEFINE(struct job *, job_free)

/* What is needed */

static bool find_output(
    const struct graph *graph, const struct manifest_head *head, int *ret_tensor, struct err *err)
{
	for (int i = 0; i < graph->outputs_count; i++) {
		if (strcmp(graph->outputs[i].name, head->output) != 0)
			continue;
		*ret_tensor = graph->outputs[i].tensor;
		return true;
	}
	return err_set(err, ERR_BAD_INPUT, "the network has no output %s", head->output);
}

static bool place_head(struct job *job, struct head *head, struct err *err)
{
	const char *name = head->from->output;
	if (!find_output(job->graph, head->from, &head->tensor, err))
		return false;
	struct graph_shape shape = graph_shape_of(job->graph, head->tensor);
	if (shape.height != 1 || shape.width != 1)
		return err_set(err, ERR_BAD_INPUT, "the output %s is %d x %d x %d; it should be one row", name,
		    shape.channels, shape.height, shape.width);
	head->values = (size_t)shape.channels;
	bool embedding = head->from->kind == NETWORK_EMBEDDING;
	if (!embedding && shape.channels != head->from->classes_count)
		return err_set(err, ERR_BAD_INPUT, "the output %s has %d values, and the manifest says %d",
		    name, shape.channels, head->from->classes_count);
	if (embedding && job->manifest->dimensions && shape.channels != job->manifest->dimensions)
		return err_set(err, ERR_BAD_INPUT, "the output %s has %d values, and the centroids have %d",
		    name, shape.channels, job->manifest->dimensions);
	const struct graph_operator *maker = &job->graph->operators[head->tensor - 1];
	if (!embedding && maker->kind == GRAPH_CONV && maker->groups == 1 && isinf(maker->low) &&
	    isinf(maker->high))
		head->maker = maker;
	job->tensors[head->maker ? maker->inputs[0] : head->tensor].needed = true;
	head->floats = calloc(job->samples->count * head->values, sizeof *head->floats);
	return head->floats || err_set(err, ERR_NO_MEMORY, "quantising");
}

/* Operators that no wanted output looks at are left out. */
static bool find_needed(struct job *job, struct err *err)
{
	for (int i = 0; i < job->manifest->heads_count; i++) {
		job->heads[i].from = &job->manifest->heads[i];
		if (!place_head(job, &job->heads[i], err))
			return false;
	}
	for (int i = job->graph->operators_count; i > 0; i--)
		for (int j = 0; job->tensors[i].needed && j < job->graph->operators[i - 1].inputs_count; j++)
			job->tensors[job->graph->operators[i - 1].inputs[j]].needed = true;
	for (int i = 1; i <= job->graph->operators_count; i++) {
		struct tensor *tensor = &job->tensors[i];
		if (!tensor->needed)
			continue;
		tensor->range = calloc(1, sizeof *tensor->range);
		tensor->means =
		    calloc((size_t)job->graph->operators[i - 1].shape.channels, sizeof *tensor->means);
		if (!tensor->range || !tensor->means)
			return err_set(err, ERR_NO_MEMORY, "quantising");
	}
	struct tensor *input = &job->tensors[0];
	input->means = calloc((size_t)job->graph->input.channels, sizeof *input->means);
	return input->means || err_set(err, ERR_NO_MEMORY, "quantising");
}

/* Measuring */

static void add_means(struct tensor *tensor, struct graph_shape shape, const float *values, size_t cuts)
{
	int places = shape.height * shape.width;
	for (int channel = 0; channel < shape.channels; channel++) {
		double sum = 0;
		for (int i = 0; i < places; i++)
			sum += (double)*values++;
		tensor->means[channel] += sum / places / (double)cuts;
	}
}

static void look_at(struct job *job, size_t number, float *const *values)
{
	for (int i = 0; i <= job->graph->operators_count; i++) {
		struct graph_shape shape = graph_shape_of(job->graph, i);
		struct tensor *tensor = &job->tensors[i];
		if (tensor->range)
			range_add(tensor->range, values[i], graph_values(shape));
		if (tensor->means)
			add_means(tensor, shape, values[i], job->samples->count);
	}
	for (int i = 0; i < job->manifest->heads_count; i++) {
		struct head *head = &job->heads[i];
		memcpy(head->floats + number * head->values, values[head->tensor],
		    head->values * sizeof *head->floats);
	}
}

static bool measure(struct job *job, struct err *err)
{
	OWN(graph_values_free) float **values = graph_values_new(job->graph);
	if (!values)
		return err_set(err, ERR_NO_MEMORY, "quantising");
	size_t pixels_count = graph_values(job->graph->input);
	for (size_t i = 0; i < job->samples->count; i++) {
		const uint8_t *pixels = samples_at(job->samples, i);
		for (size_t j = 0; j < pixels_count; j++)
			values[0][j] = (float)((pixels[j] - job->manifest->mean) / job->manifest->scale);
		graph_run(job->graph, values);
		look_at(job, i, values);
	}
	return true;
}

/* Steps */

static double weight_most(const float *weights, size_t count)
{
	double most = 0;
	for (size_t i = 0; i < count; i++)
		most = fabs((double)weights[i]) > most ? fabs((double)weights[i]) : most;
	return most;
}

/* The output's steps are not finer than the engine's multipliers can say. */
static void coarsen(const struct job *job, const struct graph_operator *o, struct step *step)
{
	double from = job->tensors[o->inputs[0]].step.scale, least = 0;
	if (o->kind == GRAPH_CONV)
		least = from * weight_most(o->weights, graph_weights_count(job->graph, o)) / WEIGHT_MOST /
		    RATIO_MOST;
	else if (o->kind == GRAPH_AVERAGE_POOL)
		least = from / (o->kernel_height * o->kernel_width) / RATIO_MOST;
	else
		for (int i = 0; i < o->inputs_count; i++)
			least = fmax(least, job->tensors[o->inputs[i]].step.scale / 100);
	step->scale = fmax(step->scale, least);
}

static void choose_steps(struct job *job)
{
	job->tensors[0].step = (struct step){1 / job->manifest->scale, (uint8_t)job->manifest->mean};
	for (int i = 1; i <= job->graph->operators_count; i++) {
		struct tensor *tensor = &job->tensors[i];
		const struct graph_operator *o = &job->graph->operators[i - 1];
		if (!tensor->needed)
			continue;
		if (o->kind == GRAPH_MAX_POOL) {
			tensor->step = job->tensors[o->inputs[0]].step;
			continue;
		}
		tensor->step = range_step(tensor->range);
		coarsen(job, o, &tensor->step);
	}
}

/* Writing */

static uint8_t to_u8(double value)
{
	return (uint8_t)lround(value < 0 ? 0 : value > UINT8_MAX ? UINT8_MAX : value);
}

static struct network_clamp clamp_of(const struct graph_operator *o, struct step step)
{
	struct network_clamp clamp = {step.zero, 0, UINT8_MAX};
	if (!isinf(o->low))
		clamp.least = to_u8(step.zero + (double)o->low / step.scale);
	if (!isinf(o->high))
		clamp.most = to_u8(step.zero + (double)o->high / step.scale);
	return clamp;
}

static struct network_window window_of(const struct graph_operator *o)
{
	return (struct network_window){.height = o->kernel_height,
	    .width = o->kernel_width,
	    .stride_y = o->stride_height,
	    .stride_x = o->stride_width,
	    .top = o->pad_top,
	    .left = o->pad_left,
	    .bottom = o->pad_bottom,
	    .right = o->pad_right};
}

/* A convolution in integers. */
struct integers {
	int outputs;
	size_t each; /* weights of one output channel */
	int8_t *weights;
	int32_t *bias;
	double *scales; /* of weights x input */
};

static void integers_done_owned(struct integers *integers)
{
	free(integers->weights);
	free(integers->bias);
	free(integers->scales);
}

static bool integers_make(struct integers *integers, int outputs, size_t each, struct err *err)
{
	*integers = (struct integers){.outputs = outputs, .each = each};
	integers->weights = calloc((size_t)outputs * each, sizeof *integers->weights);
	integers->bias = calloc((size_t)outputs, sizeof *integers->bias);
	integers->scales = calloc((size_t)outputs, sizeof *integers->scales);
	return (integers->weights && integers->bias && integers->scales) ||
	    err_set(err, ERR_NO_MEMORY, "quantising");
}

/* One output channel. means: of the inputs that it sees, one for every `places` weights. fallback: the scale of a channel
 * of nothing but zeros. */
static void round_channel(struct integers *integers, int channel, const float *weights, double bias,
    double input_scale, const double *means, size_t places, double fallback)
{
	int8_t *to = integers->weights + (size_t)channel * integers->each;
	double step = weight_most(weights, integers->each) / WEIGHT_MOST;
	step = fmax(step, fabs(bias) / input_scale / BIAS_MOST);
	if (step == 0)
		step = fallback / input_scale;
	for (size_t i = 0; i < integers->each; i++) {
		to[i] = (int8_t)lround((double)weights[i] / step);
		bias -= (to[i] * step - (double)weights[i]) * means[i / places];
	}
	integers->bias[channel] = (int32_t)lround(bias / (step * input_scale));
	integers->scales[channel] = step * input_scale;
}

static bool write_conv(struct job *job, int number, struct err *err)
{
	const struct graph_operator *o = &job->graph->operators[number];
	const struct tensor *from = &job->tensors[o->inputs[0]];
	struct tensor *to = &job->tensors[number + 1];
	OWN(integers_done) struct integers integers;
	size_t each = graph_weights_count(job->graph, o) / (size_t)o->shape.channels;
	if (!integers_make(&integers, o->shape.channels, each, err))
		return false;
	int inputs_each = graph_shape_of(job->graph, o->inputs[0]).channels / o->groups,
	    outputs_each = o->shape.channels / o->groups;
	for (int i = 0; i < o->shape.channels; i++) {
		round_channel(&integers, i, o->weights + (size_t)i * each, (double)o->bias[i], from->step.scale,
		    from->means + (ptrdiff_t)(i / outputs_each) * inputs_each,
		    (size_t)o->kernel_height * (size_t)o->kernel_width, to->step.scale / UINT8_MAX);
		integers.scales[i] /= to->step.scale;
	}
	struct network_clamp clamp = clamp_of(o, to->step);
	const struct network_conv conv = {.input = from->written,
	    .window = window_of(o),
	    .outputs = o->shape.channels,
	    .groups = o->groups,
	    .weights = integers.weights,
	    .bias = integers.bias,
	    .scale = integers.scales,
	    .zero_point = clamp.zero_point,
	    .least = clamp.least,
	    .most = clamp.most};
	to->written = network_write_conv(job->writer, &conv);
	return true;
}

static void write_join(struct job *job, int number)
{
	const struct graph_operator *o = &job->graph->operators[number];
	struct tensor *to = &job->tensors[number + 1];
	struct network_term terms[GRAPH_INPUTS_MAX];
	for (int i = 0; i < o->inputs_count; i++) {
		const struct tensor *from = &job->tensors[o->inputs[i]];
		terms[i] = (struct network_term){from->written, from->step.scale / to->step.scale};
	}
	struct network_clamp clamp = clamp_of(o, to->step);
	to->written = o->kind == GRAPH_ADD ? network_write_add(job->writer, terms[0], terms[1], clamp)
					   : network_write_concat(job->writer, terms, o->inputs_count, clamp);
}

static bool write_operator(struct job *job, int number, struct err *err)
{
	const struct graph_operator *o = &job->graph->operators[number];
	const struct tensor *from = &job->tensors[o->inputs[0]];
	struct tensor *to = &job->tensors[number + 1];
	struct network_window window = window_of(o);
	switch (o->kind) {
	case GRAPH_CONV: return write_conv(job, number, err);
	case GRAPH_MAX_POOL:
		to->written = network_write_largest(job->writer, from->written, &window);
		return true;
	case GRAPH_AVERAGE_POOL:
		to->written = network_write_average(
		    job->writer, from->written, &window, from->step.scale / to->step.scale, to->step.zero);
		return true;
	case GRAPH_ADD:
	case GRAPH_CONCAT: write_join(job, number); return true;
	}
	return false;
}

/* The weakest largest logit of any cut. */
static double weakest_top(const struct head *head, size_t cuts)
{
	double weakest = INFINITY;
	for (size_t i = 0; i < cuts; i++) {
		double top = -INFINITY;
		for (size_t j = 0; j < head->values; j++)
			top = fmax(top, (double)head->floats[i * head->values + j]);
		weakest = fmin(weakest, top);
	}
	return weakest;
}

/* The rows that the reader takes, of the dense layer that makes the head, or of a copy of its u8 tensor. */
static bool write_head(struct job *job, const struct head *head, struct err *err)
{
	const struct manifest_head *m = head->from;
	const struct graph_operator *o = head->maker;
	const struct tensor *from = &job->tensors[o ? o->inputs[0] : head->tensor];
	size_t each = o ? graph_weights_count(job->graph, o) / (size_t)o->shape.channels : head->values;
	size_t places = o ? (size_t)o->kernel_height * (size_t)o->kernel_width : 1;
	double to_bits = M_LOG2E / m->temperature,
	       never = weakest_top(head, job->samples->count) - NEVER_BITS / to_bits;
	OWN(integers_done) struct integers integers;
	OWN(free) float *row = calloc(each, sizeof *row);
	if (!row || !integers_make(&integers, m->rows_count, each, err))
		return err_set(err, ERR_NO_MEMORY, "quantising");
	for (int i = 0; i < m->rows_count; i++) {
		int class = m->classes_count == 1 ? 0 : m->rows[i];
		double bias = class < 0 ? never : (o ? (double)o->bias[class] : 0) + m->bias;
		memset(row, 0, each * sizeof *row);
		if (class >= 0 && o)
			memcpy(row, o->weights + (size_t)class * each, each * sizeof *row);
		else if (class >= 0)
			row[class] = 1;
		round_channel(&integers, i, row, bias, from->step.scale, from->means, places,
		    1 / (to_bits * NETWORK_LOGIT_ONE * UINT8_MAX));
		integers.scales[i] *= to_bits * NETWORK_LOGIT_ONE;
	}
	const struct graph_operator whole = graph_operator(GRAPH_CONV, head->tensor, "");
	const struct network_conv conv = {.input = from->written,
	    .window = window_of(o ? o : &whole),
	    .outputs = m->rows_count,
	    .groups = 1,
	    .weights = integers.weights,
	    .bias = integers.bias,
	    .scale = integers.scales,
	    .logits = true};
	network_write_output(job->writer, m->kind, network_write_conv(job->writer, &conv));
	return true;
}

static uint16_t to_u16(double value)
{
	return (uint16_t)lround(value < 0 ? 0 : value > UINT16_MAX ? UINT16_MAX : value);
}

/* In the file a centroid counts sixteenths of a step, and a weight is an integer: both sides of the comparison with the
 * quantiles are stretched alike. */
static bool write_calibration(struct job *job, const struct head *embedding, struct err *err)
{
	const struct manifest *m = job->manifest;
	struct network_calibration calibration = m->calibration;
	if (!m->centroids_count) {
		network_write_calibration(job->writer, &calibration, NULL, 0, NULL);
		return true;
	}
	enum { SIXTEENTHS = 16 };
	struct step step = job->tensors[embedding->tensor].step;
	size_t dimensions = (size_t)m->dimensions, count = (size_t)m->centroids_count * dimensions;
	OWN(free) uint16_t *centroids = calloc(count, sizeof *centroids);
	OWN(free) uint16_t *weights = calloc(dimensions, sizeof *weights);
	if (!centroids || !weights)
		return err_set(err, ERR_NO_MEMORY, "quantising");
	double most = 0;
	for (size_t i = 0; i < dimensions; i++)
		most = fmax(most, m->weights[i]);
	if (most == 0)
		return err_set(err, ERR_BAD_INPUT, "\"unfamiliar\": every weight is zero");
	for (size_t i = 0; i < dimensions; i++)
		weights[i] = to_u16(m->weights[i] / most * UINT16_MAX);
	for (size_t i = 0; i < count; i++)
		centroids[i] = to_u16(SIXTEENTHS * (m->centroids[i] / step.scale + step.zero));
	double stretch = UINT16_MAX / most * SIXTEENTHS * SIXTEENTHS / step.scale / step.scale;
	for (int i = 0; i < NETWORK_UNFAMILIAR_STEPS; i++)
		calibration.unfamiliar[i] = (uint64_t)fmin(m->steps[i] * stretch, 0x1p62);
	network_write_calibration(job->writer, &calibration, centroids, m->centroids_count, weights);
	return true;
}

static bool write_network(struct job *job, struct buf *to, struct err *err)
{
	const struct head *embedding = NULL;
	job->writer = network_writer_new(job->manifest->planes, CUT_SIDE, (uint8_t)job->manifest->mean);
	if (!job->writer)
		return err_set(err, ERR_NO_MEMORY, "quantising");
	for (int i = 0; i < job->graph->operators_count; i++) {
		if (!job->tensors[i + 1].needed)
			continue;
		if (!write_operator(job, i, err))
			return false;
		/* The writer keeps its first mistake to the end; here it still has a name. */
		if (job->tensors[i + 1].written < 0)
			return !network_write_end(job->writer, to, err) &&
			    err_add(err, "%s", job->graph->operators[i].name);
	}
	for (int i = 0; i < job->manifest->heads_count; i++) {
		const struct head *head = &job->heads[i];
		if (head->from->kind == NETWORK_EMBEDDING) {
			embedding = head;
			network_write_output(
			    job->writer, NETWORK_EMBEDDING, job->tensors[head->tensor].written);
		} else if (!write_head(job, head, err)) {
			return false;
		}
	}
	return write_calibration(job, embedding, err) && network_write_end(job->writer, to, err);
}

/* Holding it against the floats */

struct compare {
	const struct job *job;
	struct network *network;
	void *scratch;
	struct cut *cut;
};

/* The value that the engine gives for value i of the graph's output. */
static double engine_value(const struct compare *compare, const struct head *head, size_t i)
{
	size_t count;
	const struct manifest_head *m = head->from;
	if (m->kind == NETWORK_EMBEDDING) {
		struct step step = compare->job->tensors[head->tensor].step;
		return step.scale *
		    (network_embedding(compare->network, compare->scratch, &count)[i] - step.zero);
	}
	const int32_t *logits = network_logits(compare->network, compare->scratch, m->kind, &count);
	size_t row = 0;
	while (m->classes_count > 1 && m->rows[row] != (int)i)
		row++;
	return logits[row] / (M_LOG2E * NETWORK_LOGIT_ONE);
}

static void compare_head(const struct compare *compare, const struct head *head, size_t number,
    struct quantise_error *error, double sums[2])
{
	const struct manifest_head *m = head->from;
	bool embedding = m->kind == NETWORK_EMBEDDING;
	size_t top = 0, engine_top = 0;
	double best = -INFINITY, engine_best = -INFINITY,
	       total = (double)(compare->job->samples->count * head->values);
	for (size_t i = 0; i < head->values; i++) {
		double value = (double)head->floats[number * head->values + i],
		       engine = engine_value(compare, head, i);
		if (!embedding)
			value = (value + m->bias) / m->temperature;
		error->mean += fabs(value - engine) / total;
		error->most = fmax(error->most, fabs(value - engine));
		sums[0] += value / total;
		sums[1] += value * value / total;
		top = value > best ? i : top;
		engine_top = engine > engine_best ? i : engine_top;
		best = fmax(best, value);
		engine_best = fmax(engine_best, engine);
	}
	bool same = embedding || (head->values == 1 ? (best > 0) == (engine_best > 0) : top == engine_top);
	error->same += same / (double)compare->job->samples->count;
}

static void compare_all(struct compare *compare, struct quantise_report *report)
{
	const struct samples *samples = compare->job->samples;
	double sums[MANIFEST_HEADS_MAX][2] = {{0}};
	size_t plane = (size_t)CUT_SIDE * CUT_SIDE;
	report->errors_count = compare->job->manifest->heads_count;
	compare->cut->planes = (uint8_t)samples->planes;
	for (size_t i = 0; i < samples->count; i++) {
		for (int j = 0; j < samples->planes; j++)
			memcpy(compare->cut->pixels[j], samples_at(samples, i) + (size_t)j * plane, plane);
		network_run(compare->network, compare->cut, compare->scratch);
		for (int j = 0; j < report->errors_count; j++) {
			report->errors[j].kind = compare->job->heads[j].from->kind;
			compare_head(compare, &compare->job->heads[j], i, &report->errors[j], sums[j]);
		}
	}
	for (int j = 0; j < report->errors_count; j++)
		report->errors[j].spread = sqrt(fmax(0, sums[j][1] - sums[j][0] * sums[j][0]));
}

static bool hold_against(
    const struct job *job, const struct buf *bytes, struct quantise_report *report, struct err *err)
{
	size_t room = (bytes->size + NETWORK_ALIGN - 1) / NETWORK_ALIGN * NETWORK_ALIGN;
	OWN(free) uint8_t *aligned = aligned_alloc(NETWORK_ALIGN, room);
	OWN(free) struct cut *cut = calloc(1, sizeof *cut);
	OWN(network_close) struct network *network = NULL;
	if (!aligned || !cut)
		return err_set(err, ERR_NO_MEMORY, "quantising");
	memcpy(aligned, bytes->data, bytes->size);
	if (!network_open(aligned, bytes->size, &network, err))
		return false;
	OWN(free) void *scratch = network_scratch(network);
	if (!scratch)
		return err_set(err, ERR_NO_MEMORY, "quantising");
	struct compare compare = {job, network, scratch, cut};
	compare_all(&compare, report);
	report->work = network_work(network);
	return true;
}

bool quantise(const struct graph *graph, const struct manifest *manifest, const struct samples *samples,
    struct buf *to, struct quantise_report *ret_report, struct err *err)
{
	OWN(job_free) struct job *job = calloc(1, sizeof *job);
	OWN(buf_done) struct buf bytes = BUF_INIT(LIMIT_NETWORK_BYTES);
	struct quantise_report report = {.cuts = samples->count};
	if (!job)
		return err_set(err, ERR_NO_MEMORY, "quantising");
	job->graph = graph;
	job->manifest = manifest;
	job->samples = samples;
	if (!find_needed(job, err) || !measure(job, err))
		return false;
	choose_steps(job);
	if (!write_network(job, &bytes, err) || !hold_against(job, &bytes, &report, err))
		return false;
	report.bytes = bytes.size;
	buf_add(to, bytes.data, bytes.size);
	if (!buf_ok(to, err))
		return false;
	*ret_report = report;
	return true;
}
