/* Cuts that wait for their reading, and what else is left to do.
 *
 * Cutting needs the frame and happens at home; reading needs the cut alone and may happen anywhere. readings_store puts
 * a cut that is to be read later with row.waiting; its run counts as unread until somebody answers. Any number of
 * lanes may read the same cut: the first answer is stored, the rest finds nothing waiting. A run that gains a plane is
 * cut again, and an answer to the cut before no longer counts. */
#pragma once

#include "store/readings.h"

struct waiting {
	int64_t dish_id, embryo_id;
	int run;
	int64_t cut_id; /* of this very cut: another cut of the run has another */
	int64_t since_us; /* when the job to read it was added */
};

/* All of them, in order of embryo, then run. */
bool waiting_each(struct store *store, bool (*each)(const struct waiting *waiting, void *context), void *context,
    struct err *err);
/* Those of one embryo between two runs, both included. */
bool waiting_between(struct store *store, int64_t embryo_id, int first_run, int last_run,
    bool (*each)(const struct waiting *waiting, void *context), void *context, struct err *err);
bool waiting_count(struct store *store, int64_t *ret_count, struct err *err);
/* Whether this cut still waits. */
bool waiting_find(struct store *store, const struct waiting *waiting, bool *ret_found, struct err *err);
/* Its pixels, if it does. Not found is not an error. */
bool waiting_read(struct store *store, const struct waiting *waiting, struct cut *ret_cut, bool *ret_found,
    struct err *err);

/* A cut that cannot be opened any more: its run is cut again. One that does not wait is left alone. */
bool waiting_cut_again(struct store *store, const struct waiting *waiting, struct err *err);

struct waiting_answer {
	struct waiting waiting;
	bool damaged; /* it kills every reader: set aside; the reading is void */
	struct reading reading;
};
/* Stores the answers to cuts of any embryos in one transaction, leaving out those that no longer wait. With the last
 * one of an embryo its reading job is queued, which ends as it does when all was read at once. version and digest
 * name the reader. count 1..LIMIT_READINGS_PER_COMMIT. ret_stored: how many counted. */
bool waiting_answer(struct store *store, const char *version, const char *digest, const struct waiting_answer *answers,
    size_t count, size_t *ret_stored, struct err *err);

/* A dish with time points that are not read. */
struct waiting_dish {
	int64_t id;
	int64_t decision_us; /* of its cycle; 0: none known */
	int64_t since_us;    /* when the oldest of its jobs to read was added; 0: none, all of it is cut */
	int priority;        /* the highest of its jobs to read; 0: none */
	int unread;          /* time points, those that are cut and wait included */
};
/* Embryos that could not be read for good are left out. In no order. */
bool waiting_dishes(struct store *store, bool (*each)(const struct waiting_dish *dish, void *context), void *context,
    struct err *err);
