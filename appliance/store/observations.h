/* What people noted of embryos (model/observation.h). Append-only: a new word of the same author of the same kind
 * replaces the older one, which stays in the history. */
#pragma once

#include "model/observation.h"
#include "store/store.h"

/* Author and time are filled in. The same word again adds nothing. ERR_BAD_INPUT: observation_check. ERR_CONFLICT: an
 * outcome of an embryo whose standing decision is not transfer. An assessment queues the embryo's evaluation. Writes an
 * audit row. */
bool observations_add(struct store *store, int64_t embryo_id, int64_t user_id, const struct observation *observation,
    struct err *err);
/* Takes back the user's current word. ERR_NOT_FOUND: there is none. */
bool observations_withdraw(struct store *store, int64_t embryo_id, int64_t user_id, enum observation_kind kind,
    struct err *err);
/* The current ones, oldest first: of each kind the last is the one that is used. */
bool observations_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct observation *observation, void *context), void *context, struct err *err);
