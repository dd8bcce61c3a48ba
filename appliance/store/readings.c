#include "store/readings.h"

#include "store/blobs.h"
#include "store/changes.h"
#include "store/cuts_inside.h"
#include "store/embryos.h"
#include "store/inside.h"

static const char reader_add_sql[] = "INSERT OR IGNORE INTO readers (version, digest) VALUES (?1, ?2)";
static const char reader_sql[] = "SELECT id FROM readers WHERE version = ?1 AND digest = ?2";
static const char put_sql[] =
    "INSERT OR REPLACE INTO readings (embryo_id, run, reader_id, occupied, stage, confidence, unfamiliar,"
    " sharpness, area_permille, texture, fragmentation_permille, outline, motion)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
static const char drop_sql[] = "DELETE FROM readings WHERE embryo_id = ?1 AND run = ?2";
static const char planes_sql[] = "SELECT planes FROM runs WHERE embryo_id = ?1 AND run = ?2";
static const char state_sql[] = "UPDATE runs SET state = ?3 WHERE embryo_id = ?1 AND run = ?2";

enum { RUN_UNREAD, RUN_READ, RUN_DAMAGED };

static bool reader_id(struct store *store, const char *version, const char *digest, int64_t *ret_id,
    struct err *err)
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

static bool put_reading(struct store *store, int64_t embryo_id, int64_t reader,
    const struct reading_new *new, struct err *err)
{
	const struct reading *reading = &new->reading;
	uint8_t stage[2 * STAGE_COUNT];
	if (new->row.damaged)
		return RUN_INTS(store, drop_sql, err, embryo_id, new->row.run);
	for (int i = 0; i < STAGE_COUNT; i++) {
		stage[2 * i] = (uint8_t)reading->stage[i];
		stage[2 * i + 1] = (uint8_t)(reading->stage[i] >> 8);
	}
	struct db_statement *s = db_prepare(store->db, put_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, new->row.run);
	db_bind_int(s, 3, reader);
	db_bind_int(s, 4, reading->occupied);
	db_bind_blob(s, 5, stage, sizeof stage);
	db_bind_int(s, 6, reading->confidence);
	db_bind_int(s, 7, reading->unfamiliar);
	db_bind_int(s, 8, reading->sharpness);
	db_bind_int(s, 9, reading->area_permille);
	db_bind_int(s, 10, reading->texture);
	db_bind_int(s, 11, reading->fragmentation_permille);
	db_bind_blob(s, 12, reading->outline, sizeof reading->outline);
	db_bind_int(s, 13, new->motion);
	return db_run(s, err);
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
	int state = planes > row->planes ? RUN_UNREAD : row->damaged ? RUN_DAMAGED : RUN_READ;
	return RUN_INTS(store, state_sql, err, embryo_id, row->run, state);
}

static bool store_all(struct blob_writer *writer, int64_t embryo_id, int64_t reader,
    const struct reading_new *readings, size_t count, struct err *err)
{
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++)
		ok = settle_run(writer->store, embryo_id, &readings[i].row, err) &&
		    cuts_put(writer, embryo_id, &readings[i].row, readings[i].cut, err) &&
		    put_reading(writer->store, embryo_id, reader, &readings[i], err);
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
	    reader_id(store, version, digest, &reader, err) &&
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
