#include "store/copies.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/db.h"
#include "base/file.h"
#include "store/migrations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static const char db_name[] = "daybreak.db";
static const char back_name[] = "daybreak.db.back";

static const char schema_sql[] = "SELECT ifnull(max(number), 0) FROM migrations";
static const char check_sql[] = "PRAGMA quick_check(1)";
/* The copy is for looking at: nothing of it is to be worked on, and what it would delete is the real store's. */
static const char idle_sql[] = "DELETE FROM jobs; DELETE FROM leftovers;";

static bool read_schema(struct db *db, int *ret_number, struct err *err)
{
	struct db_statement *s = db_prepare(db, schema_sql);
	int number = db_step(s) ? (int)db_column_int(s, 0) : 0;
	if (!db_finish(s, err))
		return false;
	*ret_number = number;
	return true;
}

static bool open_database(const char *folder, struct db **ret_db, struct err *err)
{
	char path[LIMIT_PATH];
	if (!folder_path(folder, db_name, path, err))
		return false;
	if (!file_exists(path))
		return err_set(err, ERR_NOT_FOUND, "there is no store in %s", folder);
	return db_open(path, ret_db, err);
}

bool copies_schema(const char *folder, int *ret_number, struct err *err)
{
	OWN(db_close) struct db *db = NULL;
	return open_database(folder, &db, err) &&
	    (read_schema(db, ret_number, err) || err_add(err, "asking the store in %s for its version", folder));
}

int copies_schema_known(void)
{
	return migrations_count;
}

bool copies_room(const char *folder, int64_t *ret_needed, int64_t *ret_free, struct err *err)
{
	/* The trial's copy, its copy before its migration, and the real one before the real one's; and some air. */
	enum { COPIES = 3, AIR_BYTES = 64 << 20 };
	char path[LIMIT_PATH];
	struct stat status;
	struct statvfs disk;
	if (!folder_path(folder, db_name, path, err))
		return false;
	if (stat(path, &status) != 0 || statvfs(folder, &disk) != 0)
		return err_errno(err, "looking at %s", path);
	*ret_needed = COPIES * (int64_t)status.st_size + AIR_BYTES;
	*ret_free = (int64_t)(disk.f_bavail * disk.f_frsize);
	return true;
}

/* The trial */

static bool copy_key(const char *from, const char *to, struct err *err)
{
	char source[LIMIT_PATH], target[LIMIT_PATH];
	OWN(buf_done) struct buf key = BUF_INIT(CRYPTO_KEY_SIZE);
	bool ok = folder_path(from, "box.key", source, err) && folder_path(to, "box.key", target, err) &&
	    file_read(source, &key, err) && file_write(target, key.data, key.size, 0600, err);
	if (key.data)
		crypto_wipe(key.data, key.size);
	return ok;
}

static bool copy_database(const char *from, const char *to, struct err *err)
{
	char target[LIMIT_PATH];
	OWN(db_close) struct db *db = NULL, *copy = NULL;
	return open_database(from, &db, err) && folder_path(to, db_name, target, err) && db_backup(db, target, err) &&
	    db_open(target, &copy, err) && db_exec(copy, idle_sql, err);
}

bool copies_make_trial(const char *folder, char ret_trial[LIMIT_PATH], struct err *err)
{
	char trial[LIMIT_PATH], blobs[LIMIT_PATH];
	if (copies_remove_trial(folder, err) && folder_path(folder, "trial", trial, err) &&
	    folder_path(trial, "blobs", blobs, err) && folder_make(blobs, err) && copy_key(folder, trial, err) &&
	    copy_database(folder, trial, err)) {
		snprintf(ret_trial, LIMIT_PATH, "%s", trial);
		return true;
	}
	return err_add(err, "copying the store for its trial");
}

bool copies_remove_trial(const char *folder, struct err *err)
{
	char trial[LIMIT_PATH];
	return folder_path(folder, "trial", trial, err) && folder_remove(trial, err);
}

/* The way back */

static bool check_copy(const char *path, int number, struct err *err)
{
	int has = 0;
	OWN(db_close) struct db *db = NULL;
	if (!file_exists(path))
		return err_set(err, ERR_NOT_FOUND, "there is no %s", path);
	if (!db_open_foreign(path, &db, err) || !read_schema(db, &has, err))
		return err_add(err, "reading %s", path);
	struct db_statement *s = db_prepare(db, check_sql);
	char verdict[32] = "";
	if (db_step(s))
		snprintf(verdict, sizeof verdict, "%s", db_column_text(s, 0));
	if (!db_finish(s, err))
		return err_add(err, "checking %s", path);
	return (has == number && strcmp(verdict, "ok") == 0) || err_set(err, ERR_DAMAGED, "%s is not whole", path);
}

static bool copy_file(const char *from, const char *to, struct err *err)
{
	char part[LIMIT_PATH];
	if (snprintf(part, sizeof part, "%s.part", to) >= (int)sizeof part)
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", to);
	OWN(fd_close) int in = open(from, O_RDONLY | O_CLOEXEC);
	OWN(fd_close) int out = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (in < 0 || out < 0)
		return err_errno(err, "copying %s", from);
	for (;;) {
		uint8_t chunk[65536];
		ssize_t got = read(in, chunk, sizeof chunk);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || !fd_write(out, chunk, (size_t)got))
			return err_errno(err, "copying %s", from);
		if (got == 0)
			break;
	}
	return (fsync(out) == 0 && rename(part, to) == 0) || err_errno(err, "copying %s", from);
}

static bool remove_beside(const char *database, const char *suffix, struct err *err)
{
	char path[LIMIT_PATH];
	snprintf(path, sizeof path, "%s%s", database, suffix);
	return unlink(path) == 0 || errno == ENOENT || err_errno(err, "removing %s", path);
}

/* From here on there is no other way: the log of the newer database is of no use to the older. */
static bool finish_back(const char *folder, const char *back, const char *database, struct err *err)
{
	if (!folder_flush(folder, err) || !remove_beside(database, "-wal", err) || !remove_beside(database, "-shm", err))
		return false;
	if (rename(back, database) != 0)
		return err_errno(err, "putting back %s", database);
	return folder_flush(folder, err);
}

static bool put_back(const char *folder, int number, bool *ret_done, struct err *err)
{
	char database[LIMIT_PATH], back[LIMIT_PATH], copy[LIMIT_PATH], name[64];
	int has;
	if (!folder_path(folder, db_name, database, err) || !folder_path(folder, back_name, back, err))
		return false;
	*ret_done = true;
	if (file_exists(back))
		return finish_back(folder, back, database, err);
	if (!copies_schema(folder, &has, err))
		return false;
	*ret_done = has > number;
	if (has <= number)
		return true;
	snprintf(name, sizeof name, "copies/before-%04d.db", number + 1);
	return folder_path(folder, name, copy, err) && check_copy(copy, number, err) && copy_file(copy, back, err) &&
	    finish_back(folder, back, database, err);
}

bool copies_put_back(const char *folder, int number, bool *ret_done, struct err *err)
{
	bool done = false;
	if (!put_back(folder, number, &done, err))
		return err_add(err, "putting back the database as it was before its migration");
	*ret_done = done;
	return true;
}
