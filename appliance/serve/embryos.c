/* All about one embryo, for its page. */
#include "serve/handlers.h"

#include "model/grade.h"
#include "serve/cover.h"
#include "serve/runs.h"
#include "serve/shapes.h"
#include "serve/spoken.h"
#include "serve/stored.h"
#include "report/told.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/patients.h"
#include "store/readings.h"
#include "store/settings.h"

#include <string.h>

static bool add_sibling(const struct embryo *embryo, void *context)
{
	return json_array_append_new(context,
	    json_pack("{s:I, s:i}", "embryo", (json_int_t)embryo->id, "well", embryo->well)) == 0;
}

static bool add_reader(const struct reading_reader *reader, void *context)
{
	return json_array_append_new(context,
	    json_pack("{s:s, s:s, s:I}", "version", reader->version, "digest", reader->digest, "runs",
	        (json_int_t)reader->runs)) == 0;
}

/* The newest of a blastocyst, with the members that it had before there were others. */
static json_t *shape_grade(const json_t *grades)
{
	size_t index;
	json_t *grade;
	json_array_foreach(grades, index, grade)
		if (strcmp(json_text(grade, "stage", ""), grade_stage_name(GRADE_BLASTOCYST)) == 0)
			return json_pack("{s:O, s:O, s:O, s:O, s:O, s:O}", "expansion",
			    json_object_get(grade, "expansion"), "icm", json_object_get(grade, "icm"), "te",
			    json_object_get(grade, "te"), "gardner", json_object_get(grade, "text"), "author",
			    json_object_get(grade, "author"), "made", json_object_get(grade, "made"));
	return json_null();
}

/* Where the embryo belongs: dish, cycle, patient, siblings. */
static bool set_place(json_t *reply, struct store *store, const struct dish *dish, struct err *err)
{
	struct cycle cycle;
	struct patient patient;
	bool assigned = dish->cycle_id != 0;
	if (assigned && (!cycles_get(store, dish->cycle_id, &cycle, err) ||
	                    !patients_get(store, cycle.patient_id, &patient, err)))
		return false;
	json_t *siblings = json_array();
	json_object_set_new(reply, "dish", shape_dish(dish));
	json_object_set_new(reply, "cycle", assigned ? shape_cycle(&cycle) : json_null());
	json_object_set_new(reply, "patient", assigned ? shape_patient(&patient) : json_null());
	json_object_set_new(reply, "siblings", siblings);
	return embryos_each(store, dish->id, add_sibling, siblings, err);
}

static json_t *shape_rank(const json_t *ranking, int64_t embryo_id)
{
	const json_t *own = stored_rank_of(ranking, embryo_id), *entry;
	if (!own)
		return json_null();
	const json_t *rank = json_object_get(own, "rank"), *other;
	size_t index;
	int ranked = 0, shared = 0;
	json_array_foreach(ranking, index, entry) {
		other = json_object_get(entry, "rank");
		ranked += json_is_integer(other);
		shared += json_is_integer(other) && json_equal(other, rank);
	}
	return json_pack("{s:O, s:i, s:i, s:s, s:O}", "rank", rank, "of", ranked, "shared", shared, "class",
	    json_text(own, "class", ""), "reasons", json_object_get(own, "reasons"));
}

/* What the machine says, as far as this user may see it. */
static bool set_judgement(json_t *reply, struct call *call, const struct embryo *embryo, struct cover *ret_cover,
    struct err *err)
{
	OWN(json_decref) json_t *evaluation = NULL;
	OWN(json_decref) json_t *ranking = NULL;
	bool rank_covered;
	if (!stored_evaluation(call->store, embryo->id, &evaluation, err) ||
	    !stored_ranking(call->store, embryo->dish_id, &ranking, err) ||
	    !cover_of(call, embryo->id, evaluation, ret_cover, err) ||
	    !cover_ranks(call, embryo->dish_id, &rank_covered, err))
		return false;
	json_t *judged = cover_evaluation(evaluation, ret_cover, call->user.name);
	json_t *rank = rank_covered ? json_null() : shape_rank(ranking, embryo->id);
	spoken(call, judged);
	spoken(call, rank);
	json_object_set_new(reply, "evaluation", judged);
	json_object_set_new(reply, "rank", rank);
	json_object_set_new(reply, "covered", json_boolean(ret_cover->covered));
	json_object_set_new(reply, "rank_covered", json_boolean(rank_covered));
	json_object_set_new(reply, "second_reading",
	    ret_cover->blind ? json_pack("{s:o, s:o}", "since", json_utc(ret_cover->since_us), "shown", json_utc(ret_cover->shown_us))
	                     : json_null());
	return cover_note_shown(call, embryo->id, 0, err);
}

/* What people say. */
static bool set_words(json_t *reply, struct call *call, int64_t embryo_id, const struct cover *cover, struct err *err)
{
	OWN(json_decref) json_t *grades = NULL;
	OWN(json_decref) json_t *observations = NULL;
	OWN(json_decref) json_t *comments = NULL;
	OWN(json_decref) json_t *decisions = NULL;
	if (!told_grades(call->store, embryo_id, &grades, err) ||
	    !told_observations(call->store, embryo_id, &observations, err) ||
	    !told_comments(call->store, embryo_id, &comments, err) ||
	    !told_decisions(call->store, embryo_id, &decisions, err))
		return false;
	if (cover->covered)
		cover_words(grades, call->user.name);
	if (cover->blind) {
		cover_words(observations, call->user.name);
		cover_words(comments, call->user.name);
		json_array_clear(decisions);
	}
	json_object_set_new(reply, "grade", shape_grade(grades));
	json_object_set(reply, "grades", grades);
	json_object_set(reply, "observations", observations);
	json_object_set(reply, "comments", comments);
	json_object_set(reply, "decisions", decisions);
	return true;
}

/* What was taken and read, run by run. */
static bool set_runs(json_t *reply, struct call *call, int64_t embryo_id, const struct cover *cover, struct err *err)
{
	json_t *runs, *planes, *run, *readers = json_array();
	size_t index;
	json_object_set_new(reply, "readers", readers);
	if (!readings_readers_each(call->store, embryo_id, add_reader, readers, err) ||
	    !runs_json(call->store, embryo_id, &runs, &planes, err))
		return false;
	json_object_set_new(reply, "runs", runs);
	json_object_set_new(reply, "planes", planes);
	if (cover->blind)
		json_array_foreach(runs, index, run)
			cover_run(run);
	return true;
}

static bool set_pixel(json_t *reply, struct store *store, const struct dish *dish, struct err *err)
{
	int64_t nm;
	if (!settings_pixel_nm(store, dish->format, &nm, err))
		return false;
	json_object_set_new(reply, "pixel_um", nm ? json_real((double)nm / 1000) : json_null());
	return true;
}

bool get_embryo(struct call *call, struct err *err)
{
	struct store *store = call->store;
	struct embryo embryo;
	struct dish dish;
	struct cover cover;
	if (!embryos_get(store, call->numbers[0], &embryo, err) || !dishes_get(store, embryo.dish_id, &dish, err))
		return false;
	OWN(json_decref) json_t *reply =
	    json_pack("{s:I, s:i}", "embryo", (json_int_t)embryo.id, "well", embryo.well);
	if (!set_place(reply, store, &dish, err) || !set_judgement(reply, call, &embryo, &cover, err) ||
	    !set_words(reply, call, embryo.id, &cover, err) || !set_runs(reply, call, embryo.id, &cover, err) ||
	    !set_pixel(reply, store, &dish, err))
		return false;
	reply_json(call->request, 200, TAKE(reply));
	return true;
}
