#include "work/lane.h"

#include "store/annotations.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/evaluations.h"
#include "store/grades.h"
#include "store/tracks.h"

/* People say a few words on an embryo; 17 events by a dozen readers is far beyond them. */
enum { ANNOTATIONS_MAX = 256 };

struct words {
	struct annotation list[ANNOTATIONS_MAX];
	size_t count;
};

static bool collect_word(const struct annotation *annotation, void *context)
{
	struct words *words = context;
	words->list[words->count++] = *annotation;
	return words->count < ANNOTATIONS_MAX;
}

/* ICSI or IVF is a fact of the cycle; a dish in the inbox has none. */
static bool method_of(struct store *store, int64_t embryo_id, enum insemination *ret_method, struct err *err)
{
	struct embryo embryo;
	struct dish dish;
	struct cycle cycle = {.method = INSEMINATION_UNKNOWN};
	if (!embryos_get(store, embryo_id, &embryo, err) || !dishes_get(store, embryo.dish_id, &dish, err) ||
	    (dish.cycle_id && !cycles_get(store, dish.cycle_id, &cycle, err)))
		return false;
	*ret_method = cycle.method;
	return true;
}

static bool evaluate_embryo(struct lane *lane, int64_t embryo_id, json_t **ret_json, struct err *err)
{
	OWN(track_done) struct track track = {0};
	OWN(free) struct words *words = calloc(1, sizeof *words);
	OWN(evaluation_free) struct evaluation *evaluation = NULL;
	struct grade grade;
	bool graded;
	enum insemination method;
	if (!words)
		return err_set(err, ERR_NO_MEMORY, "evaluating");
	if (!tracks_load(lane->store, embryo_id, &track, err) ||
	    !annotations_each(lane->store, embryo_id, collect_word, words, err) ||
	    !grades_get(lane->store, embryo_id, &grade, &graded, err) ||
	    !method_of(lane->store, embryo_id, &method, err) ||
	    !evaluate(&track, words->list, words->count, graded ? &grade.gardner : NULL, method, &lane->rules,
		&evaluation, err))
		return false;
	*ret_json = evaluation_json(evaluation);
	return *ret_json || err_set(err, ERR_NO_MEMORY, "writing an evaluation");
}

bool step_evaluate(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err)
{
	OWN(json_decref) json_t *json = NULL;
	if (!evaluate_embryo(lane, job->subject, &json, err))
		return false;
	OWN(free) char *text = json_dumps(json, JSON_COMPACT);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "writing an evaluation");
	if (!store_begin(lane->store, err))
		return false;
	if (!evaluations_put(lane->store, job->subject, text, err) || !jobs_done(lane->store, job, err)) {
		store_rollback(lane->store);
		return false;
	}
	*ret_finished = true;
	return store_commit(lane->store, err);
}
