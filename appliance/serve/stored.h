/* JSON that the evaluation room made and the store keeps, taken apart for replies. */
#pragma once

#include "base/json.h"
#include "store/store.h"

/* A ranking of 24 wells is under 50 kB, an evaluation of 20 profiles under 200. */
enum { STORED_MAX = 4 << 20 };

/* null where there is none yet. New references. */
bool stored_evaluation(struct store *store, int64_t embryo_id, json_t **ret_evaluation, struct err *err);
/* An empty array where there is none yet. */
bool stored_ranking(struct store *store, int64_t dish_id, json_t **ret_ranking, struct err *err);
/* Borrowed entry of a ranking; NULL where the embryo is not in it. */
json_t *stored_rank_of(const json_t *ranking, int64_t embryo_id);
