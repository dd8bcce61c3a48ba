/* What people say about events (table `events`). Append-only: a new word of the same author on the same
 * event replaces the older one, which stays in the history. Automatic values are never touched. */
#pragma once

#include "model/track.h"
#include "store/store.h"

/* user_id 0: annotation->author is kept as it is, for annotations that came with an export; else the author
 * is the user. Time and run as in struct annotation, one of them known unless absent. made_us 0: now.
 * Queues the embryo's evaluation; writes an audit row for a user. */
bool annotations_add(struct store *store, int64_t embryo_id, int64_t user_id,
    const struct annotation *annotation, struct err *err);
/* Takes back the user's current word on an event. */
bool annotations_withdraw(struct store *store, int64_t embryo_id, int64_t user_id, enum stage event,
    struct err *err);
/* The current ones, in order of making. A time that was given as a run is filled in from the run's
 * clock where both are known. */
bool annotations_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct annotation *annotation, void *context), void *context, struct err *err);
