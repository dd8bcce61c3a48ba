#include "store/preferences.h"

#include "base/limits.h"
#include "store/inside.h"
#include "store/users.h"

#include <string.h>

static const char put_sql[] = "INSERT OR REPLACE INTO preferences (user_id, json, made_us) VALUES (?1, ?2, ?3)";
static const char get_sql[] = "SELECT json FROM preferences WHERE user_id = ?1";

bool preferences_put(struct store *store, int64_t user_id, const char *json, struct err *err)
{
	struct user user;
	if (strlen(json) > LIMIT_PREFERENCES)
		return err_set(err, ERR_TOO_LARGE, "preferences have at most %d bytes", LIMIT_PREFERENCES);
	if (!users_get(store, user_id, &user, err))
		return false;
	struct db_statement *s = db_prepare(store->db, put_sql);
	db_bind_int(s, 1, user_id);
	db_bind_text(s, 2, json);
	db_bind_int(s, 3, clock_now_us());
	return db_run(s, err);
}

bool preferences_get(struct store *store, int64_t user_id, struct buf *to, bool *ret_found, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, user_id);
	bool found = db_step(s);
	if (found)
		buf_print(to, "%s", db_column_text(s, 0));
	if (!db_finish(s, err) || !buf_ok(to, err))
		return false;
	*ret_found = found;
	return true;
}
