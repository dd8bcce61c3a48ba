/* All about one embryo, for its page. */
#include "serve/handlers.h"

#include "serve/runs.h"
#include "serve/shapes.h"
#include "serve/stored.h"
#include "store/cycles.h"
#include "store/decisions.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/grades.h"
#include "store/patients.h"
#include "store/readings.h"

#include <stdio.h>

static bool add_sibling(const struct embryo *embryo, void *context)
{
	return json_array_append_new(context,
	    json_pack("{s:I, s:i}", "embryo", (json_int_t)embryo->id, "well", embryo->well)) == 0;
}

static bool add_decision(const struct decision *decision, void *context)
{
	return json_array_append_new(context,
	    json_pack("{s:s, s:s, s:s, s:o}", "decision", decision_name(decision->kind), "reason",
	        decision->reason, "author", decision->author, "made", json_utc(decision->made_us))) == 0;
}

static bool add_reader(const struct reading_reader *reader, void *context)
{
	return json_array_append_new(context,
	    json_pack("{s:s, s:s, s:I}", "version", reader->version, "digest", reader->digest, "runs",
	        (json_int_t)reader->runs)) == 0;
}

static json_t *shape_letter(char letter)
{
	return letter ? json_stringn(&letter, 1) : json_null();
}

static json_t *shape_grade(const struct grade *grade)
{
	const struct gardner *gardner = &grade->gardner;
	char text[8];
	snprintf(text, sizeof text, "%d%c%c", gardner->expansion, gardner->icm ? gardner->icm : '-',
	    gardner->te ? gardner->te : '-');
	return json_pack("{s:i, s:o, s:o, s:s, s:s, s:o}", "expansion", gardner->expansion, "icm",
	    shape_letter(gardner->icm), "te", shape_letter(gardner->te), "gardner", text, "author", grade->author,
	    "made", json_utc(grade->made_us));
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

static bool set_judgement(json_t *reply, struct store *store, const struct embryo *embryo, struct err *err)
{
	json_t *evaluation = NULL;
	OWN(json_decref) json_t *ranking = NULL;
	struct grade grade;
	bool graded;
	if (!stored_evaluation(store, embryo->id, &evaluation, err))
		return false;
	json_object_set_new(reply, "evaluation", evaluation);
	if (!stored_ranking(store, embryo->dish_id, &ranking, err) ||
	    !grades_get(store, embryo->id, &grade, &graded, err))
		return false;
	json_t *decisions = json_array();
	json_object_set_new(reply, "rank", shape_rank(ranking, embryo->id));
	json_object_set_new(reply, "grade", graded ? shape_grade(&grade) : json_null());
	json_object_set_new(reply, "decisions", decisions);
	return decisions_each(store, embryo->id, add_decision, decisions, err);
}

bool get_embryo(struct call *call, struct err *err)
{
	struct store *store = call->store;
	struct embryo embryo;
	struct dish dish;
	if (!embryos_get(store, call->numbers[0], &embryo, err) || !dishes_get(store, embryo.dish_id, &dish, err))
		return false;
	json_t *runs, *planes, *readers = json_array();
	OWN(json_decref) json_t *reply =
	    json_pack("{s:I, s:i}", "embryo", (json_int_t)embryo.id, "well", embryo.well);
	json_object_set_new(reply, "readers", readers);
	if (!set_place(reply, store, &dish, err) || !set_judgement(reply, store, &embryo, err) ||
	    !readings_readers_each(store, embryo.id, add_reader, readers, err) ||
	    !runs_json(store, embryo.id, &runs, &planes, err))
		return false;
	json_object_set_new(reply, "runs", runs);
	json_object_set_new(reply, "planes", planes);
	reply_json(call->request, 200, TAKE(reply));
	return true;
}
