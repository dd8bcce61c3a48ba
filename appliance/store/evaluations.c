#include "store/evaluations.h"

#include "store/embryos.h"
#include "store/inside.h"
#include "store/json_texts.h"

#include <string.h>

static const char put_sql[] =
    "INSERT OR REPLACE INTO evaluations (embryo_id, json, made_us) VALUES (?1, ?2, ?3)";
static const char siblings_sql[] =
    "SELECT e.id, e.well, d.slide, v.json FROM dishes d JOIN embryos e ON e.dish_id = d.id JOIN evaluations v ON v.embryo_id = e.id"
    " WHERE d.id = ?1 OR d.cycle_id = (SELECT cycle_id FROM dishes WHERE id = ?1) ORDER BY d.imported_us, d.id, e.well";
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

bool evaluations_siblings(struct store *store, int64_t dish_id, json_t **ret_siblings, struct err *err)
{
	OWN(json_decref) json_t *siblings = json_array();
	bool ok = true;
	struct db_statement *s = db_prepare(store->db, siblings_sql);
	db_bind_int(s, 1, dish_id);
	while (ok && db_step(s)) {
		const char *text = db_column_text(s, 3);
		json_t *evaluation;
		ok = json_parse(text, strlen(text), &evaluation, err);
		if (ok)
			json_array_append_new(siblings,
			    json_pack("{s:I, s:i, s:s, s:o}", "embryo", (json_int_t)db_column_int(s, 0), "well",
				(int)db_column_int(s, 1), "slide", db_column_text(s, 2), "evaluation", evaluation));
	}
	if (!db_finish(s, ok ? err : NULL) || !ok)
		return false;
	*ret_siblings = TAKE(siblings);
	return true;
}
