/* The last evaluation of each embryo: a JSON text of the evaluation room's; the store only keeps it. */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "store/store.h"

bool evaluations_put(struct store *store, int64_t embryo_id, const char *json, struct err *err);
/* Appends the JSON to `to`. ret_made_us may be NULL. Nothing found is not an error. */
bool evaluations_get(struct store *store, int64_t embryo_id, struct buf *to, int64_t *ret_made_us,
    bool *ret_found, struct err *err);
/* Those of the dish's whole cycle, or of a dish that is in none alone: a list of {"embryo", "well", "slide", "evaluation"},
 * dish by dish in order of well. */
bool evaluations_siblings(struct store *store, int64_t dish_id, json_t **ret_siblings, struct err *err);
