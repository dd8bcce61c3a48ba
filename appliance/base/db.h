/* SQLite behind a sticky statement: bind and read freely, check once.
 *
 *   struct db_statement *s = db_prepare(db, "SELECT name FROM users WHERE id = ?1");
 *   db_bind_int(s, 1, id);
 *   while (db_step(s)) ... db_column_text(s, 0) ...
 *   return db_finish(s, err);      frees s; false if anything failed on the way
 *
 * A connection belongs to one thread. Prepared statements are cached by their SQL's address, so sql must be a
 * literal or outlive the connection. */
#pragma once

#include "base/err.h"
#include "base/own.h"

#include <stddef.h>
#include <stdint.h>

struct db;
struct db_statement;

/* Opens or creates a database of ours: WAL, synchronous FULL, foreign keys, 10 s busy wait. */
bool db_open(const char *path, struct db **ret_db, struct err *err);
/* Opens somebody else's file for reading, as an immutable, untrusted schema: no triggers, no views' functions, no
 * memory mapping, defensive. */
bool db_open_foreign(const char *path, struct db **ret_db, struct err *err);
void db_close(struct db *db);
OWN_DEFINE(struct db *, db_close)

/* Runs statements without parameters or rows. */
bool db_exec(struct db *db, const char *sql, struct err *err);
/* BEGIN IMMEDIATE ... COMMIT; nests by counting: only the outermost pair acts. After a rollback inside, the
 * outermost db_commit fails. */
bool db_begin(struct db *db, struct err *err);
bool db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

/* Never NULL: a failure is kept in the statement and told by db_finish. */
struct db_statement *db_prepare(struct db *db, const char *sql);
void db_bind_int(struct db_statement *statement, int index, int64_t value);
void db_bind_double(struct db_statement *statement, int index, double value);
void db_bind_text(struct db_statement *statement, int index, const char *text); /* NULL binds null */
void db_bind_blob(struct db_statement *statement, int index, const void *data, size_t size);
void db_bind_null(struct db_statement *statement, int index);
/* True while there is a row. */
bool db_step(struct db_statement *statement);
bool db_column_is_null(struct db_statement *statement, int index);
int64_t db_column_int(struct db_statement *statement, int index);
double db_column_double(struct db_statement *statement, int index);
const char *db_column_text(struct db_statement *statement, int index); /* "" for null; until the next step */
const void *db_column_blob(struct db_statement *statement, int index, size_t *ret_size);
/* Ends the statement. A constraint violation is ERR_CONFLICT, a damaged file ERR_DAMAGED, a lock ERR_BUSY. */
bool db_finish(struct db_statement *statement, struct err *err);
/* db_step to the end and db_finish: for statements without rows. */
bool db_run(struct db_statement *statement, struct err *err);

int64_t db_last_id(struct db *db);
int64_t db_changed(struct db *db);
/* Copies the live database to path (SQLite's backup interface). */
bool db_backup(struct db *db, const char *path, struct err *err);
