#include "store/second_readings.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/embryos.h"
#include "store/inside.h"

static const char open_sql[] =
    "SELECT begun_us, shown_us FROM second_readings WHERE embryo_id = ?1 AND user_id = ?2 AND ended_us IS NULL";
#define NEWLY_SHOWN \
	" FROM evaluations v WHERE embryo_id IN (SELECT ?1 UNION ALL" \
	" SELECT e.id FROM dishes d JOIN embryos e ON e.dish_id = d.id WHERE d.cycle_id = ?2)" \
	" AND NOT EXISTS (SELECT 1 FROM shown s WHERE s.embryo_id = v.embryo_id AND s.user_id = ?3)" \
	" AND NOT EXISTS (SELECT 1 FROM second_readings r WHERE r.embryo_id = v.embryo_id AND r.user_id = ?3 AND r.ended_us IS NULL)"
static const char is_new_sql[] = "SELECT 1" NEWLY_SHOWN " LIMIT 1";
static const char show_sql[] = "INSERT OR IGNORE INTO shown (embryo_id, user_id, first_us) SELECT embryo_id, ?3, ?4" NEWLY_SHOWN;
#define WORD_OF_USER " WHERE embryo_id = ?1 AND user_id = ?2 AND replaced_by IS NULL AND withdrawn_us IS NULL"
static const char spoken_sql[] =
    "SELECT 1 FROM events" WORD_OF_USER " UNION ALL SELECT 1 FROM grades" WORD_OF_USER
    " UNION ALL SELECT 1 FROM observations" WORD_OF_USER " LIMIT 1";
static const char begin_sql[] =
    "INSERT INTO second_readings (embryo_id, user_id, begun_us, shown_us)"
    " VALUES (?1, ?2, ?3, (SELECT first_us FROM shown WHERE embryo_id = ?1 AND user_id = ?2))";
static const char end_sql[] =
    "UPDATE second_readings SET ended_us = ?3 WHERE embryo_id = ?1 AND user_id = ?2 AND ended_us IS NULL";
static const char each_sql[] = "SELECT r.user_id, u.name, r.begun_us, r.ended_us, r.shown_us FROM second_readings r"
			       " JOIN users u ON u.id = r.user_id WHERE r.embryo_id = ?1 ORDER BY r.id";

static struct db_statement *of_user(struct store *store, const char *sql, int64_t embryo_id, int64_t user_id)
{
	struct db_statement *s = db_prepare(store->db, sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, user_id);
	return s;
}

static bool tell(struct store *store, int64_t embryo_id, int64_t user_id, const char *action, const char *detail,
    struct err *err)
{
	return changes_add(store, CHANGE_ANNOTATION, embryo_id, err) &&
	    audit_add(store, user_id, action, embryo_id, detail, err);
}

bool second_readings_open(struct store *store, int64_t embryo_id, int64_t user_id, struct second_reading *ret_reading,
    struct err *err)
{
	struct second_reading reading = {.user_id = user_id};
	struct db_statement *s = of_user(store, open_sql, embryo_id, user_id);
	if (db_step(s)) {
		reading.begun_us = db_column_int(s, 0);
		reading.shown_us = db_column_int(s, 1);
	}
	if (!db_finish(s, err))
		return false;
	*ret_reading = reading;
	return true;
}

bool second_readings_since(struct store *store, int64_t embryo_id, int64_t user_id, int64_t *ret_begun_us,
    struct err *err)
{
	struct second_reading reading;
	if (!second_readings_open(store, embryo_id, user_id, &reading, err))
		return false;
	*ret_begun_us = reading.begun_us;
	return true;
}

/* It is asked for each page, so it writes only what is new. */
bool second_readings_note_shown(struct store *store, int64_t user_id, int64_t embryo_id, int64_t cycle_id, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, is_new_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, cycle_id);
	db_bind_int(s, 3, user_id);
	bool is_new = db_step(s);
	if (!db_finish(s, err))
		return false;
	return !is_new || RUN_INTS(store, show_sql, err, embryo_id, cycle_id, user_id, clock_now_us());
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
	struct second_reading begun;
	return RUN_INTS(store, begin_sql, err, embryo_id, user_id, clock_now_us()) &&
	    second_readings_open(store, embryo_id, user_id, &begun, err) &&
	    tell(store, embryo_id, user_id, "second-reading.begin", begun.shown_us ? "shown before" : "", err);
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
	return tell(store, embryo_id, user_id, "second-reading.end", "", err);
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
		    .ended_us = db_column_int(s, 3),
		    .shown_us = db_column_int(s, 4)};
		text_copy(reading.reader, sizeof reading.reader, db_column_text(s, 1));
		more = each(&reading, context);
	}
	return db_finish(s, err);
}
