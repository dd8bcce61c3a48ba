/* Inside the importer of ONNX: what its three files share, and the only include of the generated parser.
 *
 *   onnx.c            the file, its names and outputs
 *   onnx_node.c       looking into a node: its inputs, constants and attributes, each checked
 *   onnx_operators.c  one function for each operator
 */
#pragma once

#include "models/onnx.h"
#include "onnx.pb-c.h"

enum { ONNX_FLOAT = 1, ONNX_INT64 = 7, ONNX_EXTERNAL = 1 };

/* What a name stands for. */
struct value {
	const char *name;
	const Onnx__Tensor *constant; /* NULL: made from the picture */
	int tensor;                   /* of the graph */
	bool flat;                    /* channels, rows and columns are one dimension now */
	bool shared;                  /* something else looks at the tensor, by another name */
	bool padded;                  /* by zeros, which the operator that takes it adds to its own */
	int pads[4];                  /* top, left, bottom, right */
	enum onnx_ending ending;
};

struct importer {
	const Onnx__Graph *from;
	struct graph *to;
	struct value *values;
	int values_count, values_max;
};

/* Names. A pointer to a value stays good: there is room for all of them from the start. */
struct value *value_find(const struct importer *importer, const char *name);
bool value_add(struct importer *importer, const struct value *value, struct err *err);
/* How often nodes and outputs look at a name. */
int value_uses(const struct importer *importer, const char *name);
/* A name from the file, fit for a sentence. */
const char *value_shown(const char *name);

/* "Conv /body/0", for sentences. */
const char *node_name(const Onnx__Node *node, char to[GRAPH_NAME_SIZE]);
/* "Conv /body/0: ..."; returns false. */
bool node_refuse(const Onnx__Node *node, enum err_code code, struct err *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool node_has(const Onnx__Node *node, size_t number);
/* Anything that is known by now. */
bool node_input(const struct importer *importer, const Onnx__Node *node, size_t number,
    const struct value **ret_value,
    struct err *err);
/* What a node makes of the pictures. */
bool node_tensor(const struct importer *importer, const Onnx__Node *node, size_t number,
    const struct value **ret_value, struct err *err);
/* As node_tensor, but still in channels, rows and columns; or flat, of one place. */
bool node_planes(const struct importer *importer, const Onnx__Node *node, size_t number,
    const struct value **ret_value, struct err *err);
/* As node_planes, but it may have been padded before. */
bool node_padded(const struct importer *importer, const Onnx__Node *node, size_t number,
    const struct value **ret_value, struct err *err);
bool node_constant(const struct importer *importer, const Onnx__Node *node, size_t number,
    const Onnx__Tensor **ret_tensor, struct err *err);
/* How many numbers a constant's shape says; false where it is too large or makes no sense. */
bool node_count(const Onnx__Tensor *tensor, size_t *ret_count);
/* Exactly `count` finite numbers, in memory of their own. */
bool node_floats(const Onnx__Node *node, const Onnx__Tensor *tensor, size_t count, float **ret_floats,
    struct err *err);
bool node_constant_floats(const struct importer *importer, const Onnx__Node *node, size_t number,
    size_t count,
    float **ret_floats, struct err *err);

/* Number i of a constant of exactly `count` int64. */
bool node_int_at(const Onnx__Tensor *tensor, size_t i, size_t count, int64_t *ret_value);

const Onnx__Attribute *node_attribute(const Onnx__Node *node, const char *name);
int64_t node_int(const Onnx__Node *node, const char *name, int64_t fallback);
float node_float(const Onnx__Node *node, const char *name, float fallback);
/* `count` small numbers of 0 or more; unchanged where there is no such attribute. */
bool node_ints(const Onnx__Node *node, const char *name, size_t count, int *numbers, struct err *err);

/* Adds what the node does to the graph. */
bool onnx_add_node(struct importer *importer, const Onnx__Node *node, struct err *err);
