/* The events of each embryo's last evaluation as numbers. Written in the transaction that puts the evaluation. */
#pragma once

#include "model/milestone.h"
#include "store/store.h"

/* In place of those that the embryo had. */
bool milestones_put(struct store *store, int64_t embryo_id, const struct milestone *list, size_t count,
    struct err *err);
/* In no order. An event without any value is not there. */
bool milestones_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct milestone *milestone, void *context), void *context, struct err *err);
