/* Embryos: one well of one dish. */
#pragma once

#include "model/clinic.h"
#include "store/store.h"

/* Finds or adds. well 1..LIMIT_WELLS. */
bool embryos_obtain(struct store *store, int64_t dish_id, int well, int64_t *ret_id, struct err *err);
bool embryos_get(struct store *store, int64_t id, struct embryo *ret_embryo, struct err *err);
/* *ret_id 0: the dish has none in this well. */
bool embryos_find(struct store *store, int64_t dish_id, int well, int64_t *ret_id, struct err *err);
/* In order of well. */
bool embryos_each(struct store *store, int64_t dish_id,
    bool (*each)(const struct embryo *embryo, void *context), void *context, struct err *err);
/* Queues the evaluation of all embryos of a dish: something that it rests on has changed. */
bool embryos_refresh(struct store *store, int64_t dish_id, struct err *err);
