#include "evaluation/rank.h"

bool rank_embryos(const struct rank_entry *entries, size_t count, const char *profile_id,
    json_t **ret_ranking, struct err *err)
{
	(void)profile_id;
	OWN(json_decref) json_t *ranking = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(ranking, json_pack("{s:I, s:i, s:n, s:s, s:[]}", "embryo",
		    (json_int_t)entries[i].embryo_id, "well", entries[i].well, "rank", "class", "", "reasons"));
	if (json_array_size(ranking) != count)
		return err_set(err, ERR_NO_MEMORY, "ranking");
	*ret_ranking = TAKE(ranking);
	return true;
}
