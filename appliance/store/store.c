#include "store/store.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "store/blobs.h"
#include "store/inside.h"
#include "store/migrations.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char key_name[] = "box.key";
static const char db_name[] = "daybreak.db";
/* The database is made under this name; its renaming ends store_create. */
static const char unfinished_name[] = "daybreak.db.new";

static const char check_get_sql[] = "SELECT value FROM box WHERE name = 'key check'";
static const char check_put_sql[] = "INSERT INTO box VALUES ('key check', ?1)";

bool store_path(const struct store *store, const char *name, char *path, size_t size, struct err *err)
{
	return path_join(path, size, store->folder, name) ||
	    err_set(err, ERR_BAD_INPUT, "path too long: %s", store->folder);
}

static bool load_key(struct store *store, uint8_t key[CRYPTO_KEY_SIZE], struct err *err)
{
	char path[LIMIT_PATH];
	uint8_t bytes[CRYPTO_KEY_SIZE + 1];
	if (!store_path(store, key_name, path, sizeof path, err))
		return false;
	FILE *file = fopen(path, "rbe");
	if (!file)
		return err_errno(err, "opening the box key %s", path);
	setvbuf(file, NULL, _IONBF, 0);
	size_t size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	if (size == CRYPTO_KEY_SIZE)
		memcpy(key, bytes, CRYPTO_KEY_SIZE);
	crypto_wipe(bytes, sizeof bytes);
	return size == CRYPTO_KEY_SIZE ||
	    err_set(err, ERR_CRYPTO, "the box key %s is not %d bytes", path, CRYPTO_KEY_SIZE);
}

/* One key for each purpose, so that no two uses of the box key can be played against each other. */
static void derive_keys(struct store *store, const uint8_t box_key[CRYPTO_KEY_SIZE],
    uint8_t ret_check[CRYPTO_KEY_SIZE])
{
	crypto_derive(box_key, "wrap", store->wrap_key);
	crypto_derive(box_key, "blind index", store->index_key);
	crypto_derive(box_key, "address", store->address_key);
	crypto_derive(box_key, "audit", store->audit_key);
	crypto_derive(box_key, "signature", store->signature_key);
	crypto_derive(box_key, "column", store->column_key);
	crypto_derive(box_key, "check", ret_check);
}

/* The database remembers a value derived from its box key, so that a wrong key is told at once. */
static bool check_key(struct store *store, const uint8_t check[CRYPTO_KEY_SIZE], struct err *err)
{
	struct db_statement *s = db_prepare(store->db, check_get_sql);
	size_t size = 0;
	bool known = db_step(s);
	const void *kept = known ? db_column_blob(s, 0, &size) : NULL;
	bool same = known && size == CRYPTO_KEY_SIZE && crypto_equal(kept, check, size);
	if (!db_finish(s, err))
		return false;
	if (known)
		return same ||
		    err_set(err, ERR_CRYPTO, "the box key in %s belongs to another database",
			store->folder);
	s = db_prepare(store->db, check_put_sql);
	db_bind_blob(s, 1, check, CRYPTO_KEY_SIZE);
	return db_run(s, err);
}

static bool open_with(struct store *store, const char *database, struct err *err)
{
	char path[LIMIT_PATH], copies[LIMIT_PATH];
	uint8_t box_key[CRYPTO_KEY_SIZE], check[CRYPTO_KEY_SIZE];
	if (!store_path(store, database, path, sizeof path, err) ||
	    !store_path(store, "copies", copies, sizeof copies, err) || !load_key(store, box_key, err))
		return false;
	derive_keys(store, box_key, check);
	crypto_wipe(box_key, sizeof box_key);
	bool ok = db_open(path, &store->db, err) &&
	    migrations_apply(store->db, migrations, migrations_count, copies, err) &&
	    check_key(store, check, err);
	crypto_wipe(check, sizeof check);
	return ok;
}

static bool store_new(const char *folder, struct store **ret_store, struct err *err)
{
	struct store *store = calloc(1, sizeof *store);
	if (!store)
		return err_set(err, ERR_NO_MEMORY, "opening the store");
	if (!text_copy(store->folder, sizeof store->folder, folder)) {
		free(store);
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", folder);
	}
	*ret_store = store;
	return true;
}

static bool has_file(const struct store *store, const char *name)
{
	char path[LIMIT_PATH];
	return store_path(store, name, path, sizeof path, NULL) && file_exists(path);
}

/* A key without a database is what a creation that was cut off leaves: it is kept and gone on with. */
static bool make_key(struct store *store, struct err *err)
{
	char path[LIMIT_PATH];
	uint8_t key[CRYPTO_KEY_SIZE];
	if (has_file(store, key_name))
		return true;
	if (!store_path(store, key_name, path, sizeof path, err))
		return false;
	crypto_random(key, sizeof key);
	bool ok = file_write(path, key, sizeof key, 0600, err);
	crypto_wipe(key, sizeof key);
	return ok;
}

static bool make_database(struct store *store, struct err *err)
{
	char unfinished[LIMIT_PATH], finished[LIMIT_PATH], above[LIMIT_PATH];
	if (!store_path(store, unfinished_name, unfinished, sizeof unfinished, err) ||
	    !store_path(store, db_name, finished, sizeof finished, err) ||
	    !store_path(store, "..", above, sizeof above, err))
		return false;
	if (unlink(unfinished) != 0 && errno != ENOENT)
		return err_errno(err, "removing %s", unfinished);
	if (!open_with(store, unfinished_name, err))
		return false;
	/* Closing brings the log home and removes it: one whole file is renamed. */
	db_close(TAKE(store->db));
	if (chmod(unfinished, 0600) != 0 || rename(unfinished, finished) != 0)
		return err_errno(err, "making %s", finished);
	/* The folder above may be closed to us: then whoever made our folder there saw to its name. */
	folder_flush(above, NULL);
	return folder_flush(store->folder, err);
}

bool store_create(const char *folder, struct err *err)
{
	char blobs[LIMIT_PATH];
	OWN(store_close) struct store *store = NULL;
	if (!store_new(folder, &store, err))
		return false;
	if (has_file(store, db_name))
		return err_set(err, ERR_CONFLICT, "there is a store in %s already", folder);
	if (store_path(store, "blobs", blobs, sizeof blobs, err) && folder_make(blobs, err) &&
	    make_key(store, err) && make_database(store, err))
		return true;
	return err_add(err, "creating the store in %s", folder);
}

bool store_open(const char *folder, struct store **ret_store, struct err *err)
{
	OWN(store_close) struct store *store = NULL;
	if (!store_new(folder, &store, err))
		return false;
	if (!has_file(store, db_name))
		return err_set(err, ERR_NOT_FOUND, "there is no store in %s", folder);
	if (!has_file(store, key_name))
		return err_set(err, ERR_CRYPTO, "the store in %s has lost its box key %s", folder,
		    key_name);
	if (!open_with(store, db_name, err) || !blobs_sweep(store, err))
		return err_add(err, "opening the store in %s", folder);
	*ret_store = TAKE(store);
	return true;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	db_close(store->db);
	crypto_wipe(store, sizeof *store);
	free(store);
}

bool store_answers(struct store *store, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, check_get_sql);
	bool found = db_step(s);
	return db_finish(s, err) && (found || err_set(err, ERR_DAMAGED, "the database has lost the row that tells its key"));
}

const char *store_folder(const struct store *store)
{
	return store->folder;
}

bool store_begin(struct store *store, struct err *err)
{
	if (!db_begin(store->db, err))
		return false;
	store->depth++;
	return true;
}

bool store_commit(struct store *store, struct err *err)
{
	store->depth--;
	if (!db_commit(store->db, err))
		return false;
	if (store->shrink && store->depth == 0)
		store_shrink_log(store);
	return true;
}

void store_rollback(struct store *store)
{
	store->depth--;
	db_rollback(store->db);
}

void store_shrink_log(struct store *store)
{
	store->shrink = store->depth > 0;
	if (store->shrink)
		return;
	db_exec(store->db,
	    "PRAGMA busy_timeout = 300; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 10000", NULL);
}

bool store_run_ints(struct store *store, const char *sql, const int64_t *values, int count, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, sql);
	for (int i = 0; i < count; i++)
		db_bind_int(s, i + 1, values[i]);
	return db_run(s, err);
}

void store_index(struct store *store, const char *domain, const char *text,
    uint8_t ret_index[CRYPTO_DIGEST_SIZE])
{
	char normal[2 * LIMIT_NAME + 2];
	size_t length = (size_t)snprintf(normal, LIMIT_NAME, "%s:", domain);
	for (; *text && length < sizeof normal; text++)
		if (!isspace((unsigned char)*text))
			normal[length++] = (char)toupper((unsigned char)*text);
	crypto_hmac(store->index_key, normal, length, ret_index);
	crypto_wipe(normal, sizeof normal);
}
