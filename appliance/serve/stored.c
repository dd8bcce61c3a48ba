#include "serve/stored.h"

#include "base/buf.h"
#include "store/evaluations.h"
#include "store/rankings.h"

bool stored_evaluation(struct store *store, int64_t embryo_id, json_t **ret_evaluation, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(STORED_MAX);
	bool found;
	if (!evaluations_get(store, embryo_id, &text, NULL, &found, err))
		return false;
	if (!found) {
		*ret_evaluation = json_null();
		return true;
	}
	return json_parse((const char *)text.data, text.size, ret_evaluation, err) ||
	    err_add(err, "evaluation of embryo %lld", (long long)embryo_id);
}

bool stored_ranking(struct store *store, int64_t dish_id, json_t **ret_ranking, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(STORED_MAX);
	bool found;
	if (!rankings_get(store, dish_id, &text, NULL, &found, err))
		return false;
	if (!found) {
		*ret_ranking = json_array();
		return true;
	}
	return json_parse((const char *)text.data, text.size, ret_ranking, err) ||
	    err_add(err, "ranking of dish %lld", (long long)dish_id);
}

json_t *stored_rank_of(const json_t *ranking, int64_t embryo_id)
{
	size_t index;
	json_t *entry;
	json_array_foreach(ranking, index, entry)
		if (json_int(entry, "embryo", 0) == embryo_id)
			return entry;
	return NULL;
}
