#include "store/evaluations.h"

#include "store/changes.h"
#include "store/embryos.h"
#include "store/inside.h"

#include <string.h>

static const char put_sql[] =
    "INSERT OR REPLACE INTO evaluations (embryo_id, json, made_us) VALUES (?1, ?2, ?3)";
static const char get_sql[] = "SELECT json, made_us FROM evaluations WHERE embryo_id = ?1";

static bool put(struct store *store, int64_t embryo_id, const char *json, struct err *err)
{
	struct embryo embryo;
	if (!embryos_get(store, embryo_id, &embryo, err))
		return false;
	struct db_statement *s = db_prepare(store->db, put_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_text(s, 2, json);
	db_bind_int(s, 3, clock_now_us());
	return db_run(s, err) && changes_add(store, CHANGE_EVALUATION, embryo_id, err);
}

bool evaluations_put(struct store *store, int64_t embryo_id, const char *json, struct err *err)
{
	return store_begin(store, err) && store_end(store, put(store, embryo_id, json, err), err);
}

bool evaluations_get(struct store *store, int64_t embryo_id, struct buf *to, int64_t *ret_made_us,
    bool *ret_found, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, embryo_id);
	bool found = db_step(s);
	if (found) {
		const char *json = db_column_text(s, 0);
		buf_add(to, json, strlen(json));
		if (ret_made_us)
			*ret_made_us = db_column_int(s, 1);
	}
	if (!db_finish(s, err) || !buf_ok(to, err))
		return false;
	*ret_found = found;
	return true;
}
