#include "reading/network_write.h"

#include "base/limits.h"
#include "reading/network.h"

#include <math.h>
#include <string.h>

struct network_writer {
	struct network_tensor tensors[NETWORK_TENSORS_MAX];
	struct network_operator operators[NETWORK_OPERATORS_MAX];
	struct network_output outputs[NETWORK_OUTPUT_KINDS];
	int tensors_count, operators_count, outputs_count;
	struct network_calibration calibration;
	struct buf blobs; /* weights, biases, scales, centroids; their offsets count from its start until
	                     the end */
	bool failed;
	struct err err;
};

static uint64_t up(uint64_t value)
{
	return (value + NETWORK_ALIGN - 1) / NETWORK_ALIGN * NETWORK_ALIGN;
}

struct network_writer *network_writer_new(int planes, int side, uint8_t zero_point)
{
	struct network_writer *writer = calloc(1, sizeof *writer);
	if (!writer)
		return NULL;
	writer->blobs = (struct buf)BUF_INIT(LIMIT_NETWORK_BYTES);
	writer->tensors[0] = (struct network_tensor){
	    (uint16_t)side, (uint16_t)side, (uint16_t)planes, NETWORK_U8, zero_point};
	writer->tensors_count = 1;
	for (int i = 0; i < NETWORK_CONFIDENCE_STEPS; i++) {
		uint16_t share = (uint16_t)(1000 * i / (NETWORK_CONFIDENCE_STEPS - 1));
		writer->calibration.stage[i] = writer->calibration.cells[i] = share;
	}
	return writer;
}

void network_writer_free(struct network_writer *writer)
{
	if (!writer)
		return;
	buf_done(&writer->blobs);
	free(writer);
}

static int mistake(struct network_writer *writer, const char *what)
{
	if (!writer->failed)
		err_set(&writer->err, ERR_BAD_INPUT, "writing operator %d of a network: %s",
		    writer->operators_count, what);
	writer->failed = true;
	return -1;
}

/* Room for size bytes at a multiple of 64; zeros. NULL when there is none. */
static uint8_t *blob(struct network_writer *writer, uint64_t size, uint32_t *ret_at)
{
	*ret_at = (uint32_t)writer->blobs.size;
	uint8_t *bytes = size <= LIMIT_NETWORK_BYTES ? buf_grow(&writer->blobs, up(size)) : NULL;
	if (!bytes)
		mistake(writer, "it grows too large");
	return bytes;
}

static const struct network_tensor *tensor_of(struct network_writer *writer, int index)
{
	if (!writer->failed && index >= 0 && index < writer->tensors_count)
		return &writer->tensors[index];
	mistake(writer, "it reads what was not written");
	return NULL;
}

static int add_tensor(struct network_writer *writer, struct network_tensor tensor)
{
	if (writer->tensors_count == NETWORK_TENSORS_MAX)
		return mistake(writer, "too many tensors");
	writer->tensors[writer->tensors_count] = tensor;
	return writer->tensors_count++;
}

static int add_operator(
    struct network_writer *writer, struct network_operator op, struct network_tensor out)
{
	if (writer->failed)
		return -1;
	if (writer->operators_count == NETWORK_OPERATORS_MAX)
		return mistake(writer, "too many operators");
	int output = add_tensor(writer, out);
	if (output < 0)
		return -1;
	op.output = (uint16_t)output;
	writer->operators[writer->operators_count++] = op;
	return output;
}

/* The size of what a window gives; false where it does not fit. */
static bool set_window(struct network_operator *op, const struct network_window *w,
    const struct network_tensor *in, struct network_tensor *out)
{
	if (w->height < 1 || w->width < 1 || w->height > NETWORK_SIDE_MAX || w->width > NETWORK_SIDE_MAX ||
	    w->stride_y < 1 || w->stride_x < 1 || w->stride_y > NETWORK_STRIDE_MAX ||
	    w->stride_x > NETWORK_STRIDE_MAX)
		return false;
	const int pads[] = {w->top, w->left, w->bottom, w->right};
	for (int i = 0; i < 4; i++)
		if (pads[i] < 0 || pads[i] > NETWORK_PAD_MAX)
			return false;
	int rows = in->height + w->top + w->bottom - w->height;
	int columns = in->width + w->left + w->right - w->width;
	out->height = (uint16_t)(rows < 0 ? 0 : rows / w->stride_y + 1);
	out->width = (uint16_t)(columns < 0 ? 0 : columns / w->stride_x + 1);
	op->kernel_height = (uint16_t)w->height;
	op->kernel_width = (uint16_t)w->width;
	op->stride_y = (uint16_t)w->stride_y;
	op->stride_x = (uint16_t)w->stride_x;
	op->pad_top = (uint16_t)w->top;
	op->pad_left = (uint16_t)w->left;
	op->pad_bottom = (uint16_t)w->bottom;
	op->pad_right = (uint16_t)w->right;
	return rows >= 0 && columns >= 0;
}

/* scale = multiplier / 2^shift, the multiplier with as many bits as fit. False when it is no scale or too
 * large. */
static bool split_scale(double scale, int32_t *ret_multiplier, uint32_t *ret_shift)
{
	int exponent;
	if (!(scale >= 0) || !(scale < 0.4999999))
		return false;
	/* fraction in [0.5, 1): its first 31 bits. */
	double fraction = frexp(scale, &exponent);
	int shift = 31 - exponent;
	double multiplier = round(fraction * 2147483648.0);
	if (multiplier > 2147483647.0) {
		multiplier /= 2;
		shift--;
	}
	for (; shift > NETWORK_WIDE_SHIFT_MOST; shift--)
		multiplier /= 2;
	*ret_multiplier = (int32_t)multiplier;
	*ret_shift = multiplier == 0 ? NETWORK_WIDE_SHIFT_LEAST : (uint32_t)shift;
	return true;
}

static bool add_scales(struct network_writer *writer, const double *scale, int count, uint32_t *ret_at)
{
	size_t entries = (size_t)(count + NETWORK_BLOCK - 1) / NETWORK_BLOCK * NETWORK_BLOCK;
	int32_t *multipliers = (void *)blob(writer, 2 * entries * sizeof *multipliers, ret_at);
	if (!multipliers)
		return false;
	uint32_t *shifts = (uint32_t *)multipliers + entries;
	for (size_t i = 0; i < entries; i++) {
		shifts[i] = NETWORK_WIDE_SHIFT_LEAST;
		if (i < (size_t)count && !split_scale(scale[i], &multipliers[i], &shifts[i])) {
			mistake(writer, "a scale is not in 0..0.5");
			return false;
		}
	}
	return true;
}

/* Where the weight of output o and input i of its group lies at this tap. */
static size_t weight_at(const struct network_conv *conv, int inputs, int o, int i, int tap)
{
	size_t taps = (size_t)conv->window.height * (size_t)conv->window.width;
	if (conv->groups > 1)
		return ((size_t)tap * (size_t)conv->outputs + (size_t)o) * (size_t)inputs + (size_t)i;
	size_t fours = (size_t)(inputs + NETWORK_GROUP - 1) / NETWORK_GROUP;
	size_t run =
	    ((size_t)(o / NETWORK_BLOCK) * taps + (size_t)tap) * fours + (size_t)(i / NETWORK_GROUP);
	return run * NETWORK_BLOCK * NETWORK_GROUP + (size_t)(o % NETWORK_BLOCK) * NETWORK_GROUP +
	    (size_t)(i % NETWORK_GROUP);
}

static bool add_weights(
    struct network_writer *writer, const struct network_conv *conv, int inputs, struct network_operator *op)
{
	int taps = conv->window.height * conv->window.width;
	size_t size =
	    weight_at(conv, inputs, conv->groups > 1 ? conv->outputs - 1 : (conv->outputs - 1) | 15,
	        inputs - 1, taps - 1) +
	    NETWORK_GROUP;
	int8_t *weights = (void *)blob(writer, size, &op->weights);
	if (!weights)
		return false;
	const int8_t *from = conv->weights;
	for (int o = 0; o < conv->outputs; o++)
		for (int i = 0; i < inputs; i++)
			for (int tap = 0; tap < taps; tap++)
				weights[weight_at(conv, inputs, o, i, tap)] = *from++;
	return true;
}

static bool add_bias(struct network_writer *writer, const struct network_conv *conv, int depth,
    int zero_point, struct network_operator *op)
{
	size_t entries = (size_t)(conv->outputs + NETWORK_BLOCK - 1) / NETWORK_BLOCK * NETWORK_BLOCK;
	int32_t *bias = (void *)blob(writer, entries * sizeof *bias, &op->bias);
	if (!bias)
		return false;
	for (int o = 0; o < conv->outputs; o++) {
		int64_t value = conv->bias ? conv->bias[o] : 0;
		for (int i = 0; i < depth; i++)
			value -= (int64_t)zero_point * conv->weights[(size_t)o * (size_t)depth + (size_t)i];
		if (value < -NETWORK_BIAS_MAX || value > NETWORK_BIAS_MAX) {
			mistake(writer, "a bias is too large");
			return false;
		}
		bias[o] = (int32_t)value;
	}
	return true;
}

int network_write_conv(struct network_writer *writer, const struct network_conv *conv)
{
	const struct network_tensor *in = tensor_of(writer, conv->input);
	struct network_operator op = {.kind = NETWORK_CONV,
	    .input = (uint16_t)conv->input,
	    .groups = (uint32_t)conv->groups,
	    .least = conv->least,
	    .most = conv->most};
	struct network_tensor out = {.channels = (uint16_t)conv->outputs,
	    .kind = conv->logits ? NETWORK_S32 : NETWORK_U8,
	    .zero_point = conv->logits ? 0 : conv->zero_point};
	if (!in)
		return -1;
	if (!set_window(&op, &conv->window, in, &out))
		return mistake(writer, "the window does not fit");
	if (conv->groups < 1 || conv->outputs < 1 || conv->outputs > NETWORK_CHANNELS_MAX ||
	    in->channels % conv->groups != 0 || conv->outputs % conv->groups != 0)
		return mistake(writer, "its channels and groups");
	int inputs = in->channels / conv->groups, taps = conv->window.height * conv->window.width;
	if ((int64_t)inputs * taps > NETWORK_DEPTH_MAX)
		return mistake(writer, "too many weights for one output");
	if (!add_weights(writer, conv, inputs, &op) ||
	    !add_bias(writer, conv, inputs * taps, in->zero_point, &op) ||
	    !add_scales(writer, conv->scale, conv->outputs, &op.scales))
		return -1;
	return add_operator(writer, op, out);
}

int network_write_average(struct network_writer *writer, int input, const struct network_window *window,
    double scale, uint8_t zero_point)
{
	const struct network_tensor *in = tensor_of(writer, input);
	struct network_operator op = {.kind = NETWORK_AVERAGE, .input = (uint16_t)input, .most = 255};
	double each = scale / ((double)window->height * window->width);
	if (!in)
		return -1;
	struct network_tensor out = {.channels = in->channels, .zero_point = zero_point};
	if (!set_window(&op, window, in, &out))
		return mistake(writer, "the window does not fit");
	return add_scales(writer, &each, 1, &op.scales) ? add_operator(writer, op, out) : -1;
}

int network_write_largest(struct network_writer *writer, int input, const struct network_window *window)
{
	const struct network_tensor *in = tensor_of(writer, input);
	struct network_operator op = {.kind = NETWORK_LARGEST, .input = (uint16_t)input, .most = 255};
	if (!in)
		return -1;
	struct network_tensor out = {.channels = in->channels, .zero_point = in->zero_point};
	if (!set_window(&op, window, in, &out))
		return mistake(writer, "the window does not fit");
	return add_operator(writer, op, out);
}

/* The largest shift with which every scale is a whole multiplier of at most NETWORK_NARROW_MAX. */
static bool narrow_shift(const double *scales, int count, uint32_t *ret_shift)
{
	uint32_t shift = NETWORK_NARROW_SHIFT_MOST;
	double most = 0;
	for (int i = 0; i < count; i++)
		most = fmax(most, fabs(scales[i]));
	while (shift > 1 && ldexp(most, (int)shift) > NETWORK_NARROW_MAX)
		shift--;
	*ret_shift = shift;
	return isfinite(most) && ldexp(most, (int)shift) <= NETWORK_NARROW_MAX;
}

int network_write_add(struct network_writer *writer, struct network_term one, struct network_term two,
    struct network_clamp clamp)
{
	const struct network_tensor *in = tensor_of(writer, one.tensor);
	struct network_operator op = {.kind = NETWORK_ADD,
	    .input = (uint16_t)one.tensor,
	    .second = (uint16_t)two.tensor,
	    .least = clamp.least,
	    .most = clamp.most};
	const double scales[] = {one.scale, two.scale};
	if (!in || !tensor_of(writer, two.tensor))
		return -1;
	if (!narrow_shift(scales, 2, &op.shift))
		return mistake(writer, "a scale is too large");
	op.multiplier = (int32_t)lround(ldexp(one.scale, (int)op.shift));
	op.second_multiplier = (int32_t)lround(ldexp(two.scale, (int)op.shift));
	struct network_tensor out = *in;
	out.zero_point = clamp.zero_point;
	return add_operator(writer, op, out);
}

int network_write_concat(
    struct network_writer *writer, const struct network_term *terms, int count, struct network_clamp clamp)
{
	struct network_tensor out = {.zero_point = clamp.zero_point};
	int output = -1, channel = 0;
	for (int i = 0; i < count; i++) {
		const struct network_tensor *in = tensor_of(writer, terms[i].tensor);
		struct network_operator op = {.kind = NETWORK_CONCAT,
		    .input = (uint16_t)terms[i].tensor,
		    .channel = (uint16_t)channel,
		    .least = clamp.least,
		    .most = clamp.most};
		if (!in)
			return -1;
		if (!narrow_shift(&terms[i].scale, 1, &op.shift))
			return mistake(writer, "a scale is too large");
		op.multiplier = (int32_t)lround(ldexp(terms[i].scale, (int)op.shift));
		channel += in->channels;
		out.height = in->height;
		out.width = in->width;
		out.channels = (uint16_t)channel;
		if (channel > NETWORK_CHANNELS_MAX || writer->operators_count == NETWORK_OPERATORS_MAX)
			return mistake(writer, "too much to put together");
		if (output < 0) {
			output = add_operator(writer, op, out);
			continue;
		}
		op.output = (uint16_t)output;
		writer->operators[writer->operators_count++] = op;
		writer->tensors[output] = out;
	}
	return output;
}

void network_write_output(struct network_writer *writer, enum network_output_kind kind, int tensor)
{
	if (!tensor_of(writer, tensor))
		return;
	if (writer->outputs_count + 1 >= NETWORK_OUTPUT_KINDS) {
		mistake(writer, "too many outputs");
		return;
	}
	writer->outputs[writer->outputs_count++] =
	    (struct network_output){(uint16_t)kind, (uint16_t)tensor};
}

void network_write_calibration(struct network_writer *writer, const struct network_calibration *calibration,
    const uint16_t *centroids, int centroids_count, const uint16_t *dimension_weights)
{
	writer->calibration = *calibration;
	struct network_calibration *own = &writer->calibration;
	own->dimensions = own->centroids_count = own->centroids = own->dimension_weights = 0;
	for (int i = 0; i < writer->outputs_count && centroids_count > 0; i++)
		if (writer->outputs[i].kind == NETWORK_EMBEDDING)
			own->dimensions = writer->tensors[writer->outputs[i].tensor].channels;
	if (own->dimensions == 0)
		return;
	size_t size = own->dimensions * sizeof *centroids;
	own->centroids_count = (uint32_t)centroids_count;
	uint8_t *bytes = blob(writer, size * own->centroids_count, &own->centroids);
	if (bytes)
		memcpy(bytes, centroids, size * own->centroids_count);
	bytes = blob(writer, size, &own->dimension_weights);
	if (bytes)
		memcpy(bytes, dimension_weights, size);
}

static uint32_t put(struct buf *to, const void *data, size_t size)
{
	uint32_t at = (uint32_t)to->size;
	buf_add(to, data, size);
	buf_grow(to, up(to->size) - to->size);
	return at;
}

static void move_offsets(struct network_writer *writer, uint32_t by)
{
	for (int i = 0; i < writer->operators_count; i++) {
		struct network_operator *op = &writer->operators[i];
		if (op->kind == NETWORK_CONV) {
			op->weights += by;
			op->bias += by;
		}
		if (op->kind == NETWORK_CONV || op->kind == NETWORK_AVERAGE)
			op->scales += by;
	}
	if (writer->calibration.centroids_count > 0) {
		writer->calibration.centroids += by;
		writer->calibration.dimension_weights += by;
	}
}

static void put_together(struct network_writer *writer, struct buf *to)
{
	struct network_head head = {.magic = NETWORK_MAGIC,
	    .version = NETWORK_VERSION,
	    .tensors_count = (uint32_t)writer->tensors_count,
	    .operators_count = (uint32_t)writer->operators_count,
	    .outputs_count = (uint32_t)writer->outputs_count};
	uint64_t tables = up(sizeof head) + up(sizeof *writer->tensors * head.tensors_count) +
	    up(sizeof *writer->operators * head.operators_count) +
	    up(sizeof *writer->outputs * head.outputs_count) + up(sizeof writer->calibration);
	move_offsets(writer, (uint32_t)tables);
	head.size = (uint32_t)(tables + writer->blobs.size);
	buf_clear(to);
	put(to, &head, sizeof head);
	head.tensors = put(to, writer->tensors, sizeof *writer->tensors * head.tensors_count);
	head.operators = put(to, writer->operators, sizeof *writer->operators * head.operators_count);
	head.outputs = put(to, writer->outputs, sizeof *writer->outputs * head.outputs_count);
	head.calibration = put(to, &writer->calibration, sizeof writer->calibration);
	put(to, writer->blobs.data, writer->blobs.size);
	if (!to->failed)
		memcpy(to->data, &head, sizeof head);
}

/* From memory that is aligned as a mapping is. */
static bool opens(const struct buf *bytes, struct err *err)
{
	OWN(free) uint8_t *aligned = aligned_alloc(NETWORK_ALIGN, up(bytes->size));
	OWN(network_close) struct network *network = NULL;
	if (!aligned)
		return err_set(err, ERR_NO_MEMORY, "writing a network");
	memcpy(aligned, bytes->data, bytes->size);
	return network_open(aligned, bytes->size, &network, err);
}

bool network_write_end(struct network_writer *writer, struct buf *ret_bytes, struct err *err)
{
	if (!writer || !buf_ok(&writer->blobs, err))
		return err_set(err, ERR_NO_MEMORY, "writing a network");
	if (writer->failed) {
		*err = writer->err;
		return false;
	}
	put_together(writer, ret_bytes);
	if (!buf_ok(ret_bytes, err) || !opens(ret_bytes, err))
		return err_add(err, "writing a network");
	return true;
}
