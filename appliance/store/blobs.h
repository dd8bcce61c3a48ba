/* Blob files: one append-only file for each dish and kind.
 *
 *   <folder>/blobs/12.frames
 *   | seal | seal | seal |######
 *                        ^ committed end = largest offset + length in the table blobs
 *
 * A seal is nonce (12) | ciphertext | tag (16): AES-256-GCM under the dish's key, bound to dish, kind and
 * address. The address is an HMAC of the plain content; a content is kept once for each dish and kind.
 *
 * An append holds the database's write lock from before it looks for the end until COMMIT, and the bytes
 * are on disk before COMMIT: what a crash leaves beyond the committed end (####) is written over by the
 * next append. */
#pragma once

#include "base/buf.h"
#include "base/crypto.h"
#include "store/store.h"

enum blob_kind { BLOB_FRAMES, BLOB_CUTS, BLOB_KIND_COUNT };
const char *blob_kind_name(enum blob_kind kind);
/* "<folder>/blobs/<dish>.<kind>" */
bool blobs_path(const struct store *store, int64_t dish_id, enum blob_kind kind, char *path, size_t size,
    struct err *err);

/* An append in a transaction of the caller's. */
struct blob_writer {
	struct store *store;
	int64_t dish_id;
	enum blob_kind kind;
	uint8_t key[CRYPTO_KEY_SIZE];
	int fd;
	int64_t start, end; /* committed end; end with what was put since */
	struct buf sealed; /* room for one seal */
};

/* ERR_DAMAGED when the file has lost acknowledged bytes. */
bool blobs_start(struct store *store, int64_t dish_id, enum blob_kind kind, struct blob_writer *ret_writer,
    struct err *err);
void blobs_address(const struct store *store, const void *data, size_t size,
    uint8_t ret_address[CRYPTO_DIGEST_SIZE]);
/* Adds a content, or finds it. */
bool blobs_put(struct blob_writer *writer, const uint8_t address[CRYPTO_DIGEST_SIZE], const void *data,
    size_t size, int64_t *ret_id, struct err *err);
/* Puts all on disk: call it last before the commit. */
bool blobs_flush(struct blob_writer *writer, struct err *err);
/* Wipes the key. Never truncates the file: after a failure inside SQLite the write lock may be somebody
 * else's. */
void blobs_end(struct blob_writer *writer);

struct blob {
	int64_t id;
	int64_t dish_id;
	enum blob_kind kind;
	uint8_t address[CRYPTO_DIGEST_SIZE];
	int64_t offset, length; /* of the seal */
};

/* Appends the plain content to `to` and compares it with its address. */
bool blobs_read(struct store *store, int64_t id, struct buf *to, struct err *err);
/* As above with an open file and key: for many of one dish. */
bool blobs_open_one(const struct store *store, const struct blob *blob, int fd,
    const uint8_t key[CRYPTO_KEY_SIZE], struct buf *to, struct err *err);

/* Notes a dish's files for deletion, in the transaction that deletes the dish; blobs_sweep then deletes
 * them. */
bool blobs_leave(struct store *store, int64_t dish_id, struct err *err);
bool blobs_sweep(struct store *store, struct err *err);
