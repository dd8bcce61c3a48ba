#include "store/imports.h"

#include "base/text.h"
#include "store/changes.h"
#include "store/columns.h"
#include "store/inside.h"

#include <string.h>

static const char *const names[IMPORT_STATE_COUNT] = {"running", "done", "quarantined"};

#define IMPORT_COLUMNS \
	"SELECT id, name, state, sentence, notes, wells, frames_seen, frames_added, frames_known," \
	" frames_conflict, frames_damaged, started_us, ended_us FROM imports "
static const char get_sql[] = IMPORT_COLUMNS "WHERE id = ?1";
static const char each_sql[] = IMPORT_COLUMNS "ORDER BY id DESC LIMIT ?1";
static const char add_sql[] = "INSERT INTO imports (name, state, started_us) VALUES (x'', 'running', ?1)";
static const char seal_sql[] = "UPDATE imports SET name = ?2 WHERE id = ?1";
static const char update_sql[] =
    "UPDATE imports SET state = ?2, sentence = ?3, notes = ?4, wells = ?5,"
    " frames_seen = ?6, frames_added = ?7, frames_known = ?8, frames_conflict = ?9,"
    " frames_damaged = ?10, ended_us = ?11 WHERE id = ?1";
static const char running_sql[] = "SELECT id FROM imports WHERE state = 'running' LIMIT 1";
static const char recover_sql[] =
    "UPDATE imports SET state = 'quarantined', ended_us = ?2, sentence ="
    " 'The box stopped during this import. Frames already acknowledged are kept;"
    " import it again for the rest.' WHERE id = ?1";

const char *import_state_name(enum import_state state)
{
	return state < IMPORT_STATE_COUNT ? names[state] : "unknown";
}

static bool add(struct store *store, const char *name, int64_t *ret_id, struct err *err)
{
	if (!RUN_INTS(store, add_sql, err, clock_now_us()))
		return false;
	int64_t id = *ret_id = db_last_id(store->db);
	struct db_statement *s = db_prepare(store->db, seal_sql);
	db_bind_int(s, 1, id);
	columns_bind(s, 2, &(struct column){store->column_key, "imports.name", id}, name);
	return db_run(s, err) && changes_add(store, CHANGE_IMPORT, id, err);
}

bool imports_begin(struct store *store, const char *name, int64_t *ret_id, struct err *err)
{
	int64_t id = 0;
	if (strlen(name) >= LIMIT_PATH)
		return err_set(err, ERR_BAD_INPUT, "the import's name is too long");
	if (!store_begin(store, err) || !store_end(store, add(store, name, &id, err), err))
		return false;
	*ret_id = id;
	return true;
}

static bool update(struct store *store, const struct import *import, struct err *err)
{
	const int64_t counts[] = {import->wells, import->frames_seen, import->frames_added,
	    import->frames_known, import->frames_conflict, import->frames_damaged};
	struct db_statement *s = db_prepare(store->db, update_sql);
	db_bind_int(s, 1, import->id);
	db_bind_text(s, 2, names[import->state]);
	db_bind_text(s, 3, import->sentence);
	db_bind_text(s, 4, import->notes[0] ? import->notes : "[]");
	for (int i = 0; i < 6; i++)
		db_bind_int(s, 5 + i, counts[i]);
	bind_some(s, 11, import->state == IMPORT_RUNNING ? 0 : clock_now_us());
	if (!db_run(s, err))
		return false;
	if (db_changed(store->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no import %" PRId64, import->id);
	return changes_add(store, CHANGE_IMPORT, import->id, err);
}

bool imports_update(struct store *store, const struct import *import, struct err *err)
{
	if (import->state >= IMPORT_STATE_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such state of an import");
	return store_begin(store, err) && store_end(store, update(store, import, err), err);
}

static bool open_row(struct store *store, struct db_statement *s, struct import *import, struct err *err)
{
	import->id = db_column_int(s, 0);
	import->state = IMPORT_RUNNING;
	for (int i = 0; i < IMPORT_STATE_COUNT; i++)
		if (strcmp(names[i], db_column_text(s, 2)) == 0)
			import->state = (enum import_state)i;
	text_copy(import->sentence, sizeof import->sentence, db_column_text(s, 3));
	/* Cut JSON is no JSON. */
	if (!text_copy(import->notes, sizeof import->notes, db_column_text(s, 4)))
		text_copy(import->notes, sizeof import->notes, "[]");
	import->wells = (int)db_column_int(s, 5);
	import->frames_seen = db_column_int(s, 6);
	import->frames_added = db_column_int(s, 7);
	import->frames_known = db_column_int(s, 8);
	import->frames_conflict = db_column_int(s, 9);
	import->frames_damaged = db_column_int(s, 10);
	import->started_us = db_column_int(s, 11);
	import->ended_us = db_column_int(s, 12);
	return columns_open(s, 1, &(struct column){store->column_key, "imports.name", import->id},
	    import->name, sizeof import->name, err);
}

bool imports_get(struct store *store, int64_t id, struct import *ret_import, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, id);
	bool found = db_step(s);
	bool ok = found && open_row(store, s, ret_import, err);
	if (!db_finish(s, ok || !found ? err : NULL))
		return false;
	return found ? ok : err_set(err, ERR_NOT_FOUND, "there is no import %" PRId64, id);
}

bool imports_each(struct store *store, int max, bool (*each)(const struct import *import, void *context),
    void *context, struct err *err)
{
	bool ok = true, more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, max);
	while (ok && more && db_step(s)) {
		struct import import;
		ok = open_row(store, s, &import, err);
		more = ok && each(&import, context);
	}
	return db_finish(s, ok ? err : NULL) && ok;
}

/* The blind index of a mark: the bare digest of a name would give it away to who guesses it. */
static void bind_mark(struct store *store, struct db_statement *s, int index,
    const uint8_t mark[CRYPTO_DIGEST_SIZE])
{
	char hex[2 * CRYPTO_DIGEST_SIZE + 1];
	uint8_t blind[CRYPTO_DIGEST_SIZE];
	text_hex(hex, mark, CRYPTO_DIGEST_SIZE);
	store_index(store, "imports.mark", hex, blind);
	db_bind_blob(s, index, blind, sizeof blind);
}

bool imports_mark(struct store *store, int64_t id, const uint8_t mark[CRYPTO_DIGEST_SIZE], struct err *err)
{
	struct db_statement *s = db_prepare(store->db, "UPDATE imports SET mark = ?2 WHERE id = ?1");
	db_bind_int(s, 1, id);
	bind_mark(store, s, 2, mark);
	if (!db_run(s, err))
		return false;
	return db_changed(store->db) == 1 || err_set(err, ERR_NOT_FOUND, "there is no import %" PRId64, id);
}

bool imports_seen(struct store *store, const uint8_t mark[CRYPTO_DIGEST_SIZE], bool *ret_seen,
    struct err *err)
{
	struct db_statement *s = db_prepare(store->db, "SELECT 1 FROM imports WHERE mark = ?1 LIMIT 1");
	bind_mark(store, s, 1, mark);
	bool seen = db_step(s);
	if (!db_finish(s, err))
		return false;
	*ret_seen = seen;
	return true;
}

static bool recover(struct store *store, struct err *err)
{
	for (;;) {
		struct db_statement *s = db_prepare(store->db, running_sql);
		int64_t id = db_step(s) ? db_column_int(s, 0) : 0;
		if (!db_finish(s, err))
			return false;
		if (!id)
			return true;
		if (!RUN_INTS(store, recover_sql, err, id, clock_now_us()) ||
		    !changes_add(store, CHANGE_IMPORT, id, err))
			return false;
	}
}

bool imports_recover(struct store *store, struct err *err)
{
	return store_begin(store, err) && store_end(store, recover(store, err), err);
}
