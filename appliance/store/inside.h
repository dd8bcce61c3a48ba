/* What the files of this room share. Nobody else includes it. */
#pragma once

#include "base/clock.h"
#include "base/crypto.h"
#include "base/db.h"
#include "base/limits.h"
#include "model/time.h"
#include "store/store.h"

#include <inttypes.h>

/* The box key itself is wiped after these are derived from it. */
struct store {
	struct db *db;
	int depth; /* of store_begin */
	bool shrink; /* the log, once the transaction has ended */
	char folder[LIMIT_PATH];
	uint8_t wrap_key[CRYPTO_KEY_SIZE]; /* wraps patient keys and inbox dishes' keys */
	uint8_t index_key[CRYPTO_KEY_SIZE]; /* blind indices */
	uint8_t address_key[CRYPTO_KEY_SIZE]; /* addresses of blobs */
	uint8_t audit_key[CRYPTO_KEY_SIZE]; /* audit chain */
	uint8_t signature_key[CRYPTO_KEY_SIZE]; /* seals of signatures */
	uint8_t column_key[CRYPTO_KEY_SIZE]; /* sealed columns that belong to no patient or dish */
};

/* The end of a transaction: commits if all went well, else rolls back. */
static inline bool store_end(struct store *store, bool ok, struct err *err)
{
	if (ok)
		return store_commit(store, err);
	store_rollback(store);
	return false;
}

/* Takes what was overwritten out of the write-ahead log as well; within a transaction, when it has ended. When readers
 * are in the way for longer than a moment, the next checkpoint does it. */
void store_shrink_log(struct store *store);

/* Runs a statement with integers only, bound from 1 on. */
bool store_run_ints(struct store *store, const char *sql, const int64_t *values, int count,
    struct err *err);

#define RUN_INTS(store, sql, err, ...) \
	store_run_ints(store, sql, (const int64_t[]){__VA_ARGS__}, \
	    sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), err)

/* A blind index: HMAC of a domain and a text in normal form (blanks out, ASCII letters in upper case). */
void store_index(struct store *store, const char *domain, const char *text,
    uint8_t ret_index[CRYPTO_DIGEST_SIZE]);

/* Folder and file of a dish's blobs: "<folder>/blobs/12.frames". */
bool store_path(const struct store *store, const char *name, char *path, size_t size, struct err *err);

/* Unknown times are null in the database. */
static inline void bind_clock(struct db_statement *statement, int index, int64_t clock_s)
{
	if (clock_s == TIME_UNKNOWN)
		db_bind_null(statement, index);
	else
		db_bind_int(statement, index, clock_s);
}

static inline int64_t column_clock(struct db_statement *statement, int index)
{
	return db_column_is_null(statement, index) ? TIME_UNKNOWN : db_column_int(statement, index);
}

/* 0 stands for null: ids and times that may be missing. */
static inline void bind_some(struct db_statement *statement, int index, int64_t value)
{
	if (value == 0)
		db_bind_null(statement, index);
	else
		db_bind_int(statement, index, value);
}
