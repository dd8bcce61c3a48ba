#include "store/frames.h"

#include "base/text.h"
#include "store/blobs.h"
#include "store/changes.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char known_sql[] = "SELECT b.address FROM frames f JOIN blobs b ON b.id = f.blob_id"
				" WHERE f.embryo_id = ?1 AND f.run = ?2 AND f.focal_um = ?3";
static const char add_sql[] =
    "INSERT INTO frames (embryo_id, run, focal_um, clock_s, width, height, blob_id)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/* A run that gains a plane waits to be read, again if need be. */
static const char run_sql[] =
    "INSERT INTO runs (embryo_id, run, clock_s, planes, state) VALUES (?1, ?2, ?3, 1, 0)"
    " ON CONFLICT (embryo_id, run) DO UPDATE SET planes = planes + 1, state = 0,"
    " clock_s = ifnull(clock_s, excluded.clock_s)";

static const char newest_sql[] = "SELECT ifnull(max(run), -1) FROM runs WHERE embryo_id = ?1";
static const char latest_run_sql[] = "UPDATE dishes SET latest_us = ?2 WHERE id = ?1";

/* The embryos of one call, which belong to one dish. */
struct touched {
	int64_t embryo_id;
	int64_t newest; /* run; -1 none */
	bool gained, advanced;
};

struct adding {
	struct blob_writer writer;
	struct touched touched[LIMIT_WELLS];
	int touched_count;
};

/* One call. The addresses are computed before the transaction, while other writers may go on. */
struct batch {
	const struct frame_new *frames;
	size_t count;
	uint8_t addresses[LIMIT_FRAMES_PER_COMMIT][CRYPTO_DIGEST_SIZE];
	enum frame_outcome outcomes[LIMIT_FRAMES_PER_COMMIT];
};

static bool prepare(struct store *store, struct batch *batch, struct err *err)
{
	if (batch->count < 1 || batch->count > LIMIT_FRAMES_PER_COMMIT)
		return err_set(err, ERR_BAD_INPUT, "%zu frames are not in 1..%d", batch->count,
		    LIMIT_FRAMES_PER_COMMIT);
	for (size_t i = 0; i < batch->count; i++) {
		const struct frame_new *frame = &batch->frames[i];
		if (frame->size < 1 || frame->size > LIMIT_FRAME_BYTES)
			return err_set(err, ERR_TOO_LARGE, "a frame of %zu bytes is not in 1..%d", frame->size,
			    LIMIT_FRAME_BYTES);
		if (frame->run < 0)
			return err_set(err, ERR_BAD_INPUT, "run %d is negative", frame->run);
		blobs_address(store, frame->data, frame->size, batch->addresses[i]);
	}
	return true;
}

/* Finds the frame's embryo among those seen, or looks it up once and checks that it lies in the dish. */
static struct touched *touch(struct adding *adding, int64_t embryo_id, struct err *err)
{
	struct embryo embryo;
	for (int i = 0; i < adding->touched_count; i++)
		if (adding->touched[i].embryo_id == embryo_id)
			return &adding->touched[i];
	if (!embryos_get(adding->writer.store, embryo_id, &embryo, err))
		return NULL;
	if (embryo.dish_id != adding->writer.dish_id || adding->touched_count == LIMIT_WELLS) {
		err_set(err, ERR_BAD_INPUT, "embryo %" PRId64 " is not in dish %" PRId64, embryo_id,
		    adding->writer.dish_id);
		return NULL;
	}
	struct touched *touched = &adding->touched[adding->touched_count++];
	*touched = (struct touched){.embryo_id = embryo_id};
	struct db_statement *s = db_prepare(adding->writer.store->db, newest_sql);
	db_bind_int(s, 1, embryo_id);
	touched->newest = db_step(s) ? db_column_int(s, 0) : -1;
	return db_finish(s, err) ? touched : NULL;
}

/* FRAME_ADDED: there is none at this place yet. */
static bool compare_known(struct store *store, const struct frame_new *frame,
    const uint8_t address[CRYPTO_DIGEST_SIZE], enum frame_outcome *ret_outcome, struct err *err)
{
	enum frame_outcome outcome = FRAME_ADDED;
	struct db_statement *s = db_prepare(store->db, known_sql);
	db_bind_int(s, 1, frame->embryo_id);
	db_bind_int(s, 2, frame->run);
	db_bind_int(s, 3, frame->focal_um);
	if (db_step(s)) {
		size_t size;
		const void *known = db_column_blob(s, 0, &size);
		bool same = size == CRYPTO_DIGEST_SIZE && memcmp(known, address, size) == 0;
		outcome = same ? FRAME_KNOWN : FRAME_CONFLICT;
	}
	if (!db_finish(s, err))
		return false;
	*ret_outcome = outcome;
	return true;
}

static bool add_rows(struct store *store, const struct frame_new *frame, int64_t blob_id, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_int(s, 1, frame->embryo_id);
	db_bind_int(s, 2, frame->run);
	db_bind_int(s, 3, frame->focal_um);
	bind_clock(s, 4, frame->clock_s);
	db_bind_int(s, 5, frame->width);
	db_bind_int(s, 6, frame->height);
	db_bind_int(s, 7, blob_id);
	if (!db_run(s, err))
		return false;
	s = db_prepare(store->db, run_sql);
	db_bind_int(s, 1, frame->embryo_id);
	db_bind_int(s, 2, frame->run);
	bind_clock(s, 3, frame->clock_s);
	return db_run(s, err);
}

static bool add_one(struct adding *adding, struct batch *batch, size_t i, struct err *err)
{
	const struct frame_new *frame = &batch->frames[i];
	struct store *store = adding->writer.store;
	int64_t blob_id;
	struct touched *touched = touch(adding, frame->embryo_id, err);
	if (!touched || !compare_known(store, frame, batch->addresses[i], &batch->outcomes[i], err))
		return false;
	if (batch->outcomes[i] != FRAME_ADDED)
		return true;
	touched->gained = true;
	touched->advanced |= frame->run > touched->newest;
	return blobs_put(&adding->writer, batch->addresses[i], frame->data, frame->size, &blob_id, err) &&
	    add_rows(store, frame, blob_id, err);
}

static bool tell(struct adding *adding, struct err *err)
{
	bool ok = true, advanced = false;
	for (int i = 0; ok && i < adding->touched_count; i++) {
		int64_t embryo_id = adding->touched[i].embryo_id;
		advanced |= adding->touched[i].advanced;
		if (adding->touched[i].gained)
			ok = jobs_add(adding->writer.store, JOB_READ, embryo_id, JOB_PRIORITY_READ, err) &&
			    changes_add(adding->writer.store, CHANGE_EMBRYO, embryo_id, err);
	}
	return ok && (!advanced ||
	    RUN_INTS(adding->writer.store, latest_run_sql, err, adding->writer.dish_id, clock_now_us()));
}

static bool add_all(struct store *store, int64_t dish_id, struct batch *batch, struct err *err)
{
	struct adding adding = {0};
	if (!blobs_start(store, dish_id, BLOB_FRAMES, &adding.writer, err))
		return false;
	bool ok = true;
	for (size_t i = 0; ok && i < batch->count; i++)
		ok = add_one(&adding, batch, i, err);
	ok = ok && tell(&adding, err) && blobs_flush(&adding.writer, err);
	blobs_end(&adding.writer);
	return ok;
}

bool frames_add(struct store *store, int64_t dish_id, const struct frame_new *frames, size_t count,
    enum frame_outcome *outcomes, struct err *err)
{
	struct batch batch = {.frames = frames, .count = count};
	bool ok = prepare(store, &batch, err) && store_begin(store, err) &&
	    store_end(store, add_all(store, dish_id, &batch, err), err);
	if (!ok)
		return err_add(err, "adding frames to dish %" PRId64, dish_id);
	memcpy(outcomes, batch.outcomes, count * sizeof *outcomes);
	return true;
}

#define FRAME_COLUMNS "SELECT f.id, f.embryo_id, f.run, f.focal_um, f.clock_s, f.width, f.height, f.blob_id"
static const char each_sql[] = FRAME_COLUMNS " FROM frames f WHERE f.embryo_id = ?1 AND f.run >= ?2"
					     " ORDER BY f.run, f.focal_um";
static const char find_sql[] = FRAME_COLUMNS ", b.address FROM frames f JOIN blobs b ON b.id = f.blob_id"
					     " WHERE f.embryo_id = ?1 AND f.run = ?2 AND f.focal_um = ?3";
static const char latest_sql[] = FRAME_COLUMNS
    ", b.address FROM frames f JOIN blobs b ON b.id = f.blob_id"
    " LEFT JOIN cuts c ON c.embryo_id = f.embryo_id AND c.run = f.run"
    " WHERE f.embryo_id = ?1 AND f.run = ifnull("
    "(SELECT max(run) FROM cuts WHERE embryo_id = ?1 AND occupied = 1),"
    " (SELECT max(run) FROM runs WHERE embryo_id = ?1))"
    " ORDER BY f.focal_um IS NOT c.focal_1, abs(f.focal_um), f.focal_um LIMIT 1";
/* A cut that waits for its reading has been cut, unless the run gained a plane since. */
static const char unread_sql[] =
    "SELECT r.run FROM runs r WHERE r.embryo_id = ?1 AND r.state = 0 AND NOT EXISTS"
    " (SELECT 1 FROM cuts c WHERE c.embryo_id = r.embryo_id AND c.run = r.run AND c.waiting = 1"
    " AND c.planes >= r.planes) ORDER BY r.run LIMIT ?2";

static void row(struct db_statement *s, struct frame *ret_frame)
{
	*ret_frame = (struct frame){
	    .id = db_column_int(s, 0),
	    .embryo_id = db_column_int(s, 1),
	    .run = (int)db_column_int(s, 2),
	    .focal_um = (int)db_column_int(s, 3),
	    .clock_s = column_clock(s, 4),
	    .width = (int)db_column_int(s, 5),
	    .height = (int)db_column_int(s, 6),
	};
}

bool frames_each(struct store *store, int64_t embryo_id, int from_run,
    bool (*each)(const struct frame *frame, void *context), void *context, struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, from_run);
	while (more && db_step(s)) {
		struct frame frame;
		row(s, &frame);
		more = each(&frame, context);
	}
	return db_finish(s, err);
}

/* Half of the address is plenty to tell two pictures of one place apart. */
static void etag_of(const uint8_t address[CRYPTO_DIGEST_SIZE], char etag[FRAME_ETAG_SIZE])
{
	etag[0] = '"';
	text_hex(etag + 1, address, CRYPTO_DIGEST_SIZE / 2);
	memcpy(etag + FRAME_ETAG_SIZE - 2, "\"", 2);
}

static bool found_row(struct db_statement *s, struct frame_found *ret_found, int64_t *ret_blob_id,
    struct err *err)
{
	struct frame_found found = {0};
	int64_t blob_id = 0;
	if (db_step(s)) {
		size_t size;
		const uint8_t *address = db_column_blob(s, 8, &size);
		row(s, &found.frame);
		blob_id = db_column_int(s, 7);
		found.found = size == CRYPTO_DIGEST_SIZE;
		if (found.found)
			etag_of(address, found.etag);
	}
	if (!db_finish(s, err))
		return false;
	*ret_found = found;
	*ret_blob_id = blob_id;
	return true;
}

static struct db_statement *find(struct store *store, int64_t embryo_id, int run, int focal_um)
{
	struct db_statement *s = db_prepare(store->db, find_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, run);
	db_bind_int(s, 3, focal_um);
	return s;
}

bool frames_find(struct store *store, int64_t embryo_id, int run, int focal_um,
    struct frame_found *ret_found, struct err *err)
{
	int64_t blob_id;
	return found_row(find(store, embryo_id, run, focal_um), ret_found, &blob_id, err);
}

bool frames_latest(struct store *store, int64_t embryo_id, struct frame_found *ret_found, struct err *err)
{
	int64_t blob_id;
	struct db_statement *s = db_prepare(store->db, latest_sql);
	db_bind_int(s, 1, embryo_id);
	return found_row(s, ret_found, &blob_id, err);
}

bool frames_read(struct store *store, int64_t embryo_id, int run, int focal_um, struct buf *to,
    char ret_etag[FRAME_ETAG_SIZE], struct err *err)
{
	struct frame_found found;
	int64_t blob_id;
	if (!found_row(find(store, embryo_id, run, focal_um), &found, &blob_id, err))
		return false;
	if (!found.found)
		return err_set(err, ERR_NOT_FOUND, "embryo %" PRId64 " has no frame of run %d at %d um",
		    embryo_id, run, focal_um);
	if (!blobs_read(store, blob_id, to, err))
		return err_add(err, "reading the frame of embryo %" PRId64 ", run %d, %d um", embryo_id,
		    run, focal_um);
	if (ret_etag)
		memcpy(ret_etag, found.etag, FRAME_ETAG_SIZE);
	return true;
}

bool frames_runs_unread(struct store *store, int64_t embryo_id, int *ret_runs, size_t max,
    size_t *ret_count, struct err *err)
{
	size_t count = 0;
	struct db_statement *s = db_prepare(store->db, unread_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, (int64_t)max);
	while (count < max && db_step(s))
		ret_runs[count++] = (int)db_column_int(s, 0);
	if (!db_finish(s, err))
		return false;
	*ret_count = count;
	return true;
}
