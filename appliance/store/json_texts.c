#include "store/json_texts.h"

#include "store/inside.h"

#include <string.h>

static bool put(struct store *store, const char *put_sql, int64_t subject, const char *json,
    enum change_kind change, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, put_sql);
	db_bind_int(s, 1, subject);
	db_bind_text(s, 2, json);
	db_bind_int(s, 3, clock_now_us());
	return db_run(s, err) && changes_add(store, change, subject, err);
}

bool json_text_put(struct store *store, const char *put_sql, int64_t subject, const char *json,
    enum change_kind change, struct err *err)
{
	return store_begin(store, err) && store_end(store, put(store, put_sql, subject, json, change, err), err);
}

bool json_text_get(struct store *store, const char *get_sql, int64_t subject, struct buf *to,
    int64_t *ret_made_us, bool *ret_found, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, subject);
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
