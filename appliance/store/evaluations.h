/* The last evaluation of each embryo: a JSON text of the evaluation room's; the store only keeps it. */
#pragma once

#include "base/buf.h"
#include "store/store.h"

bool evaluations_put(struct store *store, int64_t embryo_id, const char *json, struct err *err);
/* Appends the JSON to `to`. ret_made_us may be NULL. Nothing found is not an error. */
bool evaluations_get(struct store *store, int64_t embryo_id, struct buf *to, int64_t *ret_made_us,
    bool *ret_found, struct err *err);
