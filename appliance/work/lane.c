#include "work/lane.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#include <unistd.h>

enum {
	/* How soon an idle lane sees a new job. */
	IDLE_MS = 100,
	/* How soon a busy one sees what else there is to do. */
	LOOK_MS = 500,
	/* How soon a lane without a reader tries again. */
	RETRY_MS = 5000,
};

static bool (*const steps[JOB_KIND_COUNT])(struct lane *, const struct job *, bool *, struct err *) = {
    [JOB_READ] = step_read,
    [JOB_EVALUATE] = step_evaluate,
    [JOB_RANK] = step_rank,
};

static void say(const struct job *job, const struct err *err)
{
	log_line(LOG_ERROR, "job %lld (%s %lld) attempt %d: %s: %s", (long long)job->id, job_kind_name(job->kind),
	    (long long)job->subject, job->attempts, err_name(err->code), err->detail);
}

/* False: the job has failed, and is no longer the lane's. */
static bool make_step(struct lane *lane, const struct job *job, bool *ret_finished)
{
	struct err err = {0}, lost;
	lane->runs_done = 0;
	lane->gave_back = false;
	*ret_finished = false;
	bool ok = steps[job->kind](lane, job, ret_finished, &err);
	work_count_runs(lane->work, lane->runs_done);
	if (ok)
		return true;
	say(job, &err);
	if (!jobs_fail(lane->store, job, err.detail, &lost))
		say(job, &lost);
	return false;
}

static void release(struct lane *lane, const struct job *job)
{
	struct err err;
	if (!jobs_release(lane->store, job, &err))
		say(job, &err);
}

/* Gives back what it holds. */
static void let_go(struct lane *lane)
{
	if (lane->held.id)
		release(lane, &lane->held);
	lane->held.id = 0;
}

static bool take(struct lane *lane, int64_t which, struct job *ret_job)
{
	struct err err;
	bool found = false;
	if (!jobs_take(lane->store, LANE_LEASE_S, which, ret_job, &found, &err))
		log_line(LOG_ERROR, "taking a job: %s", err.detail);
	return found;
}

/* What people wait for and takes a moment. False: there is none. */
static bool do_quick_job(struct lane *lane)
{
	struct job job;
	bool finished;
	lane->task = (struct burst_task){.kind = PLAN_TASK_TRIP, .count = BURST_STEP};
	if (!take(lane, lane->reader ? JOBS_QUICK : JOBS_WITHOUT_READING, &job))
		return false;
	if (make_step(lane, &job, &finished) && !finished)
		release(lane, &job);
	return true;
}

/* A job to read an embryo of this dish: the one in hand, if it will do. */
static bool hold_job(struct lane *lane, int64_t which)
{
	if (lane->held.id && lane->held_dish_id == which)
		return true;
	let_go(lane);
	lane->held_dish_id = which;
	return take(lane, which, &lane->held) || (lane->held.id = 0);
}

/* A step of the job in hand. */
static void read_step(struct lane *lane)
{
	bool finished;
	if (!make_step(lane, &lane->held, &finished) || finished || lane->gave_back)
		lane->held.id = 0;
}

static void do_planned_job(struct lane *lane)
{
	bool held = hold_job(lane, lane->task.dish_id);
	lane->runs_done = 0;
	if (held)
		read_step(lane);
	burst_task_done(lane->work->burst, &lane->task, (int)lane->runs_done, !held);
}

static void read_flight(struct lane *lane)
{
	struct err err;
	struct burst *burst = lane->work->burst;
	lane->runs_done = 0;
	bool ok = step_waiting(lane, lane->task.flight, &err);
	work_count_runs(lane->work, lane->runs_done);
	if (ok) {
		burst_settle(burst, lane->task.flight, BURST_HOME);
		return;
	}
	log_line(LOG_ERROR, "reading %zu cuts: %s: %s", lane->task.flight->count, err_name(err.code), err.detail);
	burst_give_back(burst, lane->task.flight, BURST_HOME, false);
	clock_sleep_ms(IDLE_MS);
}

/* What the planner does not know of: an embryo that is to be read again on demand. */
static bool do_any_job(struct lane *lane)
{
	lane->task = (struct burst_task){.kind = PLAN_TASK_TRIP, .count = BURST_STEP};
	if (!hold_job(lane, JOBS_ALL))
		return false;
	read_step(lane);
	return true;
}

/* What the planner says. False: nothing. */
static bool do_planned(struct lane *lane, int look_ms)
{
	struct err err;
	struct burst *burst = lane->work->burst;
	if (!burst_refresh(burst, lane->store, look_ms, &err))
		log_line(LOG_ERROR, "looking for work: %s", err.detail);
	burst_next_home(burst, &lane->task);
	switch (lane->task.kind) {
	case PLAN_TASK_TRIP:
	case PLAN_TASK_CUT:
		do_planned_job(lane);
		return true;
	case PLAN_TASK_READ:
		read_flight(lane);
		return true;
	case PLAN_TASK_HEDGE: {
		/* There is nothing but what the cloud has in hand; an embryo to be read again comes first. */
		struct burst_task hedge = lane->task;
		if (do_any_job(lane)) {
			burst_give_back(burst, hedge.flight, BURST_HOME, false);
			return true;
		}
		lane->task = hedge;
		read_flight(lane);
		return true;
	}
	default:
		return do_any_job(lane);
	}
}

bool lane_start_reader(struct lane *lane, struct err *err)
{
	struct reader_model model;
	if (!current_take(lane->work->current, &model.fd, lane->version, &lane->model_serial, err))
		return false;
	model.label = lane->version;
	bool ok = reader_start(lane->work->options.reader_program, &model, &lane->reader, err);
	close(model.fd);
	if (!ok)
		return err_add(err, "starting a reader with %s", lane->version);
	text_hex(lane->digest, reader_digest(lane->reader), CRYPTO_DIGEST_SIZE);
	return true;
}

/* Has the lane read with the current model, or with none where there is none. */
static void follow_model(struct lane *lane)
{
	struct work *work = lane->work;
	struct err err = {0};
	bool same = current_serial(work->current) == lane->model_serial;
	if (same && (lane->reader || clock_monotonic_us() < lane->retry_us))
		return;
	reader_stop(lane->reader);
	lane->reader = NULL;
	if (!lane_start_reader(lane, &err))
		lane->retry_us = clock_monotonic_us() + RETRY_MS * 1000;
	pthread_mutex_lock(&work->lock);
	work->problem = err;
	pthread_mutex_unlock(&work->lock);
}

static void *run_lane(void *context)
{
	struct lane *lane = context;
	int look_ms = LOOK_MS;
	while (!work_stopping(lane->work)) {
		follow_model(lane);
		bool busy = do_quick_job(lane) || (lane->reader && do_planned(lane, look_ms));
		look_ms = busy ? LOOK_MS : IDLE_MS / 2;
		if (!busy) {
			let_go(lane);
			clock_sleep_ms(IDLE_MS);
		}
	}
	let_go(lane);
	return NULL;
}

static void lane_done(struct lane *lane)
{
	reader_stop(lane->reader);
	store_close(lane->store);
	*lane = (struct lane){0};
}

bool lane_start(struct work *work, struct lane *lane, struct err *err)
{
	*lane = (struct lane){.work = work, .rules = {work->profiles, work->priors}};
	bool ok = store_open(work->options.store_folder, &lane->store, err);
	if (ok && pthread_create(&lane->thread, NULL, run_lane, lane) != 0)
		ok = err_set(err, ERR_NO_MEMORY, "starting a lane");
	if (!ok)
		lane_done(lane);
	return ok;
}

void lane_stop(struct lane *lane)
{
	pthread_join(lane->thread, NULL);
	lane_done(lane);
}
