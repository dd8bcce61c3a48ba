#include "store/second_readings.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/embryos.h"
#include "store/inside.h"

static const char since_sql[] =
    "SELECT begun_us FROM second_readings WHERE embryo_id = ?1 AND user_id = ?2 AND ended_us IS NULL";
#define WORD_OF_USER " WHERE embryo_id = ?1 AND user_id = ?2 AND replaced_by IS NULL AND withdrawn_us IS NULL"
static const char spoken_sql[] =
    "SELECT 1 FROM events" WORD_OF_USER " UNION ALL SELECT 1 FROM grades" WORD_OF_USER
    " UNION ALL SELECT 1 FROM observations" WORD_OF_USER " LIMIT 1";
static const char begin_sql[] = "INSERT INTO second_readings (embryo_id, user_id, begun_us) VALUES (?1, ?2, ?3)";
static const char end_sql[] =
    "UPDATE second_readings SET ended_us = ?3 WHERE embryo_id = ?1 AND user_id = ?2 AND ended_us IS NULL";
static const char each_sql[] = "SELECT r.user_id, u.name, r.begun_us, r.ended_us FROM second_readings r"
			       " JOIN users u ON u.id = r.user_id WHERE r.embryo_id = ?1 ORDER BY r.id";

static struct db_statement *of_user(struct store *store, const char *sql, int64_t embryo_id, int64_t user_id)
{
	struct db_statement *s = db_prepare(store->db, sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, user_id);
	return s;
}

static bool tell(struct store *store, int64_t embryo_id, int64_t user_id, const char *action, struct err *err)
{
	return changes_add(store, CHANGE_ANNOTATION, embryo_id, err) &&
	    audit_add(store, user_id, action, embryo_id, "", err);
}

bool second_readings_since(struct store *store, int64_t embryo_id, int64_t user_id, int64_t *ret_begun_us,
    struct err *err)
{
	struct db_statement *s = of_user(store, since_sql, embryo_id, user_id);
	int64_t begun_us = db_step(s) ? db_column_int(s, 0) : 0;
	if (!db_finish(s, err))
		return false;
	*ret_begun_us = begun_us;
	return true;
}

static bool begin(struct store *store, int64_t embryo_id, int64_t user_id, struct err *err)
{
	struct embryo embryo;
	int64_t begun_us = 0;
	if (!embryos_get(store, embryo_id, &embryo, err) ||
	    !second_readings_since(store, embryo_id, user_id, &begun_us, err) || begun_us)
		return begun_us != 0;
	struct db_statement *s = of_user(store, spoken_sql, embryo_id, user_id);
	bool spoken = db_step(s);
	if (!db_finish(s, err))
		return false;
	if (spoken)
		return err_set(err, ERR_CONFLICT, "a blind reading is by one who has said nothing of the embryo yet");
	return RUN_INTS(store, begin_sql, err, embryo_id, user_id, clock_now_us()) &&
	    tell(store, embryo_id, user_id, "second-reading.begin", err);
}

bool second_readings_begin(struct store *store, int64_t embryo_id, int64_t user_id, struct err *err)
{
	return store_begin(store, err) && store_end(store, begin(store, embryo_id, user_id, err), err);
}

static bool end(struct store *store, int64_t embryo_id, int64_t user_id, struct err *err)
{
	if (!RUN_INTS(store, end_sql, err, embryo_id, user_id, clock_now_us()))
		return false;
	if (db_changed(store->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "no second reading of yours is open on this embryo");
	return tell(store, embryo_id, user_id, "second-reading.end", err);
}

bool second_readings_end(struct store *store, int64_t embryo_id, int64_t user_id, struct err *err)
{
	return store_begin(store, err) && store_end(store, end(store, embryo_id, user_id, err), err);
}

bool second_readings_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct second_reading *reading, void *context), void *context, struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (more && db_step(s)) {
		struct second_reading reading = {.user_id = db_column_int(s, 0),
		    .begun_us = db_column_int(s, 2),
		    .ended_us = db_column_int(s, 3)};
		text_copy(reading.reader, sizeof reading.reader, db_column_text(s, 1));
		more = each(&reading, context);
	}
	return db_finish(s, err);
}
