/* Inside work: what a lane holds, and the steps it knows. Included by this room only. */
#pragma once

#include "evaluation/evaluate.h"
#include "reading/reader.h"
#include "store/jobs.h"
#include "store/store.h"
#include "work/current.h"

#include <pthread.h>

struct work;

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
	int64_t runs_done; /* by the step just made */
};

/* One step of a job. It commits what it did; when nothing is left it ends the job in the transaction of its result and
 * sets *ret_finished. */
bool step_read(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err);
bool step_evaluate(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err);
bool step_rank(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err);
