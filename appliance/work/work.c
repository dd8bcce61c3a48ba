#include "work/work.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/dishes.h"
#include "store/readings.h"
#include "work/lane.h"

#include <unistd.h>

enum {
	/* A step lasts a second or two; a lane that has not finished one in this time is dead or its machine was. */
	LEASE_S = 120,
	/* How soon an idle lane sees a new job. */
	IDLE_MS = 100,
	RATE_WINDOW_S = 60,
	/* How soon a lane without a reader tries again. */
	RETRY_MS = 5000,
};

struct work {
	struct work_options options;
	struct current *current;
	struct profiles *profiles;
	struct priors *priors;
	int lanes_count; /* started ones */
	struct lane lanes[WORK_LANES_MAX];

	pthread_mutex_t lock; /* guards the rest */
	bool stopping;
	int64_t runs_done;
	int64_t read_in_second[RATE_WINDOW_S]; /* runs read in each of the last seconds, by second modulo the window */
	int64_t second;
	struct err problem; /* why the last lane that tried cannot read; without detail: it can */
};

static bool (*const steps[JOB_KIND_COUNT])(struct lane *, const struct job *, bool *, struct err *) = {
    [JOB_READ] = step_read,
    [JOB_EVALUATE] = step_evaluate,
    [JOB_RANK] = step_rank,
};

/* Forgets the seconds that have passed since the last call. Under the lock. */
static void turn_window(struct work *work)
{
	int64_t now = clock_monotonic_us() / 1000000;
	if (now - work->second > RATE_WINDOW_S)
		work->second = now - RATE_WINDOW_S;
	while (work->second < now)
		work->read_in_second[++work->second % RATE_WINDOW_S] = 0;
}

static void count_runs(struct work *work, int64_t runs)
{
	pthread_mutex_lock(&work->lock);
	turn_window(work);
	work->read_in_second[work->second % RATE_WINDOW_S] += runs;
	work->runs_done += runs;
	pthread_mutex_unlock(&work->lock);
}

static bool stopping(struct work *work)
{
	pthread_mutex_lock(&work->lock);
	bool stop = work->stopping;
	pthread_mutex_unlock(&work->lock);
	return stop;
}

/* Steps of one job until it is finished, has failed, or the box stops. */
static void do_job(struct work *work, struct lane *lane, const struct job *job)
{
	bool finished = false;
	struct err err = {0}, lost;
	while (!finished && !stopping(work)) {
		lane->runs_done = 0;
		if (!steps[job->kind](lane, job, &finished, &err)) {
			log_line(LOG_ERROR, "job %lld (%s %lld) attempt %d: %s: %s", (long long)job->id,
			    job_kind_name(job->kind), (long long)job->subject, job->attempts, err_name(err.code),
			    err.detail);
			if (!jobs_fail(lane->store, job, err.detail, &lost))
				log_line(LOG_ERROR, "job %lld: %s", (long long)job->id, lost.detail);
			return;
		}
		count_runs(work, lane->runs_done);
		if (!finished && !jobs_extend(lane->store, job, LEASE_S, &lost))
			return;
	}
	if (!finished && !jobs_release(lane->store, job, &lost))
		log_line(LOG_ERROR, "job %lld: %s", (long long)job->id, lost.detail);
}

/* A job that is due, without taking the write lock when there is none. */
static bool take_job(struct lane *lane, struct job *ret_job)
{
	struct err err;
	struct job_counts counts;
	bool found = false;
	bool due = jobs_count(lane->store, &counts, &err) && counts.next_due_us &&
	    counts.next_due_us <= clock_now_us();
	if (due && !jobs_take(lane->store, LEASE_S, lane->reader ? JOBS_ALL : JOBS_WITHOUT_READING, ret_job, &found, &err))
		log_line(LOG_ERROR, "taking a job: %s", err.detail);
	return found;
}

static bool start_reader(struct lane *lane, struct err *err)
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
	if (!start_reader(lane, &err))
		lane->retry_us = clock_monotonic_us() + RETRY_MS * 1000;
	pthread_mutex_lock(&work->lock);
	work->problem = err;
	pthread_mutex_unlock(&work->lock);
}

static void *run_lane(void *context)
{
	struct lane *lane = context;
	struct work *work = lane->work;
	while (!stopping(work)) {
		struct job job;
		follow_model(lane);
		if (!take_job(lane, &job)) {
			clock_sleep_ms(IDLE_MS);
			continue;
		}
		do_job(work, lane, &job);
	}
	return NULL;
}

static void lane_done(struct lane *lane)
{
	reader_stop(lane->reader);
	store_close(lane->store);
	*lane = (struct lane){0};
}

static bool lane_start(struct work *work, struct err *err)
{
	struct lane *lane = &work->lanes[work->lanes_count];
	*lane = (struct lane){.work = work, .rules = {work->profiles, work->priors}};
	bool ok = store_open(work->options.store_folder, &lane->store, err);
	if (ok && pthread_create(&lane->thread, NULL, run_lane, lane) != 0)
		ok = err_set(err, ERR_NO_MEMORY, "starting a lane");
	if (ok)
		work->lanes_count++;
	else
		lane_done(lane);
	return ok;
}

static int lanes_wanted(const struct work_options *options)
{
	long lanes = options->lanes ? options->lanes : sysconf(_SC_NPROCESSORS_ONLN);
	return lanes < 1 ? 1 : lanes > WORK_LANES_MAX ? WORK_LANES_MAX : (int)lanes;
}

bool work_start(const struct work_options *options, struct work **ret_work, struct err *err)
{
	OWN(work_stop) struct work *work = calloc(1, sizeof *work);
	if (!work)
		return err_set(err, ERR_NO_MEMORY, "starting work");
	pthread_mutex_init(&work->lock, NULL);
	work->options = *options;
	if (!current_new(options->store_folder, options->log_models, &work->current, err) ||
	    !profiles_load(options->profiles_folder, &work->profiles, err) ||
	    !priors_open(options->store_folder, &work->priors, err))
		return false;
	for (int i = 0; i < lanes_wanted(options); i++)
		if (!lane_start(work, err))
			return err_add(err, "starting lane %d", i + 1);
	*ret_work = TAKE(work);
	return true;
}

void work_stop(struct work *work)
{
	if (!work)
		return;
	pthread_mutex_lock(&work->lock);
	work->stopping = true;
	pthread_mutex_unlock(&work->lock);
	for (int i = 0; i < work->lanes_count; i++) {
		pthread_join(work->lanes[i].thread, NULL);
		lane_done(&work->lanes[i]);
	}
	if (work->profiles)
		profiles_free(work->profiles);
	priors_free(work->priors);
	current_free(work->current);
	pthread_mutex_destroy(&work->lock);
	free(work);
}

void work_status(struct work *work, struct work_status *ret_status)
{
	pthread_mutex_lock(&work->lock);
	turn_window(work);
	*ret_status = (struct work_status){.runs_done = work->runs_done};
	for (int i = 0; i < RATE_WINDOW_S; i++)
		ret_status->runs_per_minute += (double)work->read_in_second[i];
	text_copy(ret_status->problem, sizeof ret_status->problem, work->problem.detail);
	pthread_mutex_unlock(&work->lock);
}

struct totals {
	struct store *store;
	int64_t total, read;
};

static bool add_dish(const struct dish *dish, void *context)
{
	struct totals *totals = context;
	struct dish_progress progress;
	struct err err;
	if (dishes_progress(totals->store, dish->id, &progress, &err)) {
		totals->total += progress.runs_total;
		totals->read += progress.runs_read;
	}
	return true;
}

static bool first_failure(const struct job *job, const char *sentence, void *context)
{
	err_set(context, ERR_UNAVAILABLE, "job %s %lld failed for good: %s", job_kind_name(job->kind),
	    (long long)job->subject, sentence);
	return false;
}

bool work_reread(const struct work_options *options, int64_t *ret_embryos, struct err *err)
{
	OWN(store_close) struct store *store = NULL;
	OWN(current_free) struct current *current = NULL;
	if (!store_open(options->store_folder, &store, err) || !current_new(options->store_folder, false, &current, err))
		return false;
	struct work work = {.options = *options, .current = current};
	struct lane lane = {.work = &work};
	if (!start_reader(&lane, err))
		return false;
	reader_stop(lane.reader);
	return readings_refresh(store, lane.digest, 0, ret_embryos, err);
}

/* Only reading is left, and nothing can be read. */
static bool is_stuck(struct work *work, const struct job_counts *counts, struct err *err)
{
	pthread_mutex_lock(&work->lock);
	bool stuck = counts->running == 0 && counts->pending == counts->reads && work->problem.detail[0];
	if (stuck)
		*err = work->problem;
	pthread_mutex_unlock(&work->lock);
	return stuck;
}

bool work_run_all(const struct work_options *options, void (*progress)(int64_t done, int64_t total, void *context),
    void *context, struct err *err)
{
	OWN(store_close) struct store *store = NULL;
	OWN(work_stop) struct work *work = NULL;
	struct job_counts counts = {0};
	if (!store_open(options->store_folder, &store, err) || !work_start(options, &work, err))
		return false;
	for (;;) {
		struct totals totals = {.store = store};
		if (!jobs_count(store, &counts, err) || !dishes_each(store, DISHES_ALL, add_dish, &totals, err))
			return false;
		if (progress)
			progress(totals.read, totals.total, context);
		if (counts.pending == 0 && counts.running == 0)
			break;
		if (is_stuck(work, &counts, err))
			return false;
		clock_sleep_ms(250);
	}
	if (counts.failed == 0)
		return true;
	return jobs_failed_each(store, first_failure, err, err) && false;
}
