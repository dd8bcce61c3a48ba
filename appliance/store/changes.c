#include "store/changes.h"

#include "store/inside.h"

#include <string.h>

static const char *const names[CHANGE_COUNT] = {
#define X(kind, name) [kind] = name,
    CHANGE_TABLE(X)
#undef X
};

static const char add_sql[] = "INSERT INTO changes (kind, subject, made_us) VALUES (?1, ?2, ?3)";
static const char each_sql[] =
    "SELECT seq, kind, subject, made_us FROM changes WHERE seq > ?1 ORDER BY seq";
static const char drop_sql[] = "DELETE FROM changes WHERE seq <= ?1";
static const char first_sql[] = "SELECT ifnull(min(seq), 1) FROM changes";
static const char last_sql[] = "SELECT ifnull(max(seq), 0) FROM changes";

const char *change_kind_name(enum change_kind kind)
{
	return kind < CHANGE_COUNT ? names[kind] : "unknown";
}

static bool kind_from_name(const char *name, enum change_kind *ret_kind)
{
	for (int i = 0; i < CHANGE_COUNT; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*ret_kind = (enum change_kind)i;
		return true;
	}
	return false;
}

bool changes_add(struct store *store, enum change_kind kind, int64_t subject, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_text(s, 1, change_kind_name(kind));
	db_bind_int(s, 2, subject);
	db_bind_int(s, 3, clock_now_us());
	return db_run(s, err) && RUN_INTS(store, drop_sql, err, db_last_id(store->db) - CHANGES_KEPT);
}

static bool find_seq(struct store *store, const char *sql, int64_t *ret_seq, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, sql);
	int64_t seq = db_step(s) ? db_column_int(s, 0) : 0;
	if (!db_finish(s, err))
		return false;
	*ret_seq = seq;
	return true;
}

bool changes_each(struct store *store, int64_t since,
    bool (*each)(const struct change *change, void *context), void *context, struct err *err)
{
	bool more = true;
	int64_t first;
	if (!find_seq(store, first_sql, &first, err))
		return false;
	if (since < first - 1)
		return err_set(err, ERR_NOT_FOUND, "changes so old are not kept: load everything anew");
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, since);
	while (more && db_step(s)) {
		struct change change = {.seq = db_column_int(s, 0),
		    .subject = db_column_int(s, 2),
		    .made_us = db_column_int(s, 3)};
		/* A kind this program does not know is no business of its screens. */
		if (kind_from_name(db_column_text(s, 1), &change.kind))
			more = each(&change, context);
	}
	return db_finish(s, err);
}

bool changes_last(struct store *store, int64_t *ret_seq, struct err *err)
{
	return find_seq(store, last_sql, ret_seq, err);
}
