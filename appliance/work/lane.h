/* Inside work: what work and its lanes share, what a lane holds, and the steps it knows. Included by this room only. */
#pragma once

#include "evaluation/evaluate.h"
#include "reading/reader.h"
#include "store/jobs.h"
#include "store/store.h"
#include "work/burst.h"
#include "work/current.h"
#include "work/rate.h"
#include "work/work.h"

#include <pthread.h>

enum {
	/* A step lasts a second or two; a lane that has not finished one in this time is dead or its machine was. */
	LANE_LEASE_S = 120,
};

/* One thread's tools; nothing in it is shared but the rules, which nobody writes, and work, which has a lock. */
struct lane {
	struct work *work;
	pthread_t thread;
	struct store *store;
	struct reader *reader; /* NULL while there is no model to read with; then only other jobs are taken */
	int model_serial;      /* of the model that reader has, or of the state without one */
	int64_t retry_us;      /* when to try again without one */
	char version[MODEL_LABEL_SIZE];          /* the model's label and the reader's digest: */
	char digest[2 * CRYPTO_DIGEST_SIZE + 1]; /* stored with every reading */
	struct rules rules;
	struct burst_task task; /* what the step in hand is for */
	struct job held;       /* the job to read that it took last and has not ended; id 0: none */
	int64_t held_dish_id;  /* that it was taken for */
	int64_t runs_done;     /* by the step just made; */
	bool gave_back;        /* which has given its job back */
};

struct work {
	struct work_options options;
	struct current *current;
	struct profiles *profiles;
	struct priors *priors;
	struct cloud *cloud; /* NULL: none */
	struct burst *burst;
	struct cloud_slots *slots; /* NULL without a cloud, as is: */
	struct outlook *outlook;
	int lanes_count; /* started ones */
	struct lane lanes[WORK_LANES_MAX];

	pthread_mutex_t lock; /* guards the rest */
	bool stopping;
	int64_t runs_done;
	struct rate rate;
	struct err problem; /* why the last lane that tried cannot read; without detail: it can */
};

bool work_stopping(struct work *work);
void work_count_runs(struct work *work, int64_t runs);

/* Starts the lane's thread. On failure nothing is left of it. */
bool lane_start(struct work *work, struct lane *lane, struct err *err);
/* After work_stopping has become true: waits for the step in hand. */
void lane_stop(struct lane *lane);
/* Has the lane's reader started with the current model. */
bool lane_start_reader(struct lane *lane, struct err *err);

/* One step of a job. It commits what it did; when nothing is left it ends the job in the transaction of its result and
 * sets *ret_finished. A step of reading does what lane->task says and renews the lease, or gives the job back. */
bool step_read(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err);
bool step_evaluate(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err);
bool step_rank(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err);
/* Reads the cuts of a flight and stores what still waits, until somebody else has answered all of it. */
bool step_waiting(struct lane *lane, const struct flight *flight, struct err *err);
