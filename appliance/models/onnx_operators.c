#include "models/onnx_inside.h"

#include <math.h>
#include <string.h>

enum { NODE_ENDS_MAX = 256 /* inputs or outputs of one node */ };

/* A node's first output is another name for the same tensor. */
static bool alias(struct importer *importer, const Onnx__Node *node, const struct value *value, bool flat,
    enum onnx_ending ending, struct err *err)
{
	struct value made = *value;
	made.name = node->output[0];
	made.flat = flat;
	made.ending = ending;
	made.shared = value->shared || value_uses(importer, value->name) > 1;
	return value_add(importer, &made, err);
}

static bool append(struct importer *importer, const Onnx__Node *node, const struct graph_operator *operator,
    bool flat, struct err *err)
{
	struct value made = {.name = node->output[0], .flat = flat};
	return graph_append(importer->to, operator, &made.tensor, err) && value_add(importer, &made, err);
}

static struct graph_operator start(const Onnx__Node *node, enum graph_kind kind, const struct value *input)
{
	char name[GRAPH_NAME_SIZE];
	return graph_operator(kind, input->tensor, node_name(node, name));
}

/* The operator that made it, where only this node looks at it; else NULL. */
static struct graph_operator *sole_maker(const struct importer *importer, const struct value *value)
{
	bool sole = value->tensor > 0 && !value->shared && value_uses(importer, value->name) == 1;
	return sole ? &importer->to->operators[value->tensor - 1] : NULL;
}

static bool is_clamped(const struct graph_operator *operator)
{
	return !isinf(operator->low) || !isinf(operator->high);
}

/* scale[channel] * x + shift[channel], as a convolution of one weight a channel. Takes scale and shift. */
static bool append_affine(struct importer *importer, const Onnx__Node *node, const struct value *value,
    float *scale, float *shift, struct err *err)
{
	struct graph_operator operator = start(node, GRAPH_CONV, value);
	operator.groups = operator.shape.channels = graph_shape_of(importer->to, value->tensor).channels;
	operator.weights = scale;
	operator.bias = shift;
	return append(importer, node, &operator, value->flat, err);
}

static bool add_affine(struct importer *importer, const Onnx__Node *node, const struct value *value,
    float *scale, float *shift, struct err *err)
{
	struct graph_operator *maker = sole_maker(importer, value);
	if (!maker || maker->kind != GRAPH_CONV || is_clamped(maker))
		return append_affine(importer, node, value, scale, shift, err);
	size_t each = graph_weights_count(importer->to, maker) / (size_t)maker->shape.channels;
	for (int channel = 0; channel < maker->shape.channels; channel++) {
		for (size_t i = 0; i < each; i++)
			maker->weights[(size_t)channel * each + i] *= scale[channel];
		maker->bias[channel] = maker->bias[channel] * scale[channel] + shift[channel];
	}
	free(scale);
	free(shift);
	return alias(importer, node, value, value->flat, ONNX_PLAIN, err);
}

static float *filled(size_t count, float value)
{
	float *floats = calloc(count, sizeof *floats);
	for (size_t i = 0; floats && i < count; i++)
		floats[i] = value;
	return floats;
}

static float clamped(float value, float low, float high)
{
	return value < low ? low : value > high ? high : value;
}

static bool add_clamp(struct importer *importer, const Onnx__Node *node, float low, float high, struct err *err)
{
	const struct value *value;
	if (!node_tensor(importer, node, 0, &value, err))
		return false;
	if (!(low < high))
		return node_refuse(node, ERR_BAD_INPUT, err, "clamps to nothing");
	struct graph_operator *maker = sole_maker(importer, value);
	if (maker && (maker->kind == GRAPH_CONV || maker->kind == GRAPH_ADD)) {
		maker->low = clamped(maker->low, low, high);
		maker->high = clamped(maker->high, low, high);
		return alias(importer, node, value, value->flat, ONNX_PLAIN, err);
	}
	struct graph_operator operator = start(node, GRAPH_CONV, value);
	operator.groups = operator.shape.channels = graph_shape_of(importer->to, value->tensor).channels;
	operator.weights = filled((size_t)operator.groups, 1);
	operator.bias = filled((size_t)operator.groups, 0);
	operator.low = low;
	operator.high = high;
	if (!operator.weights || !operator.bias) {
		free(operator.weights);
		free(operator.bias);
		return err_set(err, ERR_NO_MEMORY, "importing a network");
	}
	return append(importer, node, &operator, value->flat, err);
}

static bool add_relu(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	return add_clamp(importer, node, 0, INFINITY, err);
}

/* Its limits are attributes, or inputs from opset 11 on. */
static bool clip_limit(const struct importer *importer, const Onnx__Node *node, size_t number, const char *name,
    float *limit, struct err *err)
{
	OWN(free) float *given = NULL;
	*limit = node_float(node, name, *limit);
	if (!node_has(node, number))
		return true;
	if (!node_constant_floats(importer, node, number, 1, &given, err))
		return false;
	*limit = *given;
	return true;
}

static bool add_clip(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	float low = -INFINITY, high = INFINITY;
	return clip_limit(importer, node, 1, "min", &low, err) &&
	    clip_limit(importer, node, 2, "max", &high, err) && add_clamp(importer, node, low, high, err);
}

/* Padding that keeps the output at input / stride, rounded up: SAME_UPPER puts an odd one at the end. */
static void same_padding(int size, int kernel, int stride, bool upper, int *ret_before, int *ret_after)
{
	int made = (size + stride - 1) / stride, total = (made - 1) * stride + kernel - size;
	if (total < 0)
		total = 0;
	*ret_before = upper ? total / 2 : total - total / 2;
	*ret_after = total - *ret_before;
}

static bool is_text(const Onnx__Attribute *found, const char *text)
{
	return found->s.len == strlen(text) && memcmp(found->s.data, text, found->s.len) == 0;
}

/* Stride and padding of a convolution or pool whose kernel is known. */
static bool take_window(const struct importer *importer, const Onnx__Node *node, const struct value *value,
    struct graph_operator *operator, struct err *err)
{
	struct graph_shape input = graph_shape_of(importer->to, operator->inputs[0]);
	int strides[2] = {1, 1}, pads[4] = {0}, dilations[2] = {1, 1};
	if (!node_ints(node, "strides", 2, strides, err) || !node_ints(node, "pads", 4, pads, err) ||
	    !node_ints(node, "dilations", 2, dilations, err))
		return false;
	if (dilations[0] != 1 || dilations[1] != 1)
		return node_refuse(node, ERR_UNSUPPORTED, err, "dilations are not supported");
	if (strides[0] < 1 || strides[1] < 1)
		return node_refuse(node, ERR_BAD_INPUT, err, "strides is out of range");
	operator->stride_height = strides[0];
	operator->stride_width = strides[1];
	const Onnx__Attribute *automatic = node_attribute(node, "auto_pad");
	if (automatic && automatic->s.len && !is_text(automatic, "NOTSET") && !is_text(automatic, "VALID")) {
		bool upper = is_text(automatic, "SAME_UPPER");
		if (value->padded || (!upper && !is_text(automatic, "SAME_LOWER")))
			return node_refuse(node, ERR_UNSUPPORTED, err, "this auto_pad is not supported");
		same_padding(input.height, operator->kernel_height, strides[0], upper, &pads[0], &pads[2]);
		same_padding(input.width, operator->kernel_width, strides[1], upper, &pads[1], &pads[3]);
	}
	bool padded = pads[0] || pads[1] || pads[2] || pads[3];
	if (operator->kind == GRAPH_AVERAGE_POOL && padded && !node_int(node, "count_include_pad", 0))
		return node_refuse(
		    node, ERR_UNSUPPORTED, err, "an average that leaves its padding out is not supported");
	operator->pad_top = pads[0] + value->pads[0];
	operator->pad_left = pads[1] + value->pads[1];
	operator->pad_bottom = pads[2] + value->pads[2];
	operator->pad_right = pads[3] + value->pads[3];
	int rest =
	    (input.height + operator->pad_top + operator->pad_bottom - operator->kernel_height) % strides[0] +
	    (input.width + operator->pad_left + operator->pad_right - operator->kernel_width) % strides[1];
	if (node_int(node, "ceil_mode", 0) && rest)
		return node_refuse(node, ERR_UNSUPPORTED, err, "ceil_mode is not supported");
	return true;
}

/* The weights of input 1 and the bias of input 2, which may be missing. */
static bool take_weights(const struct importer *importer, const Onnx__Node *node, size_t bias_at,
    struct graph_operator *operator, struct err *err)
{
	size_t channels = (size_t)operator->shape.channels;
	OWN(free) float *weights = NULL;
	OWN(free) float *bias = NULL;
	if (!node_constant_floats(
	        importer, node, 1, graph_weights_count(importer->to, operator), &weights, err))
		return false;
	if (node_has(node, bias_at) && !node_constant_floats(importer, node, bias_at, channels, &bias, err))
		return false;
	if (!bias)
		bias = filled(channels, 0);
	if (!bias)
		return err_set(err, ERR_NO_MEMORY, "importing a network");
	operator->weights = TAKE(weights);
	operator->bias = TAKE(bias);
	return true;
}

static bool add_conv(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const struct value *value;
	const Onnx__Tensor *weights;
	if (!node_padded(importer, node, 0, &value, err) || !node_constant(importer, node, 1, &weights, err))
		return false;
	struct graph_operator operator = start(node, GRAPH_CONV, value);
	int channels = graph_shape_of(importer->to, value->tensor).channels;
	int64_t groups = node_int(node, "group", 1);
	size_t count;
	if (weights->n_dims != 4 || !node_count(weights, &count) || count == 0)
		return node_refuse(
		    node, ERR_UNSUPPORTED, err, "only two-dimensional convolutions are supported");
	if (groups < 1 || groups > channels || weights->dims[1] * groups != channels ||
	    weights->dims[0] % groups)
		return node_refuse(
		    node, ERR_BAD_INPUT, err, "its weights do not fit an input of %d channels", channels);
	int kernel[2] = {(int)weights->dims[2], (int)weights->dims[3]};
	if (!node_ints(node, "kernel_shape", 2, kernel, err))
		return false;
	if (kernel[0] != weights->dims[2] || kernel[1] != weights->dims[3])
		return node_refuse(node, ERR_BAD_INPUT, err, "kernel_shape is not that of its weights");
	operator.groups = (int)groups;
	operator.kernel_height = kernel[0];
	operator.kernel_width = kernel[1];
	operator.shape.channels = (int)weights->dims[0];
	return take_window(importer, node, value, &operator, err) &&
	    take_weights(importer, node, 2, &operator, err) && append(importer, node, &operator, false, err);
}

static bool add_normalisation(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const struct value *value;
	OWN(free) float *scale = NULL;
	OWN(free) float *shift = NULL;
	OWN(free) float *mean = NULL;
	OWN(free) float *variance = NULL;
	if (!node_planes(importer, node, 0, &value, err))
		return false;
	size_t channels = (size_t)graph_shape_of(importer->to, value->tensor).channels;
	if (!node_constant_floats(importer, node, 1, channels, &scale, err) ||
	    !node_constant_floats(importer, node, 2, channels, &shift, err) ||
	    !node_constant_floats(importer, node, 3, channels, &mean, err) ||
	    !node_constant_floats(importer, node, 4, channels, &variance, err))
		return false;
	double epsilon = (double)node_float(node, "epsilon", 1e-5f);
	for (size_t i = 0; i < channels; i++) {
		double root = sqrt((double)variance[i] + epsilon);
		if (!(root > 0))
			return node_refuse(node, ERR_BAD_INPUT, err, "a variance is negative");
		scale[i] = (float)((double)scale[i] / root);
		shift[i] -= mean[i] * scale[i];
	}
	return add_affine(importer, node, value, TAKE(scale), TAKE(shift), err);
}

static bool add_pool(struct importer *importer, const Onnx__Node *node, enum graph_kind kind, struct err *err)
{
	const struct value *value;
	int kernel[2] = {0};
	bool found = kind == GRAPH_AVERAGE_POOL ? node_padded(importer, node, 0, &value, err)
						: node_planes(importer, node, 0, &value, err);
	if (!found || !node_ints(node, "kernel_shape", 2, kernel, err))
		return false;
	struct graph_operator operator = start(node, kind, value);
	if (kernel[0] < 1 || kernel[1] < 1)
		return node_refuse(node, ERR_BAD_INPUT, err, "kernel_shape is missing");
	operator.kernel_height = kernel[0];
	operator.kernel_width = kernel[1];
	if (!take_window(importer, node, value, &operator, err))
		return false;
	/* Of one value each the largest is the average, and what the engine does exactly. */
	if (kernel[0] == 1 && kernel[1] == 1)
		operator.kind = GRAPH_MAX_POOL;
	return append(importer, node, &operator, false, err);
}

static bool add_max_pool(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	return add_pool(importer, node, GRAPH_MAX_POOL, err);
}

static bool add_average_pool(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	return add_pool(importer, node, GRAPH_AVERAGE_POOL, err);
}

/* The mean of each channel. */
static bool add_mean(struct importer *importer, const Onnx__Node *node, bool flat, struct err *err)
{
	const struct value *value;
	if (!node_planes(importer, node, 0, &value, err))
		return false;
	struct graph_operator operator = start(node, GRAPH_AVERAGE_POOL, value);
	struct graph_shape input = graph_shape_of(importer->to, value->tensor);
	if (input.height * input.width == 1)
		return alias(importer, node, value, flat, ONNX_PLAIN, err);
	operator.kernel_height = input.height;
	operator.kernel_width = input.width;
	return append(importer, node, &operator, flat, err);
}

static bool add_global_average(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	return add_mean(importer, node, false, err);
}

/* Axis number i of two: an attribute, or an input from opset 18 on. */
static bool axis_of(
    const struct importer *importer, const Onnx__Node *node, size_t i, int64_t *ret_axis, struct err *err)
{
	const Onnx__Tensor *given = NULL;
	const Onnx__Attribute *axes = node_attribute(node, "axes");
	if (axes && axes->n_ints == 2) {
		*ret_axis = axes->ints[i];
		return true;
	}
	return node_has(node, 1) && node_constant(importer, node, 1, &given, err) &&
	    node_int_at(given, i, 2, ret_axis);
}

/* Over rows and columns it is a global average. */
static bool add_reduce_mean(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	int64_t first = 0, second = 0;
	bool ok = axis_of(importer, node, 0, &first, err) && axis_of(importer, node, 1, &second, err);
	first += first < 0 ? 4 : 0;
	second += second < 0 ? 4 : 0;
	if (!ok || !((first == 2 && second == 3) || (first == 3 && second == 2)))
		return node_refuse(
		    node, ERR_UNSUPPORTED, err, "only a mean over rows and columns is supported");
	return add_mean(importer, node, !node_int(node, "keepdims", 1), err);
}

/* One number a channel, as ONNX would stretch them; or one for all. */
static bool add_constant(struct importer *importer, const Onnx__Node *node, size_t tensor_at, struct err *err)
{
	const struct value *value;
	const Onnx__Tensor *constant;
	if (!node_planes(importer, node, tensor_at, &value, err) ||
	    !node_constant(importer, node, 1 - tensor_at, &constant, err))
		return false;
	struct graph_shape shape = graph_shape_of(importer->to, value->tensor);
	size_t channels = (size_t)shape.channels, count, rank = constant->n_dims;
	bool ok = node_count(constant, &count) && (count == 1 || count == channels);
	if (ok && count > 1)
		ok = value->flat ? constant->dims[rank - 1] == shape.channels
				 : rank >= 3 && constant->dims[rank - 1] == 1 && constant->dims[rank - 2] == 1;
	if (!ok)
		return node_refuse(
		    node, ERR_UNSUPPORTED, err, "adds constants that are not one for each channel");
	OWN(free) float *given = NULL;
	if (!node_floats(node, constant, count, &given, err))
		return false;
	OWN(free) float *scale = filled(channels, 1);
	OWN(free) float *shift = filled(channels, given[0]);
	if (!scale || !shift)
		return err_set(err, ERR_NO_MEMORY, "importing a network");
	if (count > 1)
		memcpy(shift, given, channels * sizeof *shift);
	return add_affine(importer, node, value, TAKE(scale), TAKE(shift), err);
}

static bool add_sum(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const struct value *a, *b;
	if (!node_input(importer, node, 0, &a, err) || !node_input(importer, node, 1, &b, err))
		return false;
	if (a->constant || b->constant)
		return add_constant(importer, node, a->constant ? 1 : 0, err);
	if (!node_tensor(importer, node, 0, &a, err) || !node_tensor(importer, node, 1, &b, err))
		return false;
	if (a->flat != b->flat)
		return node_refuse(node, ERR_UNSUPPORTED, err, "adds a flat tensor to one that is not");
	struct graph_operator operator = start(node, GRAPH_ADD, a);
	operator.inputs[operator.inputs_count++] = b->tensor;
	return append(importer, node, &operator, a->flat, err);
}

static bool add_concat(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const struct value *value;
	if (!node_planes(importer, node, 0, &value, err))
		return false;
	struct graph_operator operator = start(node, GRAPH_CONCAT, value);
	bool flat = value->flat;
	int64_t axis = node_int(node, "axis", INT64_MIN);
	if (axis != 1 && axis != (flat ? -1 : -3))
		return node_refuse(node, ERR_UNSUPPORTED, err, "only channels can be put together");
	if (node->n_input > GRAPH_INPUTS_MAX)
		return node_refuse(node, ERR_TOO_LARGE, err, "more than %d inputs", GRAPH_INPUTS_MAX);
	for (size_t i = 1; i < node->n_input; i++) {
		if (!node_planes(importer, node, i, &value, err))
			return false;
		if (value->flat != flat)
			return node_refuse(
			    node, ERR_UNSUPPORTED, err, "puts a flat tensor beside one that is not");
		operator.inputs[operator.inputs_count++] = value->tensor;
	}
	return append(importer, node, &operator, flat, err);
}

/* Zeros around a picture: an attribute, or an input from opset 11 on; batch and channels first, all starts, then all
 * ends. They wait for the operator that takes the picture. */
static bool take_pads(const struct importer *importer, const Onnx__Node *node, int pads[8], struct err *err)
{
	const Onnx__Tensor *given = NULL;
	OWN(free) float *value = NULL;
	const Onnx__Attribute *mode = node_attribute(node, "mode");
	if ((mode && mode->s.len && !is_text(mode, "constant")) || node_float(node, "value", 0) != 0)
		return node_refuse(node, ERR_UNSUPPORTED, err, "only zeros can be padded with");
	if (!node_has(node, 1))
		return node_ints(node, "pads", 8, pads, err);
	if (node_has(node, 2) && !node_constant_floats(importer, node, 2, 1, &value, err))
		return false;
	if (value && *value != 0)
		return node_refuse(node, ERR_UNSUPPORTED, err, "only zeros can be padded with");
	if (!node_constant(importer, node, 1, &given, err))
		return false;
	for (size_t i = 0; i < 8; i++) {
		int64_t number = 0;
		if (!node_int_at(given, i, 8, &number) || number < 0 || number > GRAPH_SIDE_MAX)
			return node_refuse(node, ERR_UNSUPPORTED, err, "its pads are not eight small numbers");
		pads[i] = (int)number;
	}
	return true;
}

static bool add_pad(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const struct value *value;
	int pads[8] = {0};
	if (!node_planes(importer, node, 0, &value, err) || !take_pads(importer, node, pads, err))
		return false;
	if (pads[0] || pads[1] || pads[4] || pads[5])
		return node_refuse(node, ERR_UNSUPPORTED, err, "only rows and columns can be padded");
	struct value made = *value;
	made.name = node->output[0];
	made.shared = true;
	made.padded = true;
	made.pads[0] = pads[2];
	made.pads[1] = pads[3];
	made.pads[2] = pads[6];
	made.pads[3] = pads[7];
	return value_add(importer, &made, err);
}

static bool add_flatten(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const struct value *value;
	if (!node_tensor(importer, node, 0, &value, err))
		return false;
	if (node_int(node, "axis", 1) != 1)
		return node_refuse(node, ERR_UNSUPPORTED, err, "only axis 1 is supported");
	return alias(importer, node, value, true, ONNX_PLAIN, err);
}

/* To a flat row, or back to channels, rows and columns as they were. */
static bool add_reshape(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const struct value *value;
	const Onnx__Tensor *target;
	if (!node_tensor(importer, node, 0, &value, err) || !node_constant(importer, node, 1, &target, err))
		return false;
	struct graph_shape shape = graph_shape_of(importer->to, value->tensor);
	size_t rank = target->n_dims == 1 && target->dims[0] == 4 ? 4 : 2;
	int64_t values = (int64_t)graph_values(shape),
	        planes[4] = {1, shape.channels, shape.height, shape.width};
	bool ok = true, guessed = false;
	for (size_t i = 0; i < rank && ok; i++) {
		int64_t size = 0, kept = rank == 4 ? planes[i] : i == 0 ? 1 : values;
		if (!node_int_at(target, i, rank, &size))
			return node_refuse(node, ERR_UNSUPPORTED, err, "the new shape cannot be read");
		ok = size == kept || size == -1 || (size == 0 && i == 0) ||
		    (size == 0 && rank == 4 && !value->flat);
		ok = ok && !(size == -1 && guessed);
		guessed = guessed || size == -1;
	}
	return ok
	    ? alias(importer, node, value, rank == 2, ONNX_PLAIN, err)
	    : node_refuse(node, ERR_UNSUPPORTED, err, "only a flattening of all but the batch is supported");
}

/* weights[inputs][outputs] to [outputs][inputs]. */
static bool transpose(float **weights, size_t inputs, size_t outputs, struct err *err)
{
	float *turned = calloc(inputs * outputs, sizeof *turned);
	if (!turned)
		return err_set(err, ERR_NO_MEMORY, "importing a network");
	for (size_t i = 0; i < inputs; i++)
		for (size_t o = 0; o < outputs; o++)
			turned[o * inputs + i] = (*weights)[i * outputs + o];
	free(*weights);
	*weights = turned;
	return true;
}

/* A dense layer is a convolution whose kernel covers all there is. */
static bool add_dense(struct importer *importer, const Onnx__Node *node, bool turned,
    struct graph_operator *operator, struct err *err)
{
	size_t bias_at = strcmp(node->op_type, "Gemm") == 0 ? 2 : node->n_input;
	if (!take_weights(importer, node, bias_at, operator, err))
		return false;
	float alpha = node_float(node, "alpha", 1), beta = node_float(node, "beta", 1);
	size_t channels = (size_t)operator->shape.channels, count = graph_weights_count(importer->to, operator);
	for (size_t i = 0; i < count; i++)
		operator->weights[i] *= alpha;
	for (size_t i = 0; i < channels; i++)
		operator->bias[i] *= beta;
	if (!turned && !transpose(&operator->weights, count / channels, channels, err)) {
		free(operator->weights);
		free(operator->bias);
		return false;
	}
	return append(importer, node, operator, true, err);
}

static bool add_gemm(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const struct value *value;
	const Onnx__Tensor *weights;
	if (!node_tensor(importer, node, 0, &value, err) || !node_constant(importer, node, 1, &weights, err))
		return false;
	struct graph_shape input = graph_shape_of(importer->to, value->tensor);
	size_t count;
	bool turned = node_int(node, "transB", 0) != 0;
	if (node_int(node, "transA", 0))
		return node_refuse(node, ERR_UNSUPPORTED, err, "transA is not supported");
	if (!value->flat)
		return node_refuse(node, ERR_UNSUPPORTED, err, "takes a tensor that is not flat");
	if (weights->n_dims != 2 || !node_count(weights, &count) || count == 0 ||
	    weights->dims[turned ? 1 : 0] != (int64_t)graph_values(input))
		return node_refuse(node, ERR_BAD_INPUT, err, "its weights do not fit an input of %zu values",
		    graph_values(input));
	struct graph_operator operator = start(node, GRAPH_CONV, value);
	operator.kernel_height = input.height;
	operator.kernel_width = input.width;
	operator.shape.channels = (int)weights->dims[turned ? 0 : 1];
	return add_dense(importer, node, turned, &operator, err);
}

static bool add_alias(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const struct value *value;
	if (!node_input(importer, node, 0, &value, err))
		return false;
	return alias(importer, node, value, value->flat, value->ending, err);
}

static bool add_ending(
    struct importer *importer, const Onnx__Node *node, enum onnx_ending ending, struct err *err)
{
	const struct value *value;
	if (!node_planes(importer, node, 0, &value, err))
		return false;
	int64_t axis = node_int(node, "axis", 1);
	if (ending == ONNX_SOFTMAX && axis != 1 && !(axis == -1 && value->flat))
		return node_refuse(node, ERR_UNSUPPORTED, err, "only over the channels");
	return alias(importer, node, value, value->flat, ending, err);
}

static bool add_softmax(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	return add_ending(importer, node, ONNX_SOFTMAX, err);
}

static bool add_sigmoid(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	return add_ending(importer, node, ONNX_SIGMOID, err);
}

static bool add_constant_node(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	const Onnx__Attribute *found = node_attribute(node, "value");
	if (!found || !found->t)
		return node_refuse(
		    node, ERR_UNSUPPORTED, err, "only a constant given as a tensor is supported");
	const struct value made = {.name = node->output[0], .constant = found->t};
	return value_add(importer, &made, err);
}

static const struct {
	const char *name;
	bool (*add)(struct importer *importer, const Onnx__Node *node, struct err *err);
} operators[] = {
    {"Add", add_sum},
    {"AveragePool", add_average_pool},
    {"BatchNormalization", add_normalisation},
    {"Clip", add_clip},
    {"Concat", add_concat},
    {"Constant", add_constant_node},
    {"Conv", add_conv},
    {"Dropout", add_alias},
    {"Flatten", add_flatten},
    {"Gemm", add_gemm},
    {"GlobalAveragePool", add_global_average},
    {"Identity", add_alias},
    {"LogSoftmax", add_softmax},
    {"MatMul", add_gemm},
    {"MaxPool", add_max_pool},
    {"Pad", add_pad},
    {"ReduceMean", add_reduce_mean},
    {"Relu", add_relu},
    {"Reshape", add_reshape},
    {"Sigmoid", add_sigmoid},
    {"Softmax", add_softmax},
};

bool onnx_add_node(struct importer *importer, const Onnx__Node *node, struct err *err)
{
	bool usual = !node->domain || !*node->domain || strcmp(node->domain, "ai.onnx") == 0;
	if (!node->op_type || !node->n_output || !node->output[0][0] || node->n_input > NODE_ENDS_MAX ||
	    node->n_output > NODE_ENDS_MAX)
		return node_refuse(
		    node, ERR_BAD_INPUT, err, "the node has no kind, no output or too many of them");
	for (size_t i = 0; usual && i < sizeof operators / sizeof *operators; i++)
		if (strcmp(operators[i].name, node->op_type) == 0)
			return operators[i].add(importer, node, err);
	return node_refuse(node, ERR_UNSUPPORTED, err, "this operator is not supported");
}
