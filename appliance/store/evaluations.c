#include "store/evaluations.h"

#include "store/embryos.h"
#include "store/json_texts.h"

static const char put_sql[] =
    "INSERT OR REPLACE INTO evaluations (embryo_id, json, made_us) VALUES (?1, ?2, ?3)";
static const char get_sql[] = "SELECT json, made_us FROM evaluations WHERE embryo_id = ?1";

bool evaluations_put(struct store *store, int64_t embryo_id, const char *json, struct err *err)
{
	struct embryo embryo;
	return embryos_get(store, embryo_id, &embryo, err) &&
	    json_text_put(store, put_sql, embryo_id, json, CHANGE_EVALUATION, err);
}

bool evaluations_get(struct store *store, int64_t embryo_id, struct buf *to, int64_t *ret_made_us,
    bool *ret_found, struct err *err)
{
	return json_text_get(store, get_sql, embryo_id, to, ret_made_us, ret_found, err);
}
