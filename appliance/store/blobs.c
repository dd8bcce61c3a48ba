#include "store/blobs.h"

#include "base/file.h"
#include "base/text.h"
#include "store/inside.h"
#include "store/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const kind_names[BLOB_KIND_COUNT] = {"frames", "cuts"};

static const char end_sql[] = "SELECT offset + length FROM blobs WHERE dish_id = ?1 AND kind = ?2"
			      " ORDER BY offset DESC LIMIT 1";
static const char find_sql[] = "SELECT id FROM blobs WHERE dish_id = ?1 AND kind = ?2 AND address = ?3";
static const char add_sql[] = "INSERT INTO blobs (dish_id, kind, address, offset, length)"
			      " VALUES (?1, ?2, ?3, ?4, ?5)";
static const char get_sql[] = "SELECT dish_id, kind, address, offset, length FROM blobs WHERE id = ?1";
static const char leave_sql[] = "INSERT OR IGNORE INTO leftovers VALUES (?1)";
static const char leftovers_sql[] = "SELECT file FROM leftovers";
static const char swept_sql[] = "DELETE FROM leftovers WHERE file = ?1";

const char *blob_kind_name(enum blob_kind kind)
{
	return kind_names[kind];
}

bool blobs_path(const struct store *store, int64_t dish_id, enum blob_kind kind, char *path, size_t size,
    struct err *err)
{
	char name[64];
	snprintf(name, sizeof name, "blobs/%" PRId64 ".%s", dish_id, kind_names[kind]);
	return store_path(store, name, path, size, err);
}

/* What a seal is bound to: dish, kind, address. */
enum { BOUND_SIZE = 8 + 1 + CRYPTO_DIGEST_SIZE };

static void binding(int64_t dish_id, enum blob_kind kind, const uint8_t address[CRYPTO_DIGEST_SIZE],
    uint8_t bound[BOUND_SIZE])
{
	for (int i = 0; i < 8; i++)
		bound[i] = (uint8_t)((uint64_t)dish_id >> (8 * i));
	bound[8] = (uint8_t)kind;
	memcpy(bound + 9, address, CRYPTO_DIGEST_SIZE);
}

void blobs_address(const struct store *store, const void *data, size_t size,
    uint8_t ret_address[CRYPTO_DIGEST_SIZE])
{
	crypto_hmac(store->address_key, data, size, ret_address);
}

static bool committed_end(struct store *store, int64_t dish_id, enum blob_kind kind, int64_t *ret_end,
    struct err *err)
{
	struct db_statement *s = db_prepare(store->db, end_sql);
	db_bind_int(s, 1, dish_id);
	db_bind_text(s, 2, kind_names[kind]);
	int64_t end = db_step(s) ? db_column_int(s, 0) : 0;
	if (!db_finish(s, err))
		return false;
	*ret_end = end;
	return true;
}

/* Opens for appending. A file without acknowledged bytes may be new: its name is put on disk before
 * anything relies on it, even if it is there already, as whoever made it may have been killed before that.
 */
static bool open_file(struct blob_writer *writer, struct err *err)
{
	char path[LIMIT_PATH], folder[LIMIT_PATH];
	struct stat status;
	if (!blobs_path(writer->store, writer->dish_id, writer->kind, path, sizeof path, err) ||
	    !store_path(writer->store, "blobs", folder, sizeof folder, err))
		return false;
	writer->fd = open(path, O_RDWR | O_CLOEXEC | (writer->end == 0 ? O_CREAT : 0), 0600);
	if (writer->fd >= 0 && writer->end == 0 && !folder_flush(folder, err))
		return false;
	if (writer->fd < 0 || fstat(writer->fd, &status) != 0)
		return err_errno(err, "opening %s", path);
	if (status.st_size < writer->end)
		return err_set(err, ERR_DAMAGED,
		    "%s has lost its end: %" PRId64 " of %" PRId64 " bytes are left", path,
		    (int64_t)status.st_size, writer->end);
	return true;
}

bool blobs_start(struct store *store, int64_t dish_id, enum blob_kind kind, struct blob_writer *ret_writer,
    struct err *err)
{
	struct blob_writer writer = {.store = store,
	    .dish_id = dish_id,
	    .kind = kind,
	    .fd = -1,
	    .sealed = BUF_INIT(LIMIT_FRAME_BYTES + CRYPTO_SEAL_OVERHEAD)};
	if (!committed_end(store, dish_id, kind, &writer.end, err))
		return false;
	writer.start = writer.end;
	if (!keys_dish(store, dish_id, writer.key, err) || !open_file(&writer, err)) {
		blobs_end(&writer);
		return false;
	}
	*ret_writer = writer;
	return true;
}

static bool write_at(int fd, const uint8_t *data, size_t size, int64_t offset)
{
	while (size) {
		ssize_t put = pwrite(fd, data, size, offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		data += put;
		size -= (size_t)put;
		offset += put;
	}
	return true;
}

static bool find(struct blob_writer *writer, const uint8_t address[CRYPTO_DIGEST_SIZE], int64_t *ret_id,
    struct err *err)
{
	struct db_statement *s = db_prepare(writer->store->db, find_sql);
	db_bind_int(s, 1, writer->dish_id);
	db_bind_text(s, 2, kind_names[writer->kind]);
	db_bind_blob(s, 3, address, CRYPTO_DIGEST_SIZE);
	*ret_id = db_step(s) ? db_column_int(s, 0) : 0;
	return db_finish(s, err);
}

bool blobs_put(struct blob_writer *writer, const uint8_t address[CRYPTO_DIGEST_SIZE], const void *data,
    size_t size, int64_t *ret_id, struct err *err)
{
	int64_t id;
	uint8_t bound[BOUND_SIZE];
	if (!find(writer, address, &id, err))
		return false;
	if (id) {
		*ret_id = id;
		return true;
	}
	buf_clear(&writer->sealed);
	size_t length = size + CRYPTO_SEAL_OVERHEAD;
	uint8_t *sealed = buf_grow(&writer->sealed, length);
	if (!sealed)
		return buf_ok(&writer->sealed, err);
	binding(writer->dish_id, writer->kind, address, bound);
	if (!crypto_seal(writer->key, bound, sizeof bound, data, size, sealed, err))
		return false;
	if (!write_at(writer->fd, sealed, length, writer->end))
		return err_errno(err, "writing the %s of dish %" PRId64, kind_names[writer->kind],
		    writer->dish_id);
	struct db_statement *s = db_prepare(writer->store->db, add_sql);
	db_bind_int(s, 1, writer->dish_id);
	db_bind_text(s, 2, kind_names[writer->kind]);
	db_bind_blob(s, 3, address, CRYPTO_DIGEST_SIZE);
	db_bind_int(s, 4, writer->end);
	db_bind_int(s, 5, (int64_t)length);
	if (!db_run(s, err))
		return false;
	writer->end += (int64_t)length;
	*ret_id = db_last_id(writer->store->db);
	return true;
}

bool blobs_flush(struct blob_writer *writer, struct err *err)
{
	if (writer->end == writer->start || fdatasync(writer->fd) == 0)
		return true;
	return err_errno(err, "flushing the %s of dish %" PRId64, kind_names[writer->kind],
	    writer->dish_id);
}

void blobs_end(struct blob_writer *writer)
{
	if (writer->fd >= 0)
		close(writer->fd);
	buf_done(&writer->sealed);
	crypto_wipe(writer->key, sizeof writer->key);
}

static bool get(struct store *store, int64_t id, struct blob *ret_blob, struct err *err)
{
	struct blob blob = {.id = id};
	size_t size = 0;
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, id);
	if (db_step(s)) {
		const void *address = db_column_blob(s, 2, &size);
		if (size == sizeof blob.address)
			memcpy(blob.address, address, size);
		blob.dish_id = db_column_int(s, 0);
		blob.kind = strcmp(db_column_text(s, 1), kind_names[BLOB_CUTS]) == 0 ? BLOB_CUTS
										     : BLOB_FRAMES;
		blob.offset = db_column_int(s, 3);
		blob.length = db_column_int(s, 4);
	}
	if (!db_finish(s, err))
		return false;
	if (size != sizeof blob.address)
		return err_set(err, ERR_NOT_FOUND, "there is no blob %" PRId64, id);
	*ret_blob = blob;
	return true;
}

/* False with errno 0: the file ends too early. */
static bool read_at(int fd, uint8_t *to, size_t size, int64_t offset)
{
	while (size) {
		ssize_t got = pread(fd, to, size, offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got < 0 ? errno : 0;
			return false;
		}
		to += got;
		size -= (size_t)got;
		offset += got;
	}
	return true;
}

bool blobs_open_one(const struct store *store, const struct blob *blob, int fd,
    const uint8_t key[CRYPTO_KEY_SIZE], struct buf *to, struct err *err)
{
	uint8_t bound[BOUND_SIZE], address[CRYPTO_DIGEST_SIZE];
	if (blob->length <= CRYPTO_SEAL_OVERHEAD || blob->length > LIMIT_FRAME_BYTES + CRYPTO_SEAL_OVERHEAD)
		return err_set(err, ERR_DAMAGED, "blob %" PRId64 " has an impossible length", blob->id);
	size_t length = (size_t)blob->length, size = length - CRYPTO_SEAL_OVERHEAD;
	OWN(free) uint8_t *sealed = malloc(length);
	if (!sealed)
		return err_set(err, ERR_NO_MEMORY, "reading a blob of %zu bytes", length);
	if (!read_at(fd, sealed, length, blob->offset))
		return errno
		    ? err_errno(err, "reading blob %" PRId64, blob->id)
		    : err_set(err, ERR_DAMAGED, "the file of blob %" PRId64 " ends before it", blob->id);
	size_t before = to->size;
	uint8_t *plain = buf_grow(to, size);
	if (!plain)
		return buf_ok(to, err);
	binding(blob->dish_id, blob->kind, blob->address, bound);
	bool ok = crypto_open(key, bound, sizeof bound, sealed, length, plain, err);
	if (ok) {
		blobs_address(store, plain, size, address);
		ok = crypto_equal(address, blob->address, sizeof address) ||
		    err_set(err, ERR_DAMAGED, "the content does not match its address");
	}
	if (!ok) {
		to->size = before;
		return err_add(err, "opening blob %" PRId64, blob->id);
	}
	return true;
}

bool blobs_read(struct store *store, int64_t id, struct buf *to, struct err *err)
{
	struct blob blob;
	char path[LIMIT_PATH];
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!get(store, id, &blob, err) ||
	    !blobs_path(store, blob.dish_id, blob.kind, path, sizeof path, err))
		return false;
	OWN(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "opening %s", path);
	if (!keys_dish(store, blob.dish_id, key, err))
		return false;
	bool ok = blobs_open_one(store, &blob, fd, key, to, err);
	crypto_wipe(key, sizeof key);
	return ok;
}

bool blobs_leave(struct store *store, int64_t dish_id, struct err *err)
{
	for (int kind = 0; kind < BLOB_KIND_COUNT; kind++) {
		char file[64];
		snprintf(file, sizeof file, "%" PRId64 ".%s", dish_id, kind_names[kind]);
		struct db_statement *s = db_prepare(store->db, leave_sql);
		db_bind_text(s, 1, file);
		if (!db_run(s, err))
			return false;
	}
	return true;
}

static bool next_leftover(struct store *store, char *file, size_t size, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, leftovers_sql);
	file[0] = 0;
	if (db_step(s))
		text_copy(file, size, db_column_text(s, 0));
	return db_finish(s, err);
}

bool blobs_sweep(struct store *store, struct err *err)
{
	for (;;) {
		char file[64], name[80], path[LIMIT_PATH];
		if (!next_leftover(store, file, sizeof file, err))
			return false;
		if (!file[0])
			return true;
		snprintf(name, sizeof name, "blobs/%s", file);
		if (!store_path(store, name, path, sizeof path, err))
			return false;
		if (unlink(path) != 0 && errno != ENOENT)
			return err_errno(err, "deleting %s", path);
		struct db_statement *s = db_prepare(store->db, swept_sql);
		db_bind_text(s, 1, file);
		if (!db_run(s, err))
			return false;
	}
}
