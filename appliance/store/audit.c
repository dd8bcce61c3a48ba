#include "store/audit.h"

#include "base/buf.h"
#include "base/text.h"
#include "store/inside.h"

#include <string.h>

#define AUDIT_COLUMNS "SELECT id, made_us, user_id, action, subject, detail, chain FROM audit "
static const char last_sql[] = AUDIT_COLUMNS "ORDER BY id DESC LIMIT 1";
static const char each_sql[] = AUDIT_COLUMNS "WHERE id > ?1 ORDER BY id";
static const char add_sql[] = "INSERT INTO audit (id, made_us, user_id, action, subject, detail, chain)"
			      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/* The largest id ever given: rows cut off the end leave it behind. */
static const char count_sql[] = "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)";

/* A row's link: HMAC of the link before | id | time | user | subject | length of action | action | detail.
 */
static bool link_of(const struct store *store, const struct audit_row *row,
    const uint8_t before[CRYPTO_DIGEST_SIZE], uint8_t ret_chain[CRYPTO_DIGEST_SIZE], struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(4096);
	buf_add(&text, before, CRYPTO_DIGEST_SIZE);
	buf_add_u64(&text, (uint64_t)row->id);
	buf_add_u64(&text, (uint64_t)row->made_us);
	buf_add_u64(&text, (uint64_t)row->user_id);
	buf_add_u64(&text, (uint64_t)row->subject);
	buf_add_u32(&text, (uint32_t)strlen(row->action));
	buf_add(&text, row->action, strlen(row->action));
	buf_add(&text, row->detail, strlen(row->detail));
	if (!buf_ok(&text, err))
		return false;
	crypto_hmac(store->audit_key, text.data, text.size, ret_chain);
	return true;
}

/* chain becomes zeros when it has not the right size: no link equals that. */
static void row_of(struct db_statement *s, struct audit_row *ret_row, uint8_t ret_chain[CRYPTO_DIGEST_SIZE])
{
	size_t size;
	*ret_row = (struct audit_row){.id = db_column_int(s, 0),
	    .made_us = db_column_int(s, 1),
	    .user_id = db_column_int(s, 2),
	    .subject = db_column_int(s, 4)};
	text_copy(ret_row->action, sizeof ret_row->action, db_column_text(s, 3));
	text_copy(ret_row->detail, sizeof ret_row->detail, db_column_text(s, 5));
	const void *chain = db_column_blob(s, 6, &size);
	memset(ret_chain, 0, CRYPTO_DIGEST_SIZE);
	if (size == CRYPTO_DIGEST_SIZE)
		memcpy(ret_chain, chain, size);
}

static bool last(struct store *store, int64_t *ret_id, uint8_t ret_chain[CRYPTO_DIGEST_SIZE],
    struct err *err)
{
	struct audit_row row = {0};
	memset(ret_chain, 0, CRYPTO_DIGEST_SIZE);
	struct db_statement *s = db_prepare(store->db, last_sql);
	if (db_step(s))
		row_of(s, &row, ret_chain);
	*ret_id = row.id;
	return db_finish(s, err);
}

static bool add(struct store *store, struct audit_row *row, struct err *err)
{
	uint8_t before[CRYPTO_DIGEST_SIZE], chain[CRYPTO_DIGEST_SIZE];
	if (!last(store, &row->id, before, err))
		return false;
	row->id++;
	if (!link_of(store, row, before, chain, err))
		return false;
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_int(s, 1, row->id);
	db_bind_int(s, 2, row->made_us);
	db_bind_int(s, 3, row->user_id);
	db_bind_text(s, 4, row->action);
	db_bind_int(s, 5, row->subject);
	db_bind_text(s, 6, row->detail);
	db_bind_blob(s, 7, chain, sizeof chain);
	return db_run(s, err);
}

bool audit_add(struct store *store, int64_t user_id, const char *action, int64_t subject,
    const char *detail, struct err *err)
{
	struct audit_row row = {.made_us = clock_now_us(), .user_id = user_id, .subject = subject};
	if (!text_copy(row.action, sizeof row.action, action) ||
	    !text_copy(row.detail, sizeof row.detail, detail))
		return err_set(err, ERR_BAD_INPUT, "an audit row of %s is too long", action);
	return store_begin(store, err) && store_end(store, add(store, &row, err), err);
}

bool audit_each(struct store *store, int64_t after_id,
    bool (*each)(const struct audit_row *row, void *context), void *context, struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, after_id);
	while (more && db_step(s)) {
		struct audit_row row;
		uint8_t chain[CRYPTO_DIGEST_SIZE];
		row_of(s, &row, chain);
		more = each(&row, context);
	}
	return db_finish(s, err);
}

static bool check_chain(struct store *store, int64_t *ret_rows, struct err *err)
{
	uint8_t before[CRYPTO_DIGEST_SIZE] = {0};
	bool ok = true;
	*ret_rows = 0;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, 0);
	while (ok && db_step(s)) {
		struct audit_row row;
		uint8_t chain[CRYPTO_DIGEST_SIZE], expected[CRYPTO_DIGEST_SIZE];
		row_of(s, &row, chain);
		ok = link_of(store, &row, before, expected, err);
		if (ok && (row.id != *ret_rows + 1 || !crypto_equal(chain, expected, sizeof chain)))
			ok = err_set(err, ERR_DAMAGED, "the audit log is broken at row %" PRId64,
			    *ret_rows + 1);
		*ret_rows += ok;
		memcpy(before, chain, sizeof before);
	}
	return db_finish(s, ok ? err : NULL) && ok;
}

bool audit_check(struct store *store, int64_t *ret_rows, struct err *err)
{
	if (!check_chain(store, ret_rows, err))
		return false;
	struct db_statement *s = db_prepare(store->db, count_sql);
	int64_t count = db_step(s) ? db_column_int(s, 0) : 0;
	if (!db_finish(s, err))
		return false;
	/* A row added since by another process is no break. */
	if (count > *ret_rows && !check_chain(store, ret_rows, err))
		return false;
	return count <= *ret_rows ||
	    err_set(err, ERR_DAMAGED,
		"the audit log has lost its end: %" PRId64 " of %" PRId64 " rows are left", *ret_rows,
		count);
}
