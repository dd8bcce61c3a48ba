/* Gardner grades given by people; the newest counts, the older stay. */
#pragma once

#include "model/track.h"
#include "store/store.h"

struct grade {
	struct gardner gardner;
	char author[LIMIT_NAME];
	int64_t made_us;
};

/* ERR_BAD_INPUT: expansion not in 1..6, letters not A..D or 0. Queues the embryo's evaluation; writes
 * an audit row. */
bool grades_add(struct store *store, int64_t embryo_id, int64_t user_id, const struct gardner *gardner,
    struct err *err);
/* The newest. Nothing found is not an error. */
bool grades_get(struct store *store, int64_t embryo_id, struct grade *ret_grade, bool *ret_found,
    struct err *err);
