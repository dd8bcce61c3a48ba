#include "work/lane.h"

#include "base/clock.h"
#include "base/text.h"
#include "store/bursts.h"
#include "store/dishes.h"
#include "store/readings.h"
#include "work/cloud_slot.h"
#include "work/outlook.h"

#include <unistd.h>

void work_count_runs(struct work *work, int64_t runs)
{
	pthread_mutex_lock(&work->lock);
	rate_add(&work->rate, runs);
	work->runs_done += runs;
	pthread_mutex_unlock(&work->lock);
}

bool work_stopping(struct work *work)
{
	pthread_mutex_lock(&work->lock);
	bool stop = work->stopping;
	pthread_mutex_unlock(&work->lock);
	return stop;
}

static int lanes_wanted(const struct work_options *options)
{
	long lanes = options->lanes ? options->lanes : sysconf(_SC_NPROCESSORS_ONLN);
	return lanes < 1 ? 1 : lanes > WORK_LANES_MAX ? WORK_LANES_MAX : (int)lanes;
}

static bool start_burst(struct work *work, struct err *err)
{
	const struct work_options *options = &work->options;
	OWN(store_close) struct store *store = NULL;
	if (options->cloud && options->cloud[0] && !cloud_load(options->cloud, &work->cloud, err))
		return err_add(err, "reading what is allowed in the cloud");
	return store_open(options->store_folder, &store, err) &&
	    (!work->cloud || bursts_recover(store, err)) &&
	    burst_new(work->cloud, lanes_wanted(options), &work->burst, err) && burst_load(work->burst, store, err);
}

bool work_start(const struct work_options *options, struct work **ret_work, struct err *err)
{
	OWN(work_stop) struct work *work = calloc(1, sizeof *work);
	if (!work)
		return err_set(err, ERR_NO_MEMORY, "starting work");
	pthread_mutex_init(&work->lock, NULL);
	work->options = *options;
	if (!current_new(options->store_folder, options->daemon, &work->current, err) ||
	    !profiles_load(options->profiles_folder, &work->profiles, err) ||
	    !priors_open(options->store_folder, &work->priors, err) || !start_burst(work, err))
		return false;
	for (; work->lanes_count < lanes_wanted(options); work->lanes_count++)
		if (!lane_start(work, &work->lanes[work->lanes_count], err))
			return err_add(err, "starting lane %d", work->lanes_count + 1);
	if (work->cloud && !cloud_slots_start(work, &work->slots, err))
		return err_add(err, "starting the lanes to the cloud");
	if ((work->cloud || options->daemon) && !outlook_start(work, &work->outlook, err))
		return false;
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
	if (work->burst)
		burst_stop(work->burst);
	cloud_slots_stop(work->slots);
	outlook_stop(work->outlook);
	for (int i = 0; i < work->lanes_count; i++)
		lane_stop(&work->lanes[i]);
	burst_free(work->burst);
	if (work->cloud)
		cloud_free(work->cloud);
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
	*ret_status = (struct work_status){.runs_done = work->runs_done, .runs_per_minute = rate_per_minute(&work->rate)};
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
	if (!lane_start_reader(&lane, err))
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
		int64_t waiting;
		/* In this order: the last cut that is read queues a job. */
		if (!waiting_count(store, &waiting, err) || !jobs_count(store, &counts, err) ||
		    !dishes_each(store, DISHES_ALL, add_dish, &totals, err))
			return false;
		if (progress)
			progress(totals.read, totals.total, context);
		if (counts.pending == 0 && counts.running == 0 && waiting == 0)
			break;
		if (is_stuck(work, &counts, err))
			return false;
		clock_sleep_ms(250);
	}
	if (counts.failed == 0)
		return true;
	return jobs_failed_each(store, first_failure, err, err) && false;
}
