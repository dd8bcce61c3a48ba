#include "work/lane.h"

#include "evaluation/rank.h"
#include "store/evaluations.h"
#include "store/rankings.h"

/* An embryo that is not evaluated yet ranks all dishes of its cycle again when it is; each job writes the row of its own dish. */
bool step_rank(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err)
{
	OWN(json_decref) json_t *siblings = NULL;
	OWN(json_decref) json_t *ranking = NULL;
	if (!evaluations_siblings(lane->store, job->subject, &siblings, err) ||
	    !rank_siblings(siblings, NULL, &ranking, err))
		return false;
	OWN(free) char *text = json_dumps(ranking, JSON_COMPACT);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "writing a ranking");
	if (!store_begin(lane->store, err))
		return false;
	if (!rankings_put(lane->store, job->subject, text, err) || !jobs_done(lane->store, job, err)) {
		store_rollback(lane->store);
		return false;
	}
	*ret_finished = true;
	return store_commit(lane->store, err);
}
