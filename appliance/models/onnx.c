#include "models/onnx_inside.h"

#include "base/limits.h"
#include "base/text.h"

#include <string.h>

enum {
	NODES_MAX = 8192,
	CONSTANTS_MAX = 16384,
	OPSET_MIN = 7, /* where today's broadcasting starts */
	/* What the parsed file may take beyond its own size. */
	PARSED_EXTRA = 64 << 20,
};

const char *value_shown(const char *name)
{
	return name && *name && text_is_plain(name) ? name : "?";
}

struct value *value_find(const struct importer *importer, const char *name)
{
	for (int i = importer->values_count - 1; i >= 0; i--)
		if (strcmp(importer->values[i].name, name) == 0)
			return &importer->values[i];
	return NULL;
}

bool value_add(struct importer *importer, const struct value *value, struct err *err)
{
	if (!value->name || !*value->name)
		return err_set(err, ERR_BAD_INPUT, "something in the network has no name");
	if (value_find(importer, value->name))
		return err_set(
		    err, ERR_BAD_INPUT, "two things in the network are called %.80s", value_shown(value->name));
	if (importer->values_count == importer->values_max)
		return err_set(err, ERR_TOO_LARGE, "the network has too many names");
	importer->values[importer->values_count++] = *value;
	return true;
}

int value_uses(const struct importer *importer, const char *name)
{
	int uses = 0;
	for (size_t i = 0; i < importer->from->n_node; i++)
		for (size_t j = 0; j < importer->from->node[i]->n_input; j++)
			uses += strcmp(importer->from->node[i]->input[j], name) == 0;
	for (size_t i = 0; i < importer->from->n_output; i++)
		uses += importer->from->output[i]->name && strcmp(importer->from->output[i]->name, name) == 0;
	return uses;
}

static bool is_constant(const struct importer *importer, const char *name)
{
	const struct value *value = value_find(importer, name);
	return value && value->constant;
}

/* A dimension of the declared input that is not given, or that fits. */
static bool fits(const Onnx__Shape *shape, size_t i, int size)
{
	return !shape->dim[i]->has_value || shape->dim[i]->value == size;
}

static bool check_input(const Onnx__Value *input, struct graph_shape wanted, struct err *err)
{
	const Onnx__TensorType *type = input->type ? input->type->tensor_type : NULL;
	if (!type || !type->shape)
		return true;
	const Onnx__Shape *shape = type->shape;
	if (type->has_elem_type && type->elem_type != ONNX_FLOAT)
		return err_set(err, ERR_UNSUPPORTED, "the network's input is not float32");
	bool ok = shape->n_dim == 4 && fits(shape, 1, wanted.channels) && fits(shape, 2, wanted.height) &&
	    fits(shape, 3, wanted.width);
	return ok ||
	    err_set(err, ERR_BAD_INPUT,
	        "the network's input %.80s is not (batch, %d, %d, %d) as its manifest says",
	        value_shown(input->name), wanted.channels, wanted.height, wanted.width);
}

static bool add_names(struct importer *importer, struct err *err)
{
	const Onnx__Graph *from = importer->from;
	const Onnx__Value *input = NULL;
	for (size_t i = 0; i < from->n_initializer; i++) {
		const struct value constant = {
		    .name = from->initializer[i]->name, .constant = from->initializer[i]};
		if (!value_add(importer, &constant, err))
			return false;
	}
	/* Before version 4 of the format, constants were inputs too. */
	for (size_t i = 0; i < from->n_input; i++) {
		if (!from->input[i]->name || is_constant(importer, from->input[i]->name))
			continue;
		if (input)
			return err_set(err, ERR_UNSUPPORTED,
			    "the network has two inputs, %.60s and %.60s; one is supported",
			    value_shown(input->name), value_shown(from->input[i]->name));
		input = from->input[i];
	}
	if (!input)
		return err_set(err, ERR_BAD_INPUT, "the network has no input");
	const struct value picture = {.name = input->name};
	return check_input(input, importer->to->input, err) && value_add(importer, &picture, err);
}

static bool add_outputs(struct importer *importer, struct onnx *onnx, struct err *err)
{
	const Onnx__Graph *from = importer->from;
	if (from->n_output < 1 || from->n_output > GRAPH_OUTPUTS_MAX)
		return err_set(err, ERR_UNSUPPORTED, "the network has %zu outputs; 1 to %d are supported",
		    from->n_output, GRAPH_OUTPUTS_MAX);
	for (size_t i = 0; i < from->n_output; i++) {
		const char *name = from->output[i]->name;
		const struct value *value = name ? value_find(importer, name) : NULL;
		if (!value || value->constant || value->tensor == 0 || strlen(name) >= GRAPH_NAME_SIZE)
			return err_set(err, ERR_BAD_INPUT, "no node makes the output %.80s", value_shown(name));
		struct graph_output *output = &importer->to->outputs[importer->to->outputs_count++];
		text_copy(output->name, sizeof output->name, name);
		output->tensor = value->tensor;
		onnx->endings[i] = value->ending;
	}
	return true;
}

static bool import(struct importer *importer, struct onnx *onnx, struct err *err)
{
	if (!add_names(importer, err))
		return false;
	for (size_t i = 0; i < importer->from->n_node; i++)
		if (!onnx_add_node(importer, importer->from->node[i], err))
			return false;
	return add_outputs(importer, onnx, err);
}

static bool check_model(const Onnx__Model *model, struct err *err)
{
	if (!model->graph || !model->graph->n_node)
		return err_set(err, ERR_DAMAGED, "the file holds no network");
	if (model->graph->n_node > NODES_MAX || model->graph->n_initializer > CONSTANTS_MAX)
		return err_set(err, ERR_TOO_LARGE, "the network has more than %d nodes or %d constants",
		    NODES_MAX, CONSTANTS_MAX);
	for (size_t i = 0; i < model->n_opset_import; i++) {
		const Onnx__OperatorSet *set = model->opset_import[i];
		if ((!set->domain || !*set->domain) && set->version < OPSET_MIN)
			return err_set(err, ERR_UNSUPPORTED,
			    "the network uses ONNX operator set %lld; %d or newer is supported",
			    (long long)set->version, OPSET_MIN);
	}
	return true;
}

/* A few bytes of protocol buffers can ask for much memory: parsing stops at a sum. */
static void *capped_alloc(void *left, size_t size)
{
	size_t *bytes = left;
	if (size > *bytes)
		return NULL;
	*bytes -= size;
	return malloc(size);
}

static void capped_free(void *left, void *memory)
{
	(void)left;
	free(memory);
}

bool onnx_parse(
    const uint8_t *bytes, size_t size, struct graph_shape input, struct onnx *ret_onnx, struct err *err)
{
	if (size > LIMIT_ONNX_BYTES)
		return err_set(err, ERR_TOO_LARGE, "an ONNX file of more than %d MiB is not supported",
		    LIMIT_ONNX_BYTES >> 20);
	size_t left = 2 * size + PARSED_EXTRA;
	ProtobufCAllocator allocator = {capped_alloc, capped_free, &left};
	Onnx__Model *model = onnx__model__unpack(&allocator, size, bytes);
	if (!model)
		return err_set(err, ERR_DAMAGED, "this is not an ONNX file, or it was cut off");
	struct onnx onnx = {.graph = graph_new(input)};
	bool ok = (onnx.graph || err_set(err, ERR_NO_MEMORY, "importing a network")) && check_model(model, err);
	if (ok) {
		struct importer importer = {.from = model->graph, .to = onnx.graph};
		importer.values_max = (int)(model->graph->n_node + model->graph->n_initializer + 1);
		importer.values = calloc((size_t)importer.values_max, sizeof *importer.values);
		ok = (importer.values || err_set(err, ERR_NO_MEMORY, "importing a network")) &&
		    import(&importer, &onnx, err);
		free(importer.values);
	}
	onnx__model__free_unpacked(model, &allocator);
	if (ok)
		*ret_onnx = onnx;
	else if (onnx.graph)
		graph_free(onnx.graph);
	return ok;
}
