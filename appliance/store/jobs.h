/* Jobs: what is to be done, kept in the database so that a crash loses none.
 *
 *   jobs_add            -> pending
 *   jobs_take           pending -> running, held by a lease
 *   jobs_done           running -> gone; or pending again if it was added meanwhile
 *   jobs_release        running -> pending, behind those that are due longer
 *   lease over          running -> may be taken again: its worker died
 *   jobs_fail           running -> pending after a while; failed after JOB_ATTEMPTS_MAX times
 *   jobs_add            failed -> pending
 *
 * There is one row for a kind and subject. Adding a job that runs renews it: it will run once more. */
#pragma once

#include "base/err.h"
#include "store/store.h"

enum job_kind {
	JOB_READ, /* subject: embryo; cut and read its unread runs */
	JOB_EVALUATE, /* subject: embryo */
	JOB_RANK, /* subject: dish; among its cycle */
	JOB_KIND_COUNT
};
const char *job_kind_name(enum job_kind kind); /* "read", "evaluate", "rank" */

enum {
	JOB_ATTEMPTS_MAX = 5,
	/* Default priorities; higher runs first. Ranking is cheap and what people wait for. */
	JOB_PRIORITY_REREAD = 5, /* with another reader: behind what has no reading yet */
	JOB_PRIORITY_READ = 10,
	JOB_PRIORITY_EVALUATE = 20,
	JOB_PRIORITY_RANK = 30,
};

struct job {
	int64_t id;
	enum job_kind kind;
	int64_t subject;
	int attempts; /* takes since it was added, this one included */
	int64_t lease; /* proof of holding it */
};

/* Adds, renews (see above) or raises the priority of one that waits. */
bool jobs_add(struct store *store, enum job_kind kind, int64_t subject, int priority, struct err *err);
/* To rank the dish and all that share its cycle. */
bool jobs_add_ranks(struct store *store, int64_t dish_id, struct err *err);
/* Which jobs a worker asks for; beside these a dish's id: to read the embryos of this dish. */
#define JOBS_ALL    INT64_C(-1)
/* Those that need no reader. */
#define JOBS_WITHOUT_READING INT64_C(-2)
/* Those that people wait for and that take a moment: these, and to read embryos of which all is read, which ends the
 * job. A job to read again with another reader is none of them. */
#define JOBS_QUICK  INT64_C(-3)
/* The one with the highest priority, then the one that is due longest, among those that are due, and those whose lease
 * is over (their worker died). It is held for lease_s seconds. */
bool jobs_take(struct store *store, int lease_s, int64_t which, struct job *ret_job, bool *ret_found, struct err *err);
/* Holds it for lease_s seconds from now. It has made progress, so its attempts count from here. ERR_CONFLICT: the
 * lease was over and somebody else has it. */
bool jobs_extend(struct store *store, const struct job *job, int lease_s, struct err *err);
/* Gives it back unfinished, to be taken again at once: the worker stops, the job is not to blame. */
bool jobs_release(struct store *store, const struct job *job, struct err *err);
/* At the start of the daemon: whoever held a lease has died with the daemon before, so none is waited for. The attempts
 * stay: a job that takes its daemon down does not do so for ever. */
bool jobs_recover(struct store *store, struct err *err);
/* Ends it and queues what follows: after read the embryo's evaluate, unless cuts of it wait for their readings (the last
 * answer then queues the job again), after that the ranks of its cycle. A job that was lost to somebody else is left alone
 * (true). */
bool jobs_done(struct store *store, const struct job *job, struct err *err);
/* Back to pending after 2^attempts seconds, or failed with this sentence. */
bool jobs_fail(struct store *store, const struct job *job, const char *sentence, struct err *err);

struct job_counts {
	int64_t pending, running, failed;
	int64_t reads; /* of the pending ones, those that read */
	int64_t next_due_us; /* when the first pending one may be taken, or the first lease ends; 0: none */
};
bool jobs_count(struct store *store, struct job_counts *ret_counts, struct err *err);
/* Failed ones, with their sentence. */
bool jobs_failed_each(struct store *store,
    bool (*each)(const struct job *job, const char *sentence, void *context), void *context,
    struct err *err);
