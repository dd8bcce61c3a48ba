#include "work/lane.h"

#include "store/annotations.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/evaluations.h"
#include "store/grades.h"
#include "store/milestones.h"
#include "store/observations.h"
#include "store/tracks.h"

/* People say a few words on an embryo; 17 events, or as many kinds of observation, by a dozen readers is far beyond
 * them. */
enum { WORDS_MAX = 256 };

struct words {
	struct annotation annotations[WORDS_MAX];
	struct observation observations[WORDS_MAX];
	struct grade grade;
	struct told told;
};

static bool collect_annotation(const struct annotation *annotation, void *context)
{
	struct words *words = context;
	words->annotations[words->told.annotations_count++] = *annotation;
	return words->told.annotations_count < WORDS_MAX;
}

static bool collect_observation(const struct observation *observation, void *context)
{
	struct words *words = context;
	words->observations[words->told.observations_count++] = *observation;
	return words->told.observations_count < WORDS_MAX;
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

static bool collect_words(struct store *store, int64_t embryo_id, struct words *words, struct err *err)
{
	bool graded;
	if (!annotations_each(store, embryo_id, collect_annotation, words, err) ||
	    !observations_each(store, embryo_id, collect_observation, words, err) ||
	    !grades_get(store, embryo_id, &words->grade, &graded, err) ||
	    !method_of(store, embryo_id, &words->told.method, err))
		return false;
	words->told.annotations = words->annotations;
	words->told.observations = words->observations;
	/* An older program took grades without letters, which say too little. */
	words->told.grade = graded && gardner_check(&words->grade.gardner, NULL) ? &words->grade.gardner : NULL;
	return true;
}

static bool evaluate_embryo(struct lane *lane, int64_t embryo_id, struct evaluation **ret_evaluation, struct err *err)
{
	OWN(track_done) struct track track = {0};
	OWN(free) struct words *words = calloc(1, sizeof *words);
	if (!words)
		return err_set(err, ERR_NO_MEMORY, "evaluating");
	return tracks_load(lane->store, embryo_id, &track, err) &&
	    collect_words(lane->store, embryo_id, words, err) &&
	    evaluate(&track, &words->told, &lane->rules, ret_evaluation, err);
}

static bool put(struct store *store, const struct job *job, const char *text, const struct milestone *milestones,
    size_t milestones_count, struct err *err)
{
	return evaluations_put(store, job->subject, text, err) &&
	    milestones_put(store, job->subject, milestones, milestones_count, err) && jobs_done(store, job, err);
}

bool step_evaluate(struct lane *lane, const struct job *job, bool *ret_finished, struct err *err)
{
	OWN(evaluation_free) struct evaluation *evaluation = NULL;
	struct milestone milestones[STAGE_COUNT];
	if (!evaluate_embryo(lane, job->subject, &evaluation, err))
		return false;
	size_t milestones_count = evaluation_milestones(evaluation, milestones);
	OWN(json_decref) json_t *json = evaluation_json(evaluation);
	OWN(free) char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "writing an evaluation");
	if (!store_begin(lane->store, err))
		return false;
	if (!put(lane->store, job, text, milestones, milestones_count, err)) {
		store_rollback(lane->store);
		return false;
	}
	*ret_finished = true;
	return store_commit(lane->store, err);
}
