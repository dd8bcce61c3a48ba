/* The Nantes layout: a folder per focal plane, a folder per embryo in it, a picture per run, and the table of
 * elapsed hours beside the planes. */
#pragma once

#include "simulator/slide.h"

bool folder_write(const char *path, const struct simulate_options *options, simulate_progress *progress,
    void *context, json_t **ret_truth, struct err *err);
