/* All wells of a slide, rendered in threads and handed over in a fixed order: by block of runs, then
 * well, run, plane. Memory is bounded by the block. */
#pragma once

#include "base/json.h"
#include "simulator/simulate.h"

struct slide_picture {
	int well, run, focal_um;
	int64_t time_s;       /* since insemination */
	const uint8_t *data;  /* JPEG */
	size_t size;
};

/* Where encoded pictures go; called from the caller's thread only. */
struct slide_sink {
	void *context;
	bool (*picture)(void *context, const struct slide_picture *picture, struct err *err);
};

/* ret_truth: new reference. */
bool slide_render(const struct simulate_options *options, const struct slide_sink *sink,
    simulate_progress *progress, void *context, json_t **ret_truth, struct err *err);
/* Writes the truth beside the export. */
bool slide_write_truth(const char *path, const json_t *truth, struct err *err);
