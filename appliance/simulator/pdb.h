/* The EmbryoScope's .pdb: SQLite with IMAGES(Well, Run, Focal, Time, Image) and GENERAL(Type, Par, Val). */
#pragma once

#include "simulator/slide.h"

/* Day on the export's own clock at which insemination took place. */
double pdb_insemination_day(const struct simulate_options *options);
bool pdb_write(const char *path, const struct simulate_options *options, simulate_progress *progress,
    void *context, json_t **ret_truth, struct err *err);
