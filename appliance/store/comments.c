#include "store/comments.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/columns.h"
#include "store/inside.h"
#include "store/keys.h"

#include <string.h>

static const char add_sql[] =
    "INSERT INTO comments (embryo_id, text, run, user_id, made_us) VALUES (?1, x'', ?2, ?3, ?4)";
static const char seal_sql[] = "UPDATE comments SET text = ?2 WHERE id = ?1";
static const char find_sql[] =
    "SELECT user_id FROM comments WHERE embryo_id = ?1 AND id = ?2 AND withdrawn_us IS NULL";
static const char withdraw_sql[] = "UPDATE comments SET withdrawn_us = ?2 WHERE id = ?1";
static const char each_sql[] =
    "SELECT c.id, c.text, c.run, c.user_id, u.name, c.made_us FROM comments c JOIN users u ON u.id = c.user_id"
    " WHERE c.embryo_id = ?1 AND c.withdrawn_us IS NULL ORDER BY c.id";

/* Lines may be broken; other control characters are no words. */
static bool check(const char *text, struct err *err)
{
	char plain[LIMIT_COMMENT];
	if (!text_copy(plain, sizeof plain, text))
		return err_set(err, ERR_TOO_LARGE, "a comment has at most %d bytes", LIMIT_COMMENT - 1);
	for (char *at = plain; *at; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	return (plain[strspn(plain, " ")] && text_is_plain(plain)) ||
	    err_set(err, ERR_BAD_INPUT, "a comment is plain text, not empty");
}

static bool add_row(struct store *store, int64_t embryo_id, int64_t user_id, const char *text, int run,
    int64_t *ret_id, struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!keys_embryo(store, embryo_id, key, err))
		return false;
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_int(s, 1, embryo_id);
	bind_clock(s, 2, run < 0 ? TIME_UNKNOWN : run);
	db_bind_int(s, 3, user_id);
	db_bind_int(s, 4, clock_now_us());
	bool ok = db_run(s, err);
	int64_t id = db_last_id(store->db);
	if (ok) {
		s = db_prepare(store->db, seal_sql);
		db_bind_int(s, 1, id);
		columns_bind(s, 2, &(struct column){key, "comments.text", id}, text);
		ok = db_run(s, err);
	}
	crypto_wipe(key, sizeof key);
	*ret_id = id;
	return ok;
}

bool comments_add(struct store *store, int64_t embryo_id, int64_t user_id, const char *text, int run, int64_t *ret_id,
    struct err *err)
{
	int64_t id;
	if (!check(text, err) || !store_begin(store, err))
		return false;
	bool ok = add_row(store, embryo_id, user_id, text, run, &id, err) &&
	    changes_add(store, CHANGE_ANNOTATION, embryo_id, err) &&
	    audit_add(store, user_id, "comment.add", embryo_id, "", err);
	if (!store_end(store, ok, err))
		return false;
	*ret_id = id;
	return true;
}

static bool withdraw(struct store *store, int64_t embryo_id, int64_t id, int64_t user_id, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, find_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, id);
	int64_t author_id = db_step(s) ? db_column_int(s, 0) : 0;
	if (!db_finish(s, err))
		return false;
	if (!author_id)
		return err_set(err, ERR_NOT_FOUND, "there is no comment %" PRId64 " on this embryo", id);
	if (author_id != user_id)
		return err_set(err, ERR_FORBIDDEN, "a comment is taken back by who made it");
	return RUN_INTS(store, withdraw_sql, err, id, clock_now_us()) &&
	    changes_add(store, CHANGE_ANNOTATION, embryo_id, err) &&
	    audit_add(store, user_id, "comment.withdraw", embryo_id, "", err);
}

bool comments_withdraw(struct store *store, int64_t embryo_id, int64_t id, int64_t user_id, struct err *err)
{
	return store_begin(store, err) && store_end(store, withdraw(store, embryo_id, id, user_id, err), err);
}

static bool open_row(struct db_statement *s, const uint8_t *key, struct comment *ret_comment, struct err *err)
{
	struct comment comment = {.id = db_column_int(s, 0),
	    .run = db_column_is_null(s, 2) ? -1 : (int)db_column_int(s, 2),
	    .user_id = db_column_int(s, 3),
	    .made_us = db_column_int(s, 5)};
	text_copy(comment.author, sizeof comment.author, db_column_text(s, 4));
	if (!columns_open(s, 1, &(struct column){key, "comments.text", comment.id}, comment.text,
		sizeof comment.text, err))
		return false;
	*ret_comment = comment;
	return true;
}

bool comments_each(struct store *store, int64_t embryo_id, bool (*each)(const struct comment *comment, void *context),
    void *context, struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!keys_embryo(store, embryo_id, key, err))
		return false;
	bool ok = true, more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (ok && more && db_step(s)) {
		struct comment comment;
		ok = open_row(s, key, &comment, err);
		more = ok && each(&comment, context);
	}
	crypto_wipe(key, sizeof key);
	return db_finish(s, ok ? err : NULL) && ok;
}
