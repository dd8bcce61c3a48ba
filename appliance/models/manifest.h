/* The manifest that an ONNX file is imported with: what goes in, what comes out, what the answers are worth.
 *
 *   {"name", "version", "made", "summary",
 *    "training": [{"set", "pictures", "embryos", "licence"}],
 *    "input": {"planes": 1..3, "side": 128, "mean": 0..255, "scale"},      value = (pixel - mean) / scale
 *    "outputs": {                                         "stage" is needed, all others may be left out
 *      "stage":          {"classes": [names], "temperature"},          softmax(logit / temperature)
 *      "fragmentation":  {"bins_permille": [2..5], "temperature"},     softmax(logit / temperature)
 *      "uneven":         {"temperature", "bias"},                      sigmoid((logit + bias) / temperature)
 *      "multinucleated": {"temperature", "bias"},
 *      "embedding":      {}},
 *    "confidence": {"stage": [17], "cells": [17]},        permille right at probability 0, 1/16 ... 1
 *    "unfamiliar": {"centroids": [[..]], "weight": [..], "steps": [41]}}
 *
 * A network may know fewer stages, in any order; the rest then never comes. Each output may say "output", its name in
 * the ONNX file, where that is another. "steps" are the quantiles 0, 1/40 ... 1, over pictures kept out of training, of
 * the smallest sum of weight x (embedding - centroid)^2. */
#pragma once

#include "base/json.h"
#include "reading/network_file.h"

enum {
	MANIFEST_HEADS_MAX = 5,
	MANIFEST_OUTPUT_SIZE = 96,
};

struct manifest_head {
	enum network_output_kind kind;
	char output[MANIFEST_OUTPUT_SIZE]; /* in the ONNX file */
	int classes_count;                 /* that the network has */
	int rows_count;                    /* that the reader takes */
	int rows[STAGE_COUNT];             /* the reader's -> the network's; -1: the network does not know it */
	double temperature, bias;
};

struct manifest {
	json_t *json;
	int planes;
	int mean;
	double scale;
	struct manifest_head heads[MANIFEST_HEADS_MAX];
	int heads_count;
	struct network_calibration calibration; /* but for what belongs to the embedding */
	int dimensions, centroids_count;        /* 0: no unfamiliar score */
	double *centroids, *weights;            /* [centroids_count][dimensions], [dimensions] */
	double steps[NETWORK_UNFAMILIAR_STEPS];
};

/* ERR_BAD_INPUT with a sentence that names the member. */
bool manifest_parse(const char *text, size_t size, struct manifest *ret_manifest, struct err *err);
void manifest_done(struct manifest *manifest);
static inline void manifest_done_owned(struct manifest *manifest)
{
	manifest_done(manifest);
}

/* "stage", "fragmentation", ... */
const char *manifest_head_name(enum network_output_kind kind);
