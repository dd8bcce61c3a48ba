/* The runs of one embryo as the embryo page shows them: frames, cuts and readings side by side. */
#pragma once

#include "base/json.h"
#include "store/store.h"

/* *ret_runs: array of Run (serve/api.yaml), in order of run; *ret_planes: every focal plane there is, rising. */
bool runs_json(struct store *store, int64_t embryo_id, json_t **ret_runs, json_t **ret_planes, struct err *err);
