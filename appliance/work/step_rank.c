#include "work/lane.h"

#include "base/limits.h"
#include "evaluation/rank.h"
#include "store/embryos.h"
#include "store/evaluations.h"
#include "store/rankings.h"

/* A single evaluation is some 30 kB of JSON. */
enum { EVALUATION_BYTES_MAX = 4 << 20 };

struct cohort {
	struct store *store;
	struct rank_entry entries[LIMIT_WELLS];
	json_t *evaluations[LIMIT_WELLS];
	size_t count;
	struct err *err;
	bool failed;
};

static void cohort_done_owned(struct cohort *cohort)
{
	for (size_t i = 0; i < cohort->count; i++)
		json_decref(cohort->evaluations[i]);
}

/* An embryo that is not evaluated yet ranks the dish again when it is. */
static bool add_embryo(const struct embryo *embryo, void *context)
{
	struct cohort *cohort = context;
	OWN(buf_done) struct buf text = BUF_INIT(EVALUATION_BYTES_MAX);
	json_t *evaluation = NULL;
	bool found;
	cohort->failed = !evaluations_get(cohort->store, embryo->id, &text, NULL, &found, cohort->err) ||
	    (found && !json_parse((const char *)text.data, text.size, &evaluation, cohort->err));
	if (evaluation) {
		cohort->evaluations[cohort->count] = evaluation;
		cohort->entries[cohort->count++] = (struct rank_entry){embryo->id, embryo->well, evaluation};
	}
	return !cohort->failed && cohort->count < LIMIT_WELLS;
}

bool step_rank(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err)
{
	__attribute__((cleanup(cohort_done_owned))) struct cohort cohort = {.store = lane->store, .err = err};
	OWN(json_decref) json_t *ranking = NULL;
	if (!embryos_each(lane->store, job->subject, add_embryo, &cohort, err) || cohort.failed ||
	    !rank_embryos(cohort.entries, cohort.count, NULL, &ranking, err))
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
