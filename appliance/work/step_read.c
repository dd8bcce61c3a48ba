#include "work/lane.h"

#include "base/clock.h"
#include "base/text.h"
#include "reading/read.h"
#include "store/frames.h"
#include "store/readings.h"

#include <string.h>

enum {
	/* Time points of a step, and what a crash costs. */
	RUNS_PER_STEP = BURST_STEP,
	/* Planes of a step, encoded: 16 runs x 7 planes x 20 kB is 2.3 MB. */
	STEP_BYTES_MAX = RUNS_PER_STEP * (LIMIT_FRAME_BYTES / 4),
};

/* The runs of one step with their planes; `data` holds all planes one after the other. */
struct step {
	size_t count;
	int runs[RUNS_PER_STEP];
	int planes_stored[RUNS_PER_STEP]; /* frames the store has of the run */
	size_t planes_count[RUNS_PER_STEP]; /* of these, how many could be opened */
	struct cut_plane planes[RUNS_PER_STEP][LIMIT_PLANES];
	size_t offset[RUNS_PER_STEP][LIMIT_PLANES];
	struct buf data;
	struct reader_item items[RUNS_PER_STEP];
	struct reader_answer answers[RUNS_PER_STEP];
	struct reading_new readings[RUNS_PER_STEP];
};

static void step_free(struct step *step)
{
	buf_done(&step->data);
	free(step);
}
OWN_DEFINE(struct step *, step_free)

struct collect {
	struct step *step;
	struct store *store;
	struct err *err;
	bool failed;
};

static int run_index(const struct step *step, int run)
{
	for (size_t i = 0; i < step->count; i++)
		if (step->runs[i] == run)
			return (int)i;
	return -1;
}

/* A plane whose seal does not open is left out and counts as damaged; any other failure is the box's. */
static bool collect_plane(const struct frame *frame, void *context)
{
	struct collect *collect = context;
	struct step *step = collect->step;
	if (frame->run > step->runs[step->count - 1])
		return false;
	int index = run_index(step, frame->run);
	if (index < 0)
		return true;
	step->planes_stored[index]++;
	if (step->planes_count[index] == LIMIT_PLANES)
		return true;
	size_t start = step->data.size;
	if (!frames_read(collect->store, frame->embryo_id, frame->run, frame->focal_um, &step->data, NULL,
		collect->err)) {
		bool spoiled = collect->err->code == ERR_CRYPTO || collect->err->code == ERR_DAMAGED;
		collect->failed = !spoiled;
		step->data.size = start;
		return spoiled;
	}
	size_t plane = step->planes_count[index]++;
	step->planes[index][plane] = (struct cut_plane){.focal_um = frame->focal_um, .size = step->data.size - start};
	step->offset[index][plane] = start;
	return true;
}

static bool collect_planes(struct lane *lane, int64_t embryo_id, struct step *step, struct err *err)
{
	struct collect collect = {step, lane->store, err, false};
	if (!frames_each(lane->store, embryo_id, step->runs[0], collect_plane, &collect, err) || collect.failed)
		return false;
	/* Only now does the buffer stay where it is. */
	for (size_t i = 0; i < step->count; i++) {
		for (size_t p = 0; p < step->planes_count[i]; p++)
			step->planes[i][p].data = step->data.data + step->offset[i][p];
		step->items[i] = (struct reader_item){step->planes[i], step->planes_count[i]};
	}
	return buf_ok(&step->data, err);
}

/* The readings of cuts that were made in a trip of their own; of an empty well there is nothing to ask. */
static bool read_cuts(struct lane *lane, struct reader_answer *answers, size_t count, int *ret_read, struct err *err)
{
	OWN(free) struct cut *cuts = calloc(count, sizeof *cuts);
	struct reading readings[RUNS_PER_STEP];
	size_t made = 0;
	if (!cuts)
		return err_set(err, ERR_NO_MEMORY, "reading %zu cuts", count);
	for (size_t i = 0; i < count; i++)
		if (answers[i].ok && answers[i].cut.made)
			cuts[made++] = answers[i].cut.cut;
	if (!reader_read(lane->reader, cuts, made, readings, err))
		return false;
	*ret_read = (int)made;
	for (size_t i = count; i > 0; i--)
		if (answers[i - 1].ok && answers[i - 1].cut.made)
			answers[i - 1].reading = readings[--made];
	return true;
}

/* In one trip; or, where the planner needs to know what each costs, in two. When the cuts are to be read in the cloud,
 * there is no second. */
static bool ask_once(struct lane *lane, const struct reader_item *items, size_t count, struct reader_answer *answers,
    struct err *err)
{
	bool cut_only = lane->task.kind == PLAN_TASK_CUT;
	int read = 0;
	int64_t began_us = clock_monotonic_us();
	if (!cut_only && !burst_measures(lane->work->burst)) {
		bool ok = reader_cut(lane->reader, items, count, answers, err);
		if (ok)
			burst_measure_trip(lane->work->burst, clock_monotonic_us() - began_us, (int)count);
		return ok;
	}
	if (!reader_crop(lane->reader, items, count, answers, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (answers[i].ok && !answers[i].cut.made)
			read_empty(answers[i].cut.location.confidence, &answers[i].reading);
	int64_t cut_us = clock_monotonic_us();
	if (!cut_only && !read_cuts(lane, answers, count, &read, err))
		return false;
	burst_measure_home(lane->work->burst, cut_us - began_us, clock_monotonic_us() - cut_us, (int)count, read);
	return true;
}

/* The whole step in one batch; when that kills the reader, one time point at a time. The one that kills it again is
 * answered "damaged" and so set aside: it is not asked a third time. False: no reader can be started, which is no time
 * point's fault. */
static bool ask_reader(struct lane *lane, struct step *step, struct err *err)
{
	struct err lost;
	bool whole = true;
	for (size_t i = 0; i < step->count; i++)
		whole = whole && step->planes_count[i] > 0;
	if (whole && ask_once(lane, step->items, step->count, step->answers, &lost))
		return true;
	for (size_t i = 0; i < step->count; i++) {
		struct reader_answer *answer = &step->answers[i];
		if (!reader_wake(lane->reader, err))
			return false;
		if (step->planes_count[i] == 0) {
			*answer = (struct reader_answer){.ok = false};
			err_set(&answer->err, ERR_DAMAGED, "no picture of this run can be opened");
		} else if (!ask_once(lane, &step->items[i], 1, answer, &lost)) {
			*answer = (struct reader_answer){.ok = false, .err = lost};
		}
	}
	return true;
}

static struct reading_new reading_of(const struct lane *lane, const struct step *step, size_t i)
{
	const struct reader_answer *answer = &step->answers[i];
	const struct cut_result *cut = &answer->cut;
	struct reading_new reading = {.row = {.run = step->runs[i], .planes = step->planes_stored[i]}};
	if (!answer->ok) {
		reading.row.damaged = true;
		reading.row.planes_damaged = step->planes_stored[i];
		return reading;
	}
	reading.row.planes_damaged = cut->planes_damaged + step->planes_stored[i] - (int)step->planes_count[i];
	reading.row.made = cut->made;
	reading.row.waiting = cut->made && lane->task.kind == PLAN_TASK_CUT;
	reading.row.width = cut->width;
	reading.row.height = cut->height;
	reading.row.location = cut->location;
	reading.reading = answer->reading;
	if (cut->made) {
		memcpy(reading.row.focal_um, cut->focal_um, sizeof reading.row.focal_um);
		reading.row.radius_permille = cut->cut.radius_permille;
		reading.cut = &cut->cut;
	}
	return reading;
}

/* Motion of each cut against the one before it, across the border between two steps too. */
static bool measure_motion(struct lane *lane, int64_t embryo_id, struct step *step, struct err *err)
{
	OWN(free) struct cut *first = malloc(sizeof *first);
	if (!first)
		return err_set(err, ERR_NO_MEMORY, "measuring motion");
	bool found;
	if (!cuts_before(lane->store, embryo_id, step->runs[0], first, &found, err))
		return false;
	const struct cut *before = found ? first : NULL;
	for (size_t i = 0; i < step->count; i++) {
		struct reading_new *reading = &step->readings[i];
		if (!reading->cut)
			continue;
		reading->row.motion = before ? read_motion(before, reading->cut) : 0;
		before = reading->cut;
	}
	return true;
}

/* All readings of an embryo are one reader's: what another had read is read again before the job is done. */
static bool finish(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err)
{
	int64_t renewed;
	if (!readings_renew(lane->store, job->subject, lane->digest, &renewed, err))
		return false;
	*ret_finished = renewed == 0;
	return renewed > 0 || jobs_done(lane->store, job, err);
}

/* With the job's own row: a transaction is a wait for the disk. Embryos whose cuts leave the house take turns, so that
 * a batch is of many: the job is given back. */
static bool store_step(struct lane *lane, const struct job *job, const struct step *step, struct err *err)
{
	return readings_store(lane->store, job->subject, lane->version, lane->digest, step->readings, step->count, err) &&
	    jobs_extend(lane->store, job, LANE_LEASE_S, err) &&
	    (lane->task.kind != PLAN_TASK_CUT || jobs_release(lane->store, job, err));
}

struct added {
	const struct step *step;
	struct waiting cuts[RUNS_PER_STEP];
	size_t count;
};

static bool keep_added(const struct waiting *waiting, void *context)
{
	struct added *added = context;
	int i = run_index(added->step, waiting->run);
	if (i >= 0 && added->step->readings[i].row.waiting)
		added->cuts[added->count++] = *waiting;
	return added->count < RUNS_PER_STEP;
}

/* What the step left to be read, to the burst; the rest is done. */
static bool add_waiting(struct lane *lane, int64_t embryo_id, const struct step *step, struct err *err)
{
	struct added added = {.step = step};
	if (lane->task.kind == PLAN_TASK_CUT &&
	    !waiting_between(lane->store, embryo_id, step->runs[0], step->runs[step->count - 1], keep_added, &added, err))
		return false;
	for (size_t i = 0; i < added.count; i++)
		burst_add(lane->work->burst, &added.cuts[i], step->readings[run_index(step, added.cuts[i].run)].cut);
	lane->runs_done = (int64_t)(step->count - added.count);
	return true;
}

bool step_read(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err)
{
	OWN(step_free) struct step *step = calloc(1, sizeof *step);
	if (!step)
		return err_set(err, ERR_NO_MEMORY, "reading embryo %lld", (long long)job->subject);
	step->data.max = STEP_BYTES_MAX;
	size_t most = lane->task.count < RUNS_PER_STEP ? (size_t)lane->task.count : RUNS_PER_STEP;
	if (!frames_runs_unread(lane->store, job->subject, step->runs, most, &step->count, err))
		return false;
	if (step->count == 0)
		return finish(lane, job, ret_finished, err);
	if (!collect_planes(lane, job->subject, step, err) || !ask_reader(lane, step, err))
		return false;
	for (size_t i = 0; i < step->count; i++)
		step->readings[i] = reading_of(lane, step, i);
	if (!measure_motion(lane, job->subject, step, err) || !store_begin(lane->store, err))
		return false;
	if (!store_step(lane, job, step, err)) {
		store_rollback(lane->store);
		return false;
	}
	if (!store_commit(lane->store, err))
		return false;
	lane->gave_back = lane->task.kind == PLAN_TASK_CUT;
	return add_waiting(lane, job->subject, step, err);
}
