#include "store/migrations.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/limits.h"

#include <stdio.h>
#include <string.h>

static const char make_sql[] = "CREATE TABLE IF NOT EXISTS migrations ("
			       " number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
			       " digest BLOB NOT NULL, applied_us INTEGER NOT NULL) STRICT";
static const char list_sql[] = "SELECT number, name, digest FROM migrations ORDER BY number";
static const char note_sql[] = "INSERT INTO migrations VALUES (?1, ?2, ?3, ?4)";

static void digest_of(const struct migration *migration, uint8_t digest[CRYPTO_DIGEST_SIZE])
{
	crypto_sha256(migration->sql, strlen(migration->sql), digest);
}

/* Compares what was applied with the list; *ret_applied is how far the database is. */
static bool check_applied(struct db *db, const struct migration *list, int count, int *ret_applied,
    struct err *err)
{
	int applied = 0;
	char edited[LIMIT_NAME] = "";
	struct db_statement *s = db_prepare(db, list_sql);
	while (db_step(s)) {
		applied++;
		if (applied > count)
			continue;
		uint8_t digest[CRYPTO_DIGEST_SIZE];
		size_t size;
		const void *kept = db_column_blob(s, 2, &size);
		digest_of(&list[applied - 1], digest);
		if (!edited[0] &&
		    (db_column_int(s, 0) != applied || size != sizeof digest ||
			memcmp(kept, digest, sizeof digest) != 0))
			snprintf(edited, sizeof edited, "%s", db_column_text(s, 1));
	}
	if (!db_finish(s, err))
		return false;
	if (edited[0])
		return err_set(err, ERR_DAMAGED,
		    "the migration %s is not the one this database was made with", edited);
	if (applied > count)
		return err_set(err, ERR_UNSUPPORTED,
		    "the database is newer (version %d) than this program (%d): install the newer program",
		    applied, count);
	*ret_applied = applied;
	return true;
}

static bool apply_one(struct db *db, const struct migration *migration, struct err *err)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	digest_of(migration, digest);
	if (!db_exec(db, migration->sql, err))
		return err_add(err, "applying %s", migration->name);
	struct db_statement *s = db_prepare(db, note_sql);
	db_bind_int(s, 1, migration->number);
	db_bind_text(s, 2, migration->name);
	db_bind_blob(s, 3, digest, sizeof digest);
	db_bind_int(s, 4, clock_now_us());
	return db_run(s, err);
}

/* Asks again inside the transaction: another process may have been faster. */
static bool apply_next(struct db *db, const struct migration *list, int count, struct err *err)
{
	int applied;
	if (!db_begin(db, err))
		return false;
	bool ok = check_applied(db, list, count, &applied, err) &&
	    (applied == count || apply_one(db, &list[applied], err));
	if (ok)
		return db_commit(db, err);
	db_rollback(db);
	return false;
}

static bool copy_before(struct db *db, const char *copies, int number, struct err *err)
{
	char path[LIMIT_PATH];
	int length = snprintf(path, sizeof path, "%s/before-%04d.db", copies, number);
	if (length < 0 || (size_t)length >= sizeof path)
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", copies);
	return folder_make(copies, err) && db_backup(db, path, err) && folder_flush(copies, err);
}

bool migrations_apply(struct db *db, const struct migration *list, int count, const char *copies,
    struct err *err)
{
	int applied;
	if (!db_exec(db, make_sql, err) || !check_applied(db, list, count, &applied, err))
		return false;
	if (applied > 0 && applied < count && !copy_before(db, copies, applied + 1, err))
		return err_add(err, "copying the database before its migration");
	for (; applied < count; applied++)
		if (!apply_next(db, list, count, err))
			return false;
	return true;
}
