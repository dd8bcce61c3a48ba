#include "store/jobs.h"

#include "store/embryos.h"
#include "store/inside.h"

#include <string.h>

static const char *const names[JOB_KIND_COUNT] = {"read", "evaluate", "rank"};

static const int64_t second_us = 1000000;

static const char add_sql[] =
    "INSERT INTO jobs (kind, subject, priority, state, added_us, due_us)"
    " VALUES (?1, ?2, ?3, 'pending', ?4, ?4)"
    " ON CONFLICT (kind, subject) DO UPDATE SET priority = max(priority, excluded.priority),"
    " renewed = state = 'running', attempts = CASE state WHEN 'failed' THEN 0 ELSE attempts END,"
    " due_us = CASE state WHEN 'failed' THEN excluded.due_us ELSE due_us END,"
    " state = CASE state WHEN 'failed' THEN 'pending' ELSE state END";
static const char next_sql[] =
    "SELECT id, kind, subject, attempts, lease FROM jobs"
    " WHERE state <> 'failed' AND due_us <= ?1 AND CASE"
    " WHEN ?2 = -1 THEN 1"
    " WHEN ?2 = -2 THEN kind <> 'read'"
    " WHEN ?2 = -3 THEN kind <> 'read' OR (priority >= ?3 AND NOT EXISTS"
    " (SELECT 1 FROM embryos e WHERE e.id = subject AND e.runs_read < e.runs_total))"
    " ELSE kind = 'read' AND subject IN (SELECT id FROM embryos WHERE dish_id = ?2) END"
    " ORDER BY priority DESC, due_us, id LIMIT 1";
static const char take_sql[] = "UPDATE jobs SET state = 'running', renewed = 0, attempts = attempts + 1,"
			       " lease = lease + 1, due_us = ?2 WHERE id = ?1";
static const char extend_sql[] =
    "UPDATE jobs SET due_us = ?3, attempts = 1 WHERE id = ?1 AND lease = ?2 AND state = 'running'";
static const char release_sql[] = "UPDATE jobs SET state = 'pending', attempts = attempts - 1, due_us = ?3"
				  " WHERE id = ?1 AND lease = ?2 AND state = 'running'";
static const char recover_sql[] = "UPDATE jobs SET state = 'pending', due_us = ?1 WHERE state = 'running'";
static const char again_sql[] = "UPDATE jobs SET state = 'pending', renewed = 0, attempts = 0, due_us = ?3"
				" WHERE id = ?1 AND lease = ?2 AND state = 'running' AND renewed = 1";
static const char done_sql[] = "DELETE FROM jobs WHERE id = ?1 AND lease = ?2 AND state = 'running'";
static const char fail_sql[] =
    "UPDATE jobs SET state = CASE WHEN attempts >= ?3 AND NOT renewed THEN 'failed' ELSE 'pending' END,"
    " due_us = ?4, sentence = ?5 WHERE id = ?1 AND lease = ?2 AND state = 'running'";
static const char dead_sql[] = "UPDATE jobs SET state = 'failed',"
			       " sentence = 'Every worker that took it died or fell silent.' WHERE id = ?1";
static const char count_sql[] =
    "SELECT ifnull(sum(state = 'pending'), 0), ifnull(sum(state = 'running'), 0),"
    " ifnull(sum(state = 'failed'), 0), ifnull(sum(state = 'pending' AND kind = 'read'), 0),"
    " ifnull(min(CASE state WHEN 'failed' THEN NULL ELSE due_us END), 0) FROM jobs";
static const char siblings_sql[] =
    "SELECT id FROM dishes WHERE id = ?1 OR cycle_id = (SELECT cycle_id FROM dishes WHERE id = ?1)";
static const char unread_sql[] = "SELECT 1 FROM embryos WHERE id = ?1 AND runs_read < runs_total";
static const char failed_sql[] = "SELECT id, kind, subject, attempts, lease, sentence FROM jobs"
				 " WHERE state = 'failed' ORDER BY id";

const char *job_kind_name(enum job_kind kind)
{
	return kind < JOB_KIND_COUNT ? names[kind] : "unknown";
}

bool jobs_add(struct store *store, enum job_kind kind, int64_t subject, int priority, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_text(s, 1, job_kind_name(kind));
	db_bind_int(s, 2, subject);
	db_bind_int(s, 3, priority);
	db_bind_int(s, 4, clock_now_us());
	return db_run(s, err);
}

static void row(struct db_statement *s, struct job *ret_job)
{
	*ret_job = (struct job){.id = db_column_int(s, 0),
	    .subject = db_column_int(s, 2),
	    .attempts = (int)db_column_int(s, 3),
	    .lease = db_column_int(s, 4)};
	for (int i = 0; i < JOB_KIND_COUNT; i++)
		if (strcmp(names[i], db_column_text(s, 1)) == 0)
			ret_job->kind = (enum job_kind)i;
}

/* job.id 0: none is due. */
static bool next(struct store *store, int64_t now_us, int64_t which, struct job *ret_job, struct err *err)
{
	struct job job = {0};
	struct db_statement *s = db_prepare(store->db, next_sql);
	db_bind_int(s, 1, now_us);
	db_bind_int(s, 2, which);
	db_bind_int(s, 3, JOB_PRIORITY_READ);
	if (db_step(s))
		row(s, &job);
	*ret_job = job;
	return db_finish(s, err);
}

static bool take(struct store *store, int lease_s, int64_t which, struct job *ret_job, struct err *err)
{
	for (;;) {
		int64_t now_us = clock_now_us();
		struct job job;
		if (!next(store, now_us, which, &job, err))
			return false;
		*ret_job = job;
		if (!job.id)
			return true;
		/* It never came to jobs_fail: the worker goes down with it each time. */
		if (job.attempts >= JOB_ATTEMPTS_MAX) {
			if (!RUN_INTS(store, dead_sql, err, job.id))
				return false;
			continue;
		}
		ret_job->attempts++;
		ret_job->lease++;
		return RUN_INTS(store, take_sql, err, job.id, now_us + lease_s * second_us);
	}
}

bool jobs_take(struct store *store, int lease_s, int64_t which, struct job *ret_job, bool *ret_found, struct err *err)
{
	struct job job;
	/* An idle worker that asks again and again must not take the write lock each time. */
	if (!next(store, clock_now_us(), which, &job, err))
		return false;
	if (job.id && (!store_begin(store, err) || !store_end(store, take(store, lease_s, which, &job, err), err)))
		return false;
	if (job.id)
		*ret_job = job;
	*ret_found = job.id != 0;
	return true;
}

bool jobs_extend(struct store *store, const struct job *job, int lease_s, struct err *err)
{
	if (!RUN_INTS(store, extend_sql, err, job->id, job->lease, clock_now_us() + lease_s * second_us))
		return false;
	return db_changed(store->db) > 0 ||
	    err_set(err, ERR_CONFLICT, "the job to %s %" PRId64 " was given to another worker",
		names[job->kind], job->subject);
}

bool jobs_release(struct store *store, const struct job *job, struct err *err)
{
	return RUN_INTS(store, release_sql, err, job->id, job->lease, clock_now_us());
}

bool jobs_recover(struct store *store, struct err *err)
{
	return RUN_INTS(store, recover_sql, err, clock_now_us());
}

/* Cuts that wait for their readings, or frames that came since. */
static bool has_unread(struct store *store, int64_t embryo_id, bool *ret_unread, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, unread_sql);
	db_bind_int(s, 1, embryo_id);
	*ret_unread = db_step(s);
	return db_finish(s, err);
}

bool jobs_add_ranks(struct store *store, int64_t dish_id, struct err *err)
{
	bool ok = true;
	struct db_statement *s = db_prepare(store->db, siblings_sql);
	db_bind_int(s, 1, dish_id);
	while (ok && db_step(s))
		ok = jobs_add(store, JOB_RANK, db_column_int(s, 0), JOB_PRIORITY_RANK, err);
	return db_finish(s, ok ? err : NULL) && ok;
}

static bool add_next(struct store *store, const struct job *job, struct err *err)
{
	struct embryo embryo;
	bool unread;
	switch (job->kind) {
	case JOB_READ:
		if (!has_unread(store, job->subject, &unread, err))
			return false;
		return unread || jobs_add(store, JOB_EVALUATE, job->subject, JOB_PRIORITY_EVALUATE, err);
	case JOB_EVALUATE:
		return embryos_get(store, job->subject, &embryo, err) && jobs_add_ranks(store, embryo.dish_id, err);
	default:
		return true;
	}
}

static bool done(struct store *store, const struct job *job, struct err *err)
{
	if (!RUN_INTS(store, again_sql, err, job->id, job->lease, clock_now_us()))
		return false;
	bool held = db_changed(store->db) > 0;
	if (!held) {
		if (!RUN_INTS(store, done_sql, err, job->id, job->lease))
			return false;
		held = db_changed(store->db) > 0;
	}
	return !held || add_next(store, job, err);
}

bool jobs_done(struct store *store, const struct job *job, struct err *err)
{
	return store_begin(store, err) && store_end(store, done(store, job, err), err);
}

bool jobs_fail(struct store *store, const struct job *job, const char *sentence, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, fail_sql);
	db_bind_int(s, 1, job->id);
	db_bind_int(s, 2, job->lease);
	db_bind_int(s, 3, JOB_ATTEMPTS_MAX);
	db_bind_int(s, 4, clock_now_us() + (INT64_C(1) << job->attempts) * second_us);
	db_bind_text(s, 5, sentence);
	return db_run(s, err);
}

bool jobs_count(struct store *store, struct job_counts *ret_counts, struct err *err)
{
	struct job_counts counts = {0};
	struct db_statement *s = db_prepare(store->db, count_sql);
	if (db_step(s))
		counts = (struct job_counts){
		    db_column_int(s, 0), db_column_int(s, 1), db_column_int(s, 2), db_column_int(s, 3), db_column_int(s, 4)};
	if (!db_finish(s, err))
		return false;
	*ret_counts = counts;
	return true;
}

bool jobs_failed_each(struct store *store,
    bool (*each)(const struct job *job, const char *sentence, void *context), void *context,
    struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, failed_sql);
	while (more && db_step(s)) {
		struct job job;
		row(s, &job);
		more = each(&job, db_column_text(s, 5), context);
	}
	return db_finish(s, err);
}
