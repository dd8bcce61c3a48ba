#include "store/readings_inside.h"

#include "store/audit.h"
#include "store/blobs.h"
#include "store/changes.h"
#include "store/cuts_inside.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/jobs.h"

#include <stdio.h>
#include <string.h>

static const char reader_add_sql[] = "INSERT OR IGNORE INTO readers (version, digest) VALUES (?1, ?2)";
static const char reader_sql[] = "SELECT id FROM readers WHERE version = ?1 AND digest = ?2";
static const char put_sql[] =
    "INSERT OR REPLACE INTO readings (embryo_id, run, reader_id, occupied, stage, confidence, unfamiliar,"
    " sharpness, area_permille, texture, fragmentation_permille, outline, motion, cells, cells_confidence,"
    " fragmentation_confidence, uneven, multinucleated)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
static const char keep_sql[] =
    "INSERT OR REPLACE INTO readings_before (embryo_id, run, reader_id, occupied, stage, confidence,"
    " unfamiliar, sharpness, area_permille, texture, fragmentation_permille, outline, motion, cells, cells_confidence,"
    " fragmentation_confidence, uneven, multinucleated, replaced_us)"
    " SELECT g.embryo_id, g.run, g.reader_id, " READING_COLUMNS ", ?4"
    " FROM readings g WHERE g.embryo_id = ?1 AND g.run = ?2 AND g.reader_id <> ?3";
/* A reader whose word counts again has no earlier one. */
static const char forget_sql[] =
    "DELETE FROM readings_before WHERE embryo_id = ?1 AND run = ?2 AND reader_id = ?3";
static const char drop_sql[] = "DELETE FROM readings WHERE embryo_id = ?1 AND run = ?2";
static const char planes_sql[] = "SELECT planes FROM runs WHERE embryo_id = ?1 AND run = ?2";
static const char renew_sql[] =
    "UPDATE runs SET state = 0 WHERE embryo_id = ?1 AND state = 1 AND run IN (SELECT run FROM readings"
    " WHERE embryo_id = ?1 AND reader_id IN (SELECT id FROM readers WHERE digest <> ?2))";
static const char outdated_sql[] =
    "SELECT id FROM embryos e WHERE EXISTS (SELECT 1 FROM readings WHERE embryo_id = e.id"
    " AND reader_id IN (SELECT id FROM readers WHERE digest <> ?1)) ORDER BY id";
static const char readers_sql[] =
    "SELECT r.version, r.digest, count(*) FROM readings g JOIN readers r ON r.id = g.reader_id"
    " WHERE g.embryo_id = ?1 GROUP BY r.id ORDER BY r.id DESC";
#define PAST_COLUMNS "SELECT r.version, r.digest, " READING_COLUMNS
#define PAST_READER " g JOIN readers r ON r.id = g.reader_id WHERE g.embryo_id = ?1 AND g.run = ?2"
static const char history_sql[] =
    PAST_COLUMNS ", 0 FROM readings" PAST_READER " UNION ALL SELECT * FROM ("
    PAST_COLUMNS ", g.replaced_us FROM readings_before" PAST_READER " ORDER BY g.replaced_us DESC)";

bool readings_reader(struct store *store, const char *version, const char *digest, int64_t *ret_id, struct err *err)
{
	const char *const sqls[] = {reader_add_sql, reader_sql};
	for (int i = 0; i < 2; i++) {
		struct db_statement *s = db_prepare(store->db, sqls[i]);
		db_bind_text(s, 1, version);
		db_bind_text(s, 2, digest);
		if (db_step(s))
			*ret_id = db_column_int(s, 0);
		if (!db_finish(s, err))
			return false;
	}
	return true;
}

/* What another reader said of this run stays, as its last word. */
static bool keep_before(struct store *store, int64_t embryo_id, int run, int64_t reader, struct err *err)
{
	return RUN_INTS(store, keep_sql, err, embryo_id, run, reader, clock_now_us()) &&
	    RUN_INTS(store, forget_sql, err, embryo_id, run, reader);
}

static void bind_reading(struct db_statement *s, const struct reading_new *new)
{
	const struct reading *reading = &new->reading;
	uint8_t stage[2 * STAGE_COUNT];
	for (int i = 0; i < STAGE_COUNT; i++) {
		stage[2 * i] = (uint8_t)reading->stage[i];
		stage[2 * i + 1] = (uint8_t)(reading->stage[i] >> 8);
	}
	db_bind_int(s, 4, reading->occupied);
	db_bind_blob(s, 5, stage, sizeof stage);
	db_bind_int(s, 6, reading->confidence);
	db_bind_int(s, 7, reading->unfamiliar);
	db_bind_int(s, 8, reading->sharpness);
	db_bind_int(s, 9, reading->area_permille);
	db_bind_int(s, 10, reading->texture);
	db_bind_int(s, 11, reading->fragmentation_permille);
	db_bind_blob(s, 12, reading->outline, sizeof reading->outline);
	db_bind_int(s, 13, new->row.motion);
	db_bind_int(s, 14, reading->cells);
	db_bind_int(s, 15, reading->cells_confidence);
	db_bind_int(s, 16, reading->fragmentation_confidence);
	db_bind_int(s, 17, reading->uneven);
	db_bind_int(s, 18, reading->multinucleated);
}

bool readings_put(struct store *store, int64_t embryo_id, int64_t reader, const struct reading_new *new, struct err *err)
{
	if (!keep_before(store, embryo_id, new->row.run, reader, err))
		return false;
	if (new->row.damaged)
		return RUN_INTS(store, drop_sql, err, embryo_id, new->row.run);
	struct db_statement *s = db_prepare(store->db, put_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, new->row.run);
	db_bind_int(s, 3, reader);
	bind_reading(s, new);
	return db_run(s, err);
}

bool reading_of_row(struct db_statement *s, int first, struct reading *ret_reading, uint16_t *ret_motion)
{
	size_t stage_size, outline_size;
	const uint8_t *stage = db_column_blob(s, first + 1, &stage_size);
	const uint8_t *outline = db_column_blob(s, first + 8, &outline_size);
	if (stage_size != 2 * STAGE_COUNT || outline_size != OUTLINE_POINTS)
		return false;
	struct reading reading = {
	    .occupied = (uint16_t)db_column_int(s, first),
	    .confidence = (uint16_t)db_column_int(s, first + 2),
	    .unfamiliar = (uint16_t)db_column_int(s, first + 3),
	    .sharpness = (uint16_t)db_column_int(s, first + 4),
	    .area_permille = (uint16_t)db_column_int(s, first + 5),
	    .texture = (uint16_t)db_column_int(s, first + 6),
	    .fragmentation_permille = (uint16_t)db_column_int(s, first + 7),
	    .cells = (uint16_t)db_column_int(s, first + 10),
	    .cells_confidence = (uint16_t)db_column_int(s, first + 11),
	    .fragmentation_confidence = (uint16_t)db_column_int(s, first + 12),
	    .uneven = (uint16_t)db_column_int(s, first + 13),
	    .multinucleated = (uint16_t)db_column_int(s, first + 14),
	};
	for (int i = 0; i < STAGE_COUNT; i++)
		reading.stage[i] = (uint16_t)(stage[2 * i] | stage[2 * i + 1] << 8);
	memcpy(reading.outline, outline, OUTLINE_POINTS);
	*ret_reading = reading;
	*ret_motion = (uint16_t)db_column_int(s, first + 9);
	return true;
}

bool readings_settle(struct store *store, int64_t embryo_id, int run, enum run_state state, struct err *err)
{
	static const char sql[] = "UPDATE runs SET state = ?3 WHERE embryo_id = ?1 AND run = ?2";
	return RUN_INTS(store, sql, err, embryo_id, run, state);
}

/* A run that has gained a plane since it was cut stays unread. */
static bool settle_run(struct store *store, int64_t embryo_id, const struct cut_row *row, struct err *err)
{
	int64_t planes = -1;
	struct db_statement *s = db_prepare(store->db, planes_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, row->run);
	if (db_step(s))
		planes = db_column_int(s, 0);
	if (!db_finish(s, err))
		return false;
	if (planes < 0)
		return err_set(err, ERR_NOT_FOUND, "embryo %" PRId64 " has no run %d", embryo_id, row->run);
	enum run_state state = planes > row->planes || row->waiting ? RUN_UNREAD : row->damaged ? RUN_DAMAGED : RUN_READ;
	return readings_settle(store, embryo_id, row->run, state, err);
}

static bool store_all(struct blob_writer *writer, int64_t embryo_id, int64_t reader,
    const struct reading_new *readings, size_t count, struct err *err)
{
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++)
		ok = settle_run(writer->store, embryo_id, &readings[i].row, err) &&
		    cuts_put(writer, embryo_id, &readings[i].row, readings[i].cut, err) &&
		    (readings[i].row.waiting || readings_put(writer->store, embryo_id, reader, &readings[i], err));
	return ok && blobs_flush(writer, err);
}

bool readings_store(struct store *store, int64_t embryo_id, const char *version, const char *digest,
    const struct reading_new *readings, size_t count, struct err *err)
{
	struct embryo embryo;
	struct blob_writer writer;
	int64_t reader = 0;
	if (count < 1 || count > LIMIT_READINGS_PER_COMMIT)
		return err_set(err, ERR_BAD_INPUT, "%zu readings are not in 1..%d", count,
		    LIMIT_READINGS_PER_COMMIT);
	if (!store_begin(store, err))
		return false;
	bool ok = embryos_get(store, embryo_id, &embryo, err) &&
	    readings_reader(store, version, digest, &reader, err) &&
	    blobs_start(store, embryo.dish_id, BLOB_CUTS, &writer, err);
	if (ok) {
		ok = store_all(&writer, embryo_id, reader, readings, count, err) &&
		    changes_add(store, CHANGE_READING, embryo_id, err);
		blobs_end(&writer);
	}
	if (!store_end(store, ok, err))
		return err_add(err, "storing readings of embryo %" PRId64, embryo_id);
	return true;
}

bool readings_renew(struct store *store, int64_t embryo_id, const char *digest, int64_t *ret_runs,
    struct err *err)
{
	struct db_statement *s = db_prepare(store->db, renew_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_text(s, 2, digest);
	if (!db_run(s, err))
		return false;
	*ret_runs = db_changed(store->db);
	return true;
}

static bool queue_outdated(struct store *store, const char *digest, int64_t *embryos, struct err *err)
{
	bool ok = true;
	struct db_statement *s = db_prepare(store->db, outdated_sql);
	db_bind_text(s, 1, digest);
	while (ok && db_step(s)) {
		ok = jobs_add(store, JOB_READ, db_column_int(s, 0), JOB_PRIORITY_REREAD, err);
		*embryos += ok;
	}
	return db_finish(s, err) && ok;
}

bool readings_refresh(struct store *store, const char *digest, int64_t user_id, int64_t *ret_embryos,
    struct err *err)
{
	char detail[128];
	int64_t embryos = 0;
	if (!store_begin(store, err))
		return false;
	bool ok = queue_outdated(store, digest, &embryos, err);
	snprintf(detail, sizeof detail, "%" PRId64 " embryos by %.64s", embryos, digest);
	ok = ok && audit_add(store, user_id, "readings.refresh", 0, detail, err);
	if (!store_end(store, ok, err))
		return false;
	*ret_embryos = embryos;
	return true;
}

bool readings_readers_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct reading_reader *reader, void *context), void *context, struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, readers_sql);
	db_bind_int(s, 1, embryo_id);
	while (more && db_step(s)) {
		const struct reading_reader reader = {db_column_text(s, 0), db_column_text(s, 1), db_column_int(s, 2)};
		more = each(&reader, context);
	}
	return db_finish(s, err);
}

bool readings_history(struct store *store, int64_t embryo_id, int run,
    bool (*each)(const struct reading_past *past, void *context), void *context, struct err *err)
{
	enum { VERSION, DIGEST, READING, REPLACED = READING + 15 };
	bool more = true, fits = true;
	struct db_statement *s = db_prepare(store->db, history_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, run);
	while (more && fits && db_step(s)) {
		struct reading_past past = {.version = db_column_text(s, VERSION),
		    .digest = db_column_text(s, DIGEST),
		    .replaced_us = db_column_int(s, REPLACED)};
		fits = reading_of_row(s, READING, &past.reading, &past.motion);
		more = fits && each(&past, context);
	}
	return db_finish(s, err) &&
	    (fits || err_set(err, ERR_DAMAGED, "a reading of embryo %" PRId64 " has the wrong size", embryo_id));
}
