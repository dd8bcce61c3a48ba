#include "models/onnx_inside.h"

#include <endian.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DIMS_MAX = 8 };

const char *node_name(const Onnx__Node *node, char to[GRAPH_NAME_SIZE])
{
	const char *name = node->name && *node->name ? node->name : node->n_output ? node->output[0] : "";
	snprintf(to, GRAPH_NAME_SIZE, "%.30s %.60s", value_shown(node->op_type), value_shown(name));
	return to;
}

bool node_refuse(const Onnx__Node *node, enum err_code code, struct err *err, const char *format, ...)
{
	char name[GRAPH_NAME_SIZE], what[ERR_DETAIL_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	return err_set(err, code, "%s: %s", node_name(node, name), what);
}

bool node_has(const Onnx__Node *node, size_t number)
{
	return number < node->n_input && node->input[number][0];
}

bool node_input(const struct importer *importer, const Onnx__Node *node, size_t number,
    const struct value **ret_value, struct err *err)
{
	if (!node_has(node, number))
		return node_refuse(node, ERR_BAD_INPUT, err, "input %zu is missing", number + 1);
	const struct value *value = value_find(importer, node->input[number]);
	if (!value)
		return node_refuse(node, ERR_BAD_INPUT, err,
		    "takes %.80s, which nothing before it makes: the graph has a gap or "
		    "a circle",
		    value_shown(node->input[number]));
	*ret_value = value;
	return true;
}

static bool any_tensor(const struct importer *importer, const Onnx__Node *node, size_t number,
    const struct value **ret_value, struct err *err)
{
	const struct value *value;
	if (!node_input(importer, node, number, &value, err))
		return false;
	if (value->constant)
		return node_refuse(node, ERR_UNSUPPORTED, err,
		    "takes a constant, %.80s, in the place of the picture", value_shown(value->name));
	if (value->ending != ONNX_PLAIN)
		return node_refuse(node, ERR_UNSUPPORTED, err,
		    "takes the end of an output, %.80s; only outputs may go through "
		    "Softmax or Sigmoid",
		    value_shown(value->name));
	*ret_value = value;
	return true;
}

bool node_tensor(const struct importer *importer, const Onnx__Node *node, size_t number,
    const struct value **ret_value, struct err *err)
{
	const struct value *value = NULL;
	if (!any_tensor(importer, node, number, &value, err))
		return false;
	if (value->padded)
		return node_refuse(
		    node, ERR_UNSUPPORTED, err, "comes after a Pad; only Conv and AveragePool may");
	*ret_value = value;
	return true;
}

static bool is_flat_plane(const struct importer *importer, const struct value *value)
{
	struct graph_shape shape = graph_shape_of(importer->to, value->tensor);
	return value->flat && shape.height * shape.width > 1;
}

/* As tensor_of, but still in channels, rows and columns. */
static bool check_planes(const struct importer *importer, const Onnx__Node *node, const struct value *value,
    struct err *err)
{
	return !is_flat_plane(importer, value) ||
	    node_refuse(node, ERR_UNSUPPORTED, err, "comes after a Flatten of more than one place");
}

bool node_planes(const struct importer *importer, const Onnx__Node *node, size_t number,
    const struct value **ret_value, struct err *err)
{
	const struct value *value = NULL;
	if (!node_tensor(importer, node, number, &value, err) || !check_planes(importer, node, value, err))
		return false;
	*ret_value = value;
	return true;
}

bool node_padded(const struct importer *importer, const Onnx__Node *node, size_t number,
    const struct value **ret_value, struct err *err)
{
	const struct value *value = NULL;
	if (!any_tensor(importer, node, number, &value, err) || !check_planes(importer, node, value, err))
		return false;
	*ret_value = value;
	return true;
}

bool node_constant(const struct importer *importer, const Onnx__Node *node, size_t number,
    const Onnx__Tensor **ret_tensor, struct err *err)
{
	const struct value *value;
	if (!node_input(importer, node, number, &value, err))
		return false;
	if (!value->constant)
		return node_refuse(node, ERR_UNSUPPORTED, err, "input %zu is not a constant", number + 1);
	*ret_tensor = value->constant;
	return true;
}

/* Constants */

bool node_count(const Onnx__Tensor *tensor, size_t *ret_count)
{
	size_t count = 1;
	for (size_t i = 0; i < tensor->n_dims; i++) {
		if (tensor->n_dims > DIMS_MAX || tensor->dims[i] < 0 || tensor->dims[i] > GRAPH_VALUES_MAX)
			return false;
		count *= (size_t)tensor->dims[i];
		if (count > GRAPH_VALUES_MAX)
			return false;
	}
	*ret_count = count;
	return true;
}

static float float_at(const Onnx__Tensor *tensor, size_t i)
{
	uint32_t bits;
	float value;
	if (tensor->n_float_data)
		return tensor->float_data[i];
	memcpy(&bits, tensor->raw_data.data + i * sizeof bits, sizeof bits);
	bits = le32toh(bits);
	memcpy(&value, &bits, sizeof value);
	return value;
}

bool node_floats(
    const Onnx__Node *node, const Onnx__Tensor *tensor, size_t count, float **ret_floats, struct err *err)
{
	size_t has;
	if (tensor->data_location == ONNX_EXTERNAL)
		return node_refuse(
		    node, ERR_UNSUPPORTED, err, "the weights lie outside of the file; export them into it");
	if (tensor->data_type != ONNX_FLOAT)
		return node_refuse(node, ERR_UNSUPPORTED, err,
		    "%.80s is of ONNX type %d; weights are float32 (1)", value_shown(tensor->name),
		    tensor->data_type);
	if (!node_count(tensor, &has) || has != count || count == 0)
		return node_refuse(node, ERR_BAD_INPUT, err, "%.80s should hold %zu numbers",
		    value_shown(tensor->name), count);
	if (tensor->n_float_data ? tensor->n_float_data != count : tensor->raw_data.len != 4 * count)
		return node_refuse(node, ERR_DAMAGED, err, "%.80s does not hold what its shape says",
		    value_shown(tensor->name));
	OWN(free) float *floats = calloc(count, sizeof *floats);
	if (!floats)
		return err_set(err, ERR_NO_MEMORY, "importing a network");
	for (size_t i = 0; i < count; i++) {
		floats[i] = float_at(tensor, i);
		if (!isfinite(floats[i]))
			return node_refuse(node, ERR_BAD_INPUT, err, "%.80s holds a number that is not finite",
			    value_shown(tensor->name));
	}
	*ret_floats = TAKE(floats);
	return true;
}

bool node_constant_floats(const struct importer *importer, const Onnx__Node *node, size_t number, size_t count,
    float **ret_floats, struct err *err)
{
	const Onnx__Tensor *tensor = NULL;
	return node_constant(importer, node, number, &tensor, err) &&
	    node_floats(node, tensor, count, ret_floats, err);
}

/* Attributes */

bool node_int_at(const Onnx__Tensor *tensor, size_t i, size_t count, int64_t *ret_value)
{
	size_t has;
	uint64_t bits;
	if (tensor->data_type != ONNX_INT64 || tensor->data_location == ONNX_EXTERNAL ||
	    !node_count(tensor, &has) || has != count)
		return false;
	if (tensor->n_int64_data ? tensor->n_int64_data != count : tensor->raw_data.len != sizeof bits * count)
		return false;
	if (tensor->n_int64_data) {
		*ret_value = tensor->int64_data[i];
		return true;
	}
	memcpy(&bits, tensor->raw_data.data + i * sizeof bits, sizeof bits);
	*ret_value = (int64_t)le64toh(bits);
	return true;
}

const Onnx__Attribute *node_attribute(const Onnx__Node *node, const char *name)
{
	for (size_t i = 0; i < node->n_attribute; i++)
		if (node->attribute[i]->name && strcmp(node->attribute[i]->name, name) == 0)
			return node->attribute[i];
	return NULL;
}

int64_t node_int(const Onnx__Node *node, const char *name, int64_t fallback)
{
	const Onnx__Attribute *found = node_attribute(node, name);
	return found && found->has_i ? found->i : fallback;
}

float node_float(const Onnx__Node *node, const char *name, float fallback)
{
	const Onnx__Attribute *found = node_attribute(node, name);
	return found && found->has_f ? found->f : fallback;
}

bool node_ints(const Onnx__Node *node, const char *name, size_t count, int *numbers, struct err *err)
{
	const Onnx__Attribute *found = node_attribute(node, name);
	if (!found)
		return true;
	if (found->n_ints != count)
		return node_refuse(node, ERR_UNSUPPORTED, err, "%s has %zu numbers; %zu are understood", name,
		    found->n_ints, count);
	for (size_t i = 0; i < count; i++) {
		if (found->ints[i] < 0 || found->ints[i] > GRAPH_SIDE_MAX)
			return node_refuse(node, ERR_BAD_INPUT, err, "%s is out of range", name);
		numbers[i] = (int)found->ints[i];
	}
	return true;
}
