#include "base/db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { STATEMENTS_CACHED_MAX = 128 };

struct cached {
	const char *sql;
	sqlite3_stmt *handle;
	bool busy;
};

struct db {
	sqlite3 *handle;
	int depth;
	bool rolled_back;
	size_t cached_count;
	struct cached cached[STATEMENTS_CACHED_MAX];
};

struct db_statement {
	struct db *db;
	sqlite3_stmt *handle;
	struct cached *cached; /* NULL: finalised at the end */
	int code;              /* first failure, SQLITE_OK before it */
	char message[160];
};

static enum err_code code_of(int code)
{
	switch (code & 0xFF) {
	case SQLITE_CONSTRAINT:
		return ERR_CONFLICT;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_DAMAGED;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_NOMEM:
		return ERR_NO_MEMORY;
	default:
		return ERR_DATABASE;
	}
}

static bool fail(struct db *db, struct err *err)
{
	return err_set(err, code_of(sqlite3_extended_errcode(db->handle)), "%s",
	    sqlite3_errmsg(db->handle));
}

/* A transaction here takes about a millisecond. SQLite's own waiting doubles its pauses up to 100 ms, which among a
 * dozen writers leaves the lock free most of the time. */
static int wait_for_lock(void *context, int tries)
{
	enum { PAUSE_US = 500, PATIENCE_US = 10000000 };
	(void)context;
	usleep(PAUSE_US);
	return tries < PATIENCE_US / PAUSE_US;
}

static bool open_handle(const char *path, int flags, struct db **ret_db, struct err *err)
{
	struct db *db = calloc(1, sizeof *db);
	if (!db)
		return err_set(err, ERR_NO_MEMORY, "opening %s", path);
	if (sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		fail(db, err);
		db_close(db);
		return err_add(err, "opening %s", path);
	}
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_handler(db->handle, wait_for_lock, NULL);
	*ret_db = db;
	return true;
}

bool db_open(const char *path, struct db **ret_db, struct err *err)
{
	OWN(db_close) struct db *db = NULL;
	if (!open_handle(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, err))
		return false;
	if (!db_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
			 "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;", err))
		return err_add(err, "opening %s", path);
	*ret_db = TAKE(db);
	return true;
}

/* SQLite's URI form, with the three characters that would end the path escaped. */
static bool immutable_uri(char *uri, size_t size, const char *path)
{
	size_t used = (size_t)snprintf(uri, size, "file:");
	for (; *path && used + 4 < size; path++) {
		if (strchr("?#%", *path))
			used += (size_t)snprintf(uri + used, size - used, "%%%02X", (unsigned char)*path);
		else
			uri[used++] = *path;
	}
	int tail = snprintf(uri + used, size - used, "?mode=ro&immutable=1");
	return *path == 0 && tail > 0 && (size_t)tail < size - used;
}

bool db_open_foreign(const char *path, struct db **ret_db, struct err *err)
{
	char uri[8192];
	OWN(db_close) struct db *db = NULL;
	if (!immutable_uri(uri, sizeof uri, path))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", path);
	if (!open_handle(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, &db, err))
		return false;
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	if (!db_exec(db, "PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;", err))
		return err_add(err, "opening %s", path);
	*ret_db = TAKE(db);
	return true;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->cached_count; i++)
		sqlite3_finalize(db->cached[i].handle);
	sqlite3_close_v2(db->handle);
	free(db);
}

bool db_exec(struct db *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || fail(db, err);
}

bool db_begin(struct db *db, struct err *err)
{
	if (db->depth == 0) {
		db->rolled_back = false;
		if (!db_exec(db, "BEGIN IMMEDIATE", err))
			return false;
	}
	/* Without a transaction around them, further changes would be kept one by one. */
	if (db->rolled_back)
		return err_set(err, ERR_INTERNAL, "begin after a rollback inside");
	db->depth++;
	return true;
}

bool db_commit(struct db *db, struct err *err)
{
	if (--db->depth > 0)
		return true;
	if (db->rolled_back)
		return err_set(err, ERR_INTERNAL, "commit after a rollback inside");
	if (!db_exec(db, "COMMIT", err)) {
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
		return false;
	}
	return true;
}

void db_rollback(struct db *db)
{
	db->depth--;
	if (!db->rolled_back)
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->rolled_back = db->depth > 0;
}

static void keep_failure(struct db_statement *statement, int code)
{
	if (statement->code != SQLITE_OK)
		return;
	statement->code = code;
	snprintf(statement->message, sizeof statement->message, "%s",
	    statement->db ? sqlite3_errmsg(statement->db->handle) : "out of memory");
}

static struct cached *find_cached(struct db *db, const char *sql)
{
	for (size_t i = 0; i < db->cached_count; i++)
		if (db->cached[i].sql == sql && !db->cached[i].busy)
			return &db->cached[i];
	return NULL;
}

/* Stands in when there is no memory for a statement: every call on it is a no-op that fails. */
static struct db_statement no_memory = {.code = SQLITE_NOMEM, .message = "out of memory"};

struct db_statement *db_prepare(struct db *db, const char *sql)
{
	struct db_statement *statement = calloc(1, sizeof *statement);
	if (!statement)
		return &no_memory;
	statement->db = db;
	struct cached *cached = find_cached(db, sql);
	if (!cached) {
		int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL);
		if (code != SQLITE_OK) {
			keep_failure(statement, code);
			return statement;
		}
		if (db->cached_count == STATEMENTS_CACHED_MAX)
			return statement;
		cached = &db->cached[db->cached_count++];
		*cached = (struct cached){.sql = sql, .handle = statement->handle};
	}
	cached->busy = true;
	statement->cached = cached;
	statement->handle = cached->handle;
	return statement;
}

static void check_bind(struct db_statement *statement, int code)
{
	if (code != SQLITE_OK)
		keep_failure(statement, code);
}

void db_bind_int(struct db_statement *statement, int index, int64_t value)
{
	if (statement->code == SQLITE_OK)
		check_bind(statement, sqlite3_bind_int64(statement->handle, index, value));
}

void db_bind_double(struct db_statement *statement, int index, double value)
{
	if (statement->code == SQLITE_OK)
		check_bind(statement, sqlite3_bind_double(statement->handle, index, value));
}

void db_bind_text(struct db_statement *statement, int index, const char *text)
{
	if (statement->code == SQLITE_OK)
		check_bind(statement, sqlite3_bind_text(statement->handle, index, text, -1, SQLITE_TRANSIENT));
}

void db_bind_blob(struct db_statement *statement, int index, const void *data, size_t size)
{
	if (statement->code == SQLITE_OK)
		check_bind(statement,
		    sqlite3_bind_blob64(statement->handle, index, data ? data : "", size, SQLITE_TRANSIENT));
}

void db_bind_null(struct db_statement *statement, int index)
{
	if (statement->code == SQLITE_OK)
		check_bind(statement, sqlite3_bind_null(statement->handle, index));
}

bool db_step(struct db_statement *statement)
{
	if (statement->code != SQLITE_OK)
		return false;
	int code = sqlite3_step(statement->handle);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		keep_failure(statement, code);
	return code == SQLITE_ROW;
}

bool db_column_is_null(struct db_statement *statement, int index)
{
	return sqlite3_column_type(statement->handle, index) == SQLITE_NULL;
}

int64_t db_column_int(struct db_statement *statement, int index)
{
	return sqlite3_column_int64(statement->handle, index);
}

double db_column_double(struct db_statement *statement, int index)
{
	return sqlite3_column_double(statement->handle, index);
}

const char *db_column_text(struct db_statement *statement, int index)
{
	const char *text = (const char *)sqlite3_column_text(statement->handle, index);
	return text ? text : "";
}

const void *db_column_blob(struct db_statement *statement, int index, size_t *ret_size)
{
	const void *data = sqlite3_column_blob(statement->handle, index);
	*ret_size = (size_t)sqlite3_column_bytes(statement->handle, index);
	return data;
}

bool db_finish(struct db_statement *statement, struct err *err)
{
	bool ok = statement->code == SQLITE_OK;
	if (!ok)
		err_set(err, code_of(statement->code), "%s", statement->message);
	if (statement == &no_memory)
		return false;
	if (statement->cached) {
		sqlite3_reset(statement->handle);
		sqlite3_clear_bindings(statement->handle);
		statement->cached->busy = false;
	} else {
		sqlite3_finalize(statement->handle);
	}
	free(statement);
	return ok;
}

bool db_run(struct db_statement *statement, struct err *err)
{
	while (db_step(statement)) {
	}
	return db_finish(statement, err);
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changed(struct db *db)
{
	return sqlite3_changes64(db->handle);
}

bool db_backup(struct db *db, const char *path, struct err *err)
{
	OWN(db_close) struct db *copy = NULL;
	if (!open_handle(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &copy, err))
		return false;
	sqlite3_backup *backup = sqlite3_backup_init(copy->handle, "main", db->handle, "main");
	if (!backup)
		return fail(copy, err);
	int code = sqlite3_backup_step(backup, -1);
	sqlite3_backup_finish(backup);
	return code == SQLITE_DONE || fail(copy, err);
}
