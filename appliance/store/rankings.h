/* The last ranking of each dish, among all embryos of its cycle: a JSON text of the evaluation room's; the store only keeps it. */
#pragma once

#include "base/buf.h"
#include "store/store.h"

/* As evaluations_put and evaluations_get. */
bool rankings_put(struct store *store, int64_t dish_id, const char *json, struct err *err);
bool rankings_get(struct store *store, int64_t dish_id, struct buf *to, int64_t *ret_made_us,
    bool *ret_found, struct err *err);
