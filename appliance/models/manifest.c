#include "models/manifest.h"

#include "base/text.h"
#include "model/reading.h"
#include "models/package.h"

#include <math.h>
#include <string.h>

enum {
	BINS_MIN = 2,
	PERMILLE = 1000,
};

void manifest_done(struct manifest *manifest)
{
	json_decref(manifest->json);
	free(manifest->centroids);
	free(manifest->weights);
	*manifest = (struct manifest){0};
}

/* One number within limits; unchanged where the member is missing. */
static bool take_number(
    const json_t *object, const char *name, double low, double high, double *number, struct err *err)
{
	const json_t *value = json_object_get(object, name);
	if (!value)
		return true;
	double given = json_number_value(value);
	if (!json_is_number(value) || !isfinite(given) || given < low || given > high)
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is not a number from %g to %g", name, low, high);
	*number = given;
	return true;
}

static bool take_whole(const json_t *object, const char *name, int low, int high, int *number, struct err *err)
{
	double given = *number;
	if (!take_number(object, name, low, high, &given, err))
		return false;
	if (given != floor(given))
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is not a whole number", name);
	*number = (int)given;
	return true;
}

/* `count` numbers within limits. */
static bool take_numbers(const json_t *array, const char *name, size_t count, double low, double high,
    double *numbers, struct err *err)
{
	if (!json_is_array(array) || json_array_size(array) != count)
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is not a list of %zu numbers", name, count);
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_array_get(array, i);
		numbers[i] = json_number_value(value);
		if (!json_is_number(value) || !isfinite(numbers[i]) || numbers[i] < low || numbers[i] > high)
			return err_set(err, ERR_BAD_INPUT, "number %zu of \"%s\" is not from %g to %g", i + 1,
			    name, low, high);
	}
	return true;
}

static bool take_input(const json_t *json, struct manifest *manifest, struct err *err)
{
	json_t *input;
	int side = CUT_SIDE;
	manifest->planes = CUT_PLANES_MAX;
	manifest->mean = 128;
	manifest->scale = 64;
	return json_member(json, "input", JSON_OBJECT, &input, err) &&
	    take_whole(input, "planes", 1, CUT_PLANES_MAX, &manifest->planes, err) &&
	    take_whole(input, "side", CUT_SIDE, CUT_SIDE, &side, err) &&
	    take_whole(input, "mean", 0, 255, &manifest->mean, err) &&
	    take_number(input, "scale", 1e-3, 1e6, &manifest->scale, err);
}

/* Outputs */

static bool take_classes(const json_t *output, struct manifest_head *head, struct err *err)
{
	json_t *classes;
	if (!json_member(output, "classes", JSON_ARRAY, &classes, err))
		return false;
	head->classes_count = (int)json_array_size(classes);
	head->rows_count = STAGE_COUNT;
	if (head->classes_count < 2 || head->classes_count > STAGE_COUNT)
		return err_set(err, ERR_BAD_INPUT, "\"classes\" has 2 to %d names of stages", STAGE_COUNT);
	for (int i = 0; i < STAGE_COUNT; i++)
		head->rows[i] = -1;
	for (int i = 0; i < head->classes_count; i++) {
		const char *name = json_string_value(json_array_get(classes, (size_t)i));
		enum stage stage;
		if (!name || !stage_from_name(name, &stage))
			return err_set(
			    err, ERR_BAD_INPUT, "\"%.40s\" in \"classes\" is no stage", name ? name : "");
		if (head->rows[stage] >= 0)
			return err_set(err, ERR_BAD_INPUT, "\"classes\" has %s twice", name);
		head->rows[stage] = i;
	}
	return true;
}

/* Fewer bins than the reader has: the last one is repeated and never comes. */
static bool take_bins(
    const json_t *output, struct manifest *manifest, struct manifest_head *head, struct err *err)
{
	json_t *bins;
	double values[NETWORK_BINS] = {0};
	if (!json_member(output, "bins_permille", JSON_ARRAY, &bins, err))
		return false;
	size_t count = json_array_size(bins);
	if (count < BINS_MIN || count > NETWORK_BINS)
		return err_set(
		    err, ERR_BAD_INPUT, "\"bins_permille\" has %d to %d numbers", BINS_MIN, NETWORK_BINS);
	if (!take_numbers(bins, "bins_permille", count, 0, PERMILLE, values, err))
		return false;
	head->classes_count = (int)count;
	head->rows_count = NETWORK_BINS;
	for (int i = 0; i < NETWORK_BINS; i++) {
		int from = i < head->classes_count ? i : head->classes_count - 1;
		head->rows[i] = i < head->classes_count ? i : -1;
		manifest->calibration.bins_permille[i] = (uint16_t)lround(values[from]);
	}
	return true;
}

static const struct {
	const char *name;
	enum network_output_kind kind;
} head_kinds[MANIFEST_HEADS_MAX] = {
    {"stage", NETWORK_STAGE},
    {"fragmentation", NETWORK_FRAGMENTATION},
    {"uneven", NETWORK_UNEVEN},
    {"multinucleated", NETWORK_MULTINUCLEATED},
    {"embedding", NETWORK_EMBEDDING},
};

const char *manifest_head_name(enum network_output_kind kind)
{
	for (int i = 0; i < MANIFEST_HEADS_MAX; i++)
		if (head_kinds[i].kind == kind)
			return head_kinds[i].name;
	return "?";
}

static bool take_head(
    const json_t *output, enum network_output_kind kind, struct manifest *manifest, struct err *err)
{
	struct manifest_head head = {.kind = kind, .classes_count = 1, .rows_count = 1, .temperature = 1};
	const char *name = manifest_head_name(kind);
	if (!json_is_object(output))
		return err_set(err, ERR_BAD_INPUT, "it is not an object");
	if (!text_copy(head.output, sizeof head.output, json_text(output, "output", name)))
		return err_set(err, ERR_BAD_INPUT, "\"output\" is too long");
	if (!take_number(output, "temperature", 1e-3, 1e6, &head.temperature, err) ||
	    !take_number(output, "bias", -1e6, 1e6, &head.bias, err))
		return false;
	if (kind == NETWORK_STAGE && !take_classes(output, &head, err))
		return false;
	if (kind == NETWORK_FRAGMENTATION && !take_bins(output, manifest, &head, err))
		return false;
	manifest->heads[manifest->heads_count++] = head;
	return true;
}

static bool take_outputs(const json_t *json, struct manifest *manifest, struct err *err)
{
	json_t *outputs, *stage;
	if (!json_member(json, "outputs", JSON_OBJECT, &outputs, err) ||
	    !json_member(outputs, "stage", JSON_OBJECT, &stage, err))
		return err_add(err, "\"outputs\"");
	for (int i = 0; i < MANIFEST_HEADS_MAX; i++) {
		const json_t *output = json_object_get(outputs, head_kinds[i].name);
		if (output && !take_head(output, head_kinds[i].kind, manifest, err))
			return err_add(err, "output \"%s\"", head_kinds[i].name);
	}
	const char *name;
	json_t *value;
	json_object_foreach(outputs, name, value) {
		bool known = false;
		for (int i = 0; i < MANIFEST_HEADS_MAX; i++)
			known = known || strcmp(name, head_kinds[i].name) == 0;
		if (!known)
			return err_set(err, ERR_BAD_INPUT, "the reader has no output \"%.40s\"", name);
	}
	return true;
}

/* Calibration */

/* Without a table, a probability is taken at its word. */
static bool take_table(
    const json_t *tables, const char *name, uint16_t table[NETWORK_CONFIDENCE_STEPS], struct err *err)
{
	double numbers[NETWORK_CONFIDENCE_STEPS];
	const json_t *array = json_object_get(tables, name);
	for (int i = 0; i < NETWORK_CONFIDENCE_STEPS; i++)
		numbers[i] = (double)PERMILLE * i / (NETWORK_CONFIDENCE_STEPS - 1);
	if (array && !take_numbers(array, name, NETWORK_CONFIDENCE_STEPS, 0, PERMILLE, numbers, err))
		return err_add(err, "\"confidence\"");
	for (int i = 0; i < NETWORK_CONFIDENCE_STEPS; i++)
		table[i] = (uint16_t)lround(numbers[i]);
	return true;
}

static bool take_centroids(const json_t *unfamiliar, struct manifest *manifest, struct err *err)
{
	json_t *centroids, *weights;
	if (!json_member(unfamiliar, "centroids", JSON_ARRAY, &centroids, err) ||
	    !json_member(unfamiliar, "weight", JSON_ARRAY, &weights, err))
		return false;
	size_t count = json_array_size(centroids), dimensions = json_array_size(weights);
	if (count < 1 || count > NETWORK_CENTROIDS_MAX || dimensions < 1 || dimensions > NETWORK_CHANNELS_MAX)
		return err_set(err, ERR_BAD_INPUT, "there are 1 to %d centroids of 1 to %d dimensions",
		    NETWORK_CENTROIDS_MAX, NETWORK_CHANNELS_MAX);
	manifest->centroids_count = (int)count;
	manifest->dimensions = (int)dimensions;
	manifest->centroids = calloc(count * dimensions, sizeof *manifest->centroids);
	manifest->weights = calloc(dimensions, sizeof *manifest->weights);
	if (!manifest->centroids || !manifest->weights)
		return err_set(err, ERR_NO_MEMORY, "reading a manifest");
	for (size_t i = 0; i < count; i++)
		if (!take_numbers(json_array_get(centroids, i), "centroids", dimensions, -1e9, 1e9,
			manifest->centroids + i * dimensions, err))
			return false;
	return take_numbers(weights, "weight", dimensions, 0, 1e12, manifest->weights, err) &&
	    take_numbers(json_object_get(unfamiliar, "steps"), "steps", NETWORK_UNFAMILIAR_STEPS, 0, 1e12,
	        manifest->steps, err);
}

static bool take_calibration(const json_t *json, struct manifest *manifest, struct err *err)
{
	const json_t *tables = json_object_get(json, "confidence"),
	             *unfamiliar = json_object_get(json, "unfamiliar");
	bool embedding = manifest->heads[manifest->heads_count - 1].kind == NETWORK_EMBEDDING;
	if (!take_table(tables, "stage", manifest->calibration.stage, err) ||
	    !take_table(tables, "cells", manifest->calibration.cells, err))
		return false;
	if (!unfamiliar)
		return true;
	if (!embedding)
		return err_set(err, ERR_BAD_INPUT, "\"unfamiliar\" needs the output \"embedding\"");
	if (!take_centroids(unfamiliar, manifest, err))
		return err_add(err, "\"unfamiliar\"");
	for (int i = 1; i < NETWORK_UNFAMILIAR_STEPS; i++)
		if (manifest->steps[i] < manifest->steps[i - 1])
			return err_set(
			    err, ERR_BAD_INPUT, "\"unfamiliar\": \"steps\" fall from %d to %d", i, i + 1);
	return true;
}

bool manifest_parse(const char *text, size_t size, struct manifest *ret_manifest, struct err *err)
{
	OWN(manifest_done) struct manifest manifest = {0};
	if (!json_parse(text, size, &manifest.json, err))
		return false;
	if (!json_is_object(manifest.json))
		return err_set(err, ERR_BAD_INPUT, "the manifest is not a JSON object");
	if (!package_check_name(
	        json_text(manifest.json, "name", ""), json_text(manifest.json, "version", ""), err) ||
	    !take_input(manifest.json, &manifest, err) || !take_outputs(manifest.json, &manifest, err) ||
	    !take_calibration(manifest.json, &manifest, err))
		return false;
	*ret_manifest = manifest;
	manifest = (struct manifest){0};
	return true;
}
