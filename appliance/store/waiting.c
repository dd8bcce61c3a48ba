#include "store/waiting.h"

#include "store/changes.h"
#include "store/inside.h"
#include "store/jobs.h"
#include "store/readings_inside.h"

#include <string.h>

#define WAITING_COLUMNS \
	"SELECT e.dish_id, c.embryo_id, c.run, c.blob_id, c.since_us FROM cuts c" \
	" JOIN runs r ON r.embryo_id = c.embryo_id AND r.run = c.run JOIN embryos e ON e.id = c.embryo_id" \
	" WHERE c.waiting = 1 AND c.planes >= r.planes"
static const char each_sql[] = WAITING_COLUMNS " ORDER BY c.embryo_id, c.run";
static const char between_sql[] =
    WAITING_COLUMNS " AND c.embryo_id = ?1 AND c.run BETWEEN ?2 AND ?3 ORDER BY c.run";
static const char count_sql[] = "SELECT count(*) FROM cuts WHERE waiting = 1";
static const char find_sql[] =
    "SELECT c.motion FROM cuts c JOIN runs r ON r.embryo_id = c.embryo_id AND r.run = c.run"
    " WHERE c.embryo_id = ?1 AND c.run = ?2 AND c.blob_id = ?3 AND c.waiting = 1 AND c.planes >= r.planes";
static const char waits_no_more_sql[] = "UPDATE cuts SET waiting = 0, since_us = NULL WHERE embryo_id = ?1 AND run = ?2";
/* As a run whose frames kill the reader. */
static const char damage_sql[] =
    "UPDATE cuts SET waiting = 0, since_us = NULL, damaged = 1, planes_damaged = planes, width = 0, height = 0,"
    " focal_1 = NULL, focal_2 = NULL, focal_3 = NULL, radius_permille = 0, occupied = 0, x = 0, y = 0, radius = 0,"
    " well_x = 0, well_y = 0, well_radius = 0, confidence = 0, blob_id = NULL, motion = 0 WHERE embryo_id = ?1 AND run = ?2";
static const char unread_sql[] = "SELECT 1 FROM embryos WHERE id = ?1 AND runs_read < runs_total";
static const char dishes_sql[] =
    "SELECT e.dish_id, c.decision_us, min(j.added_us), max(j.priority), sum(e.runs_total - e.runs_read)"
    " FROM embryos e JOIN dishes d ON d.id = e.dish_id LEFT JOIN cycles c ON c.id = d.cycle_id"
    " LEFT JOIN jobs j ON j.kind = 'read' AND j.subject = e.id"
    " WHERE e.runs_read < e.runs_total AND ifnull(j.state, '') <> 'failed' GROUP BY e.dish_id";

static bool each_row(struct db_statement *s, bool (*each)(const struct waiting *waiting, void *context), void *context,
    struct err *err)
{
	bool more = true;
	while (more && db_step(s)) {
		const struct waiting waiting = {.dish_id = db_column_int(s, 0),
		    .embryo_id = db_column_int(s, 1),
		    .run = (int)db_column_int(s, 2),
		    .cut_id = db_column_int(s, 3),
		    .since_us = db_column_int(s, 4)};
		more = each(&waiting, context);
	}
	return db_finish(s, err);
}

bool waiting_each(struct store *store, bool (*each)(const struct waiting *waiting, void *context), void *context,
    struct err *err)
{
	return each_row(db_prepare(store->db, each_sql), each, context, err);
}

bool waiting_between(struct store *store, int64_t embryo_id, int first_run, int last_run,
    bool (*each)(const struct waiting *waiting, void *context), void *context, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, between_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, first_run);
	db_bind_int(s, 3, last_run);
	return each_row(s, each, context, err);
}

bool waiting_count(struct store *store, int64_t *ret_count, struct err *err)
{
	int64_t count = 0;
	struct db_statement *s = db_prepare(store->db, count_sql);
	if (db_step(s))
		count = db_column_int(s, 0);
	if (!db_finish(s, err))
		return false;
	*ret_count = count;
	return true;
}

/* Whether this very cut still waits, and the motion that was measured with it. */
static bool find(struct store *store, const struct waiting *waiting, bool *ret_found, uint16_t *ret_motion,
    struct err *err)
{
	struct db_statement *s = db_prepare(store->db, find_sql);
	db_bind_int(s, 1, waiting->embryo_id);
	db_bind_int(s, 2, waiting->run);
	db_bind_int(s, 3, waiting->cut_id);
	*ret_found = db_step(s);
	*ret_motion = *ret_found ? (uint16_t)db_column_int(s, 0) : 0;
	return db_finish(s, err);
}

bool waiting_find(struct store *store, const struct waiting *waiting, bool *ret_found, struct err *err)
{
	uint16_t motion;
	return find(store, waiting, ret_found, &motion, err);
}

bool waiting_read(struct store *store, const struct waiting *waiting, struct cut *ret_cut, bool *ret_found,
    struct err *err)
{
	bool found;
	uint16_t motion;
	if (!find(store, waiting, &found, &motion, err) ||
	    (found && !cuts_read(store, waiting->embryo_id, waiting->run, ret_cut, err)))
		return false;
	*ret_found = found;
	return true;
}

static bool cut_again(struct store *store, const struct waiting *waiting, struct err *err)
{
	bool found;
	uint16_t motion;
	return find(store, waiting, &found, &motion, err) &&
	    (!found || (RUN_INTS(store, waits_no_more_sql, err, waiting->embryo_id, waiting->run) &&
		jobs_add(store, JOB_READ, waiting->embryo_id, JOB_PRIORITY_READ, err)));
}

bool waiting_cut_again(struct store *store, const struct waiting *waiting, struct err *err)
{
	return store_begin(store, err) && store_end(store, cut_again(store, waiting, err), err);
}

static bool answer_one(
    struct store *store, int64_t reader, const struct waiting_answer *answer, bool *ret_counts, struct err *err)
{
	const struct waiting *waiting = &answer->waiting;
	const char *cut_sql = answer->damaged ? damage_sql : waits_no_more_sql;
	enum run_state state = answer->damaged ? RUN_DAMAGED : RUN_READ;
	struct reading_new new = {
	    .row = {.run = waiting->run, .damaged = answer->damaged}, .reading = answer->reading};
	if (!find(store, waiting, ret_counts, &new.row.motion, err))
		return false;
	return !*ret_counts ||
	    (RUN_INTS(store, cut_sql, err, waiting->embryo_id, waiting->run) &&
		readings_put(store, waiting->embryo_id, reader, &new, err) &&
		readings_settle(store, waiting->embryo_id, waiting->run, state, err));
}

/* Tells the feed, and queues the job that ends the reading of an embryo that has nothing left. */
static bool tell_embryo(struct store *store, int64_t embryo_id, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, unread_sql);
	db_bind_int(s, 1, embryo_id);
	bool unread = db_step(s);
	return db_finish(s, err) && changes_add(store, CHANGE_READING, embryo_id, err) &&
	    (unread || jobs_add(store, JOB_READ, embryo_id, JOB_PRIORITY_READ, err));
}

/* The first that counts of its embryo: an embryo is told of once. */
static bool is_to_tell(const struct waiting_answer *answers, const bool *counts, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (counts[k] && answers[k].waiting.embryo_id == answers[i].waiting.embryo_id)
			return false;
	return counts[i];
}

static bool answer_all(struct store *store, int64_t reader, const struct waiting_answer *answers, size_t count,
    size_t *ret_stored, struct err *err)
{
	bool ok = true, counts[LIMIT_READINGS_PER_COMMIT] = {false};
	for (size_t i = 0; ok && i < count; i++) {
		ok = answer_one(store, reader, &answers[i], &counts[i], err);
		*ret_stored += counts[i];
	}
	for (size_t i = 0; ok && i < count; i++)
		if (is_to_tell(answers, counts, i))
			ok = tell_embryo(store, answers[i].waiting.embryo_id, err);
	return ok;
}

bool waiting_answer(struct store *store, const char *version, const char *digest, const struct waiting_answer *answers,
    size_t count, size_t *ret_stored, struct err *err)
{
	int64_t reader = 0;
	size_t stored = 0;
	if (count < 1 || count > LIMIT_READINGS_PER_COMMIT)
		return err_set(err, ERR_BAD_INPUT, "%zu answers are not in 1..%d", count, LIMIT_READINGS_PER_COMMIT);
	if (!store_begin(store, err))
		return false;
	bool ok = readings_reader(store, version, digest, &reader, err) &&
	    answer_all(store, reader, answers, count, &stored, err);
	if (!store_end(store, ok, err))
		return err_add(err, "storing answers to %zu cuts", count);
	*ret_stored = stored;
	return true;
}

bool waiting_dishes(struct store *store, bool (*each)(const struct waiting_dish *dish, void *context), void *context,
    struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, dishes_sql);
	while (more && db_step(s)) {
		const struct waiting_dish dish = {.id = db_column_int(s, 0),
		    .decision_us = db_column_int(s, 1),
		    .since_us = db_column_int(s, 2),
		    .priority = (int)db_column_int(s, 3),
		    .unread = (int)db_column_int(s, 4)};
		more = each(&dish, context);
	}
	return db_finish(s, err);
}
