/* The store: the only room that touches the database and the blob folder.
 *
 *   <folder>/box.key            32 random bytes, 0600: every other key is wrapped by it or derived from it
 *   <folder>/daybreak.db        SQLite in WAL, synchronous FULL; schema/NNNN_*.sql are its migrations
 *   <folder>/blobs/12.frames    sealed pictures of dish 12, append-only (drawn in store/blobs.h)
 *   <folder>/blobs/12.cuts      sealed cuts of dish 12
 *   <folder>/copies/            copies of the database made before a migration
 *
 * A function that changes something returns after COMMIT: what it said is on disk. Rows of the changes feed
 * are written by the same transaction as the change.
 *
 * A `struct store` belongs to one thread at a time: open one for each thread. Several processes may have
 * the same folder open; SQLite's write lock also orders the appends to the blob files.
 *
 * Everywhere in this room: ids start at 1; an unknown id is ERR_NOT_FOUND; times are UTC microseconds
 * (`_us`) or seconds on the export's clock (`clock_s`, TIME_UNKNOWN); `each` callbacks may read the store
 * and stop the listing by returning false, which is not an error; what they are shown lives until they
 * return. */
#pragma once

#include "base/err.h"
#include "base/own.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

/* Makes the folder, the box key, the database and the blob folder. ERR_CONFLICT if there is a store
 * already. */
bool store_create(const char *folder, struct err *err);
/* Applies pending migrations after copying the database. ERR_NOT_FOUND: no store there. ERR_UNSUPPORTED:
 * made by a newer program. ERR_CRYPTO: the box key belongs to another store. ERR_DAMAGED: an applied
 * migration was edited. */
bool store_open(const char *folder, struct store **ret_store, struct err *err);
/* Wipes the keys. NULL is fine. */
void store_close(struct store *store);
OWN_DEFINE(struct store *, store_close)

/* Reads a row: the database answers. */
bool store_answers(struct store *store, struct err *err);

/* Where it lies; incoming/ below it belongs to intake. Lives as long as the store. */
const char *store_folder(const struct store *store);

/* Joins several calls into one transaction, all or nothing; nests. After a false store_commit or inside an
 * error path everything since the outermost store_begin is undone. Never wait for anything between the two:
 * all other writers do. */
bool store_begin(struct store *store, struct err *err);
bool store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);

struct store_report {
	int64_t patients, dishes, embryos, frames, cuts;
	int64_t blobs; /* ranges in blob files */
	int64_t blobs_checked; /* opened and compared with their address; 0 unless deep */
	int64_t bytes; /* sealed bytes in blob files */
	int64_t audit_rows;
	int64_t problems;
};

/* Looks for damage without changing anything: the database's own check, foreign keys, ranges of the blob
 * files, keys, counters, sealed words, signatures, audit chain; deep also opens every blob. Each finding is one sentence
 * to `problem` (may be NULL). True when the check itself could be made, whatever it found. */
bool store_verify(struct store *store, bool deep, void (*problem)(const char *text, void *context),
    void *context, struct store_report *ret_report, struct err *err);
