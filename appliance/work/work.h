/* The work of a box: jobs in small resumable steps, taken from the store by lanes.
 *
 * A lane at home is one thread with its own store connection and its own sandboxed reader process. It takes a job,
 * does steps of it until nothing is left or something else is more urgent, and gives it back done or failed:
 *
 *   read      an embryo: the next runs without a reading are cut and read, one batch a step; then those that
 *             another reader had read, so that one reader has read them all
 *   evaluate  an embryo: its track becomes events, flags, profiles, grades
 *   rank      a dish: its embryos' evaluations become a ranking
 *
 * What is read next, and where, the planner says (work/plan.h, work/burst.h): when the lab's decision hour would be
 * missed, some time points are only cut at home and their cuts are read by cloud slots (work/cloud_slot.h). Without a
 * cloud there are none of these, and the rest is the same.
 *
 * Every step commits what it did, so that a crash costs one batch. A batch that kills the reader is tried again
 * frame by frame; the time point that kills it a second time is set aside with a sentence.
 *
 * All lanes read with the current model of the box (models/models.h) and take up another before their next job. Without
 * one that can be trusted nothing is read; the other jobs go on, and work_status says why. */
#pragma once

#include "base/err.h"
#include "base/own.h"

#include <stdint.h>

/* The texts are to outlive the work. */
struct work_options {
	const char *store_folder;
	const char *reader_program;
	const char *profiles_folder;
	int lanes; /* 1..WORK_LANES_MAX; 0: one per core */
	bool daemon; /* which model is read with, or why none, goes to the log, and the plan to the store */
	const char *cloud;       /* cloud.json (wire/cloud.h); NULL or "": all is read at home */
	const char *sync_socket; /* the agent's; needed with a cloud */
};

enum { WORK_LANES_MAX = 64 };

/* Safe to ask from any thread. */
struct work_status {
	int64_t runs_done;      /* time points read since the start */
	double runs_per_minute; /* over the last minute */
	char problem[ERR_DETAIL_MAX]; /* why nothing can be read now; "" when all is well */
};

struct work;

/* Starts the lanes; they run until work_stop, which waits for the step in hand. */
bool work_start(const struct work_options *options, struct work **ret_work, struct err *err);
void work_stop(struct work *work);
OWN_DEFINE(struct work *, work_stop)
void work_status(struct work *work, struct work_status *ret_status);

/* Queues the reading of every embryo that another reader than the current one has read, behind all other work. */
bool work_reread(const struct work_options *options, int64_t *ret_embryos, struct err *err);

/* Runs all that is pending and returns when nothing is left; progress (may be NULL) is told the time points read
 * and to read, about four times a second. False when a job failed for good: err says which first; or when only
 * reading is left and nothing can be read. */
bool work_run_all(const struct work_options *options, void (*progress)(int64_t done, int64_t total, void *context),
    void *context, struct err *err);
