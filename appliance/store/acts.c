#include "store/acts.h"

#include "store/inside.h"

#include <string.h>

static const char find_sql[] = "SELECT user_id, result FROM acts WHERE key = ?1 AND made_us >= ?2";
static const char forget_sql[] = "DELETE FROM acts WHERE made_us < ?1";
static const char add_sql[] = "INSERT INTO acts (key, user_id, made_us, result) VALUES (?1, ?2, ?3, ?4)";

static int64_t oldest_us(void)
{
	return clock_now_us() - ACT_DAYS * INT64_C(86400000000);
}

static bool check(const char *key, struct err *err)
{
	size_t length = strlen(key);
	bool fits = length >= 1 && length <= ACT_KEY_MAX;
	for (; *key; key++)
		fits = fits && *key > ' ' && *key <= '~';
	return fits || err_set(err, ERR_BAD_INPUT, "an idempotency key is 1 to %d printable letters", ACT_KEY_MAX);
}

bool acts_find(struct store *store, const char *key, int64_t user_id, struct buf *to, bool *ret_found, struct err *err)
{
	if (!check(key, err))
		return false;
	struct db_statement *s = db_prepare(store->db, find_sql);
	db_bind_text(s, 1, key);
	db_bind_int(s, 2, oldest_us());
	bool found = db_step(s), own = found && db_column_int(s, 0) == user_id;
	if (own)
		buf_print(to, "%s", db_column_text(s, 1));
	if (!db_finish(s, err) || !buf_ok(to, err))
		return false;
	if (found && !own)
		return err_set(err, ERR_CONFLICT, "this idempotency key is another user's");
	*ret_found = found;
	return true;
}

static bool add(struct store *store, const char *key, int64_t user_id, const char *result, struct err *err)
{
	if (!RUN_INTS(store, forget_sql, err, oldest_us()))
		return false;
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_text(s, 1, key);
	db_bind_int(s, 2, user_id);
	db_bind_int(s, 3, clock_now_us());
	db_bind_text(s, 4, result);
	return db_run(s, err);
}

bool acts_add(struct store *store, const char *key, int64_t user_id, const char *result, struct err *err)
{
	return check(key, err) && store_begin(store, err) &&
	    store_end(store, add(store, key, user_id, result, err), err);
}
