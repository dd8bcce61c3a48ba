/* The embryos of a cycle side by side: in their wells, ranked with or without one of the profiles, with what decided. */
#include "base/clock.h"
#include "evaluation/rank.h"
#include "report/told.h"
#include "serve/cards.h"
#include "serve/handlers.h"
#include "serve/shapes.h"
#include "serve/spoken.h"
#include "serve/stored.h"
#include "store/changes.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/evaluations.h"
#include "store/grades.h"
#include "store/patients.h"

#include <string.h>

struct cohort {
	struct call *call;
	struct err *err;
	bool failed;
	const char *profile; /* NULL: none takes part */
	json_t *ranking;     /* with it, of the cycle; owned */
	enum insemination method;
	json_t *dishes;
};

static json_t *optional(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

/* The time in use of each event that has one. */
static json_t *events_of(const json_t *evaluation)
{
	json_t *list = json_array();
	size_t index;
	const json_t *event;
	json_array_foreach(json_object_get(evaluation, "events"), index, event) {
		json_t *used = json_object_get(event, "used");
		if (json_is_object(used))
			json_array_append_new(list,
			    json_pack("{s:O, s:O, s:O, s:O}", "event", json_object_get(event, "event"), "time_s",
			        json_object_get(used, "time_s"), "run", json_object_get(used, "run"), "source",
			        json_object_get(used, "source")));
	}
	return list;
}

static json_t *profiles_of(const json_t *evaluation)
{
	json_t *list = json_array();
	size_t index;
	const json_t *profile;
	json_array_foreach(json_object_get(evaluation, "profiles"), index, profile)
		json_array_append_new(list,
		    json_pack("{s:O, s:O, s:o, s:o}", "id", json_object_get(profile, "id"), "state",
		        json_object_get(profile, "state"), "value", optional(json_object_get(profile, "value")), "reason",
		        optional(json_object_get(profile, "reason"))));
	return list;
}

static bool first_grade(const struct grade *grade, void *context)
{
	grade_format(context, grade);
	return false;
}

/* What the cohort shows beside the board's members. */
static bool add_judgement(struct cohort *cohort, const struct card *card, const json_t *evaluation, json_t *object)
{
	struct store *store = cohort->call->store;
	int64_t id = card->embryo.id;
	char grade[GRADE_TEXT_SIZE] = "";
	OWN(json_decref) json_t *decisions = NULL;
	OWN(json_decref) json_t *shown = cover_evaluation(evaluation, &card->cover, cohort->call->user.name);
	/* covered: no grade of the own, and those of others would tell */
	if ((!card->cover.covered && !grades_each(store, id, first_grade, grade, cohort->err)) ||
	    (!card->cover.blind && !told_decisions(store, id, &decisions, cohort->err)))
		return false;
	json_object_set_new(object, "last_time_s", optional(json_object_get(shown, "last_time_s")));
	json_object_set_new(object, "events", events_of(shown));
	json_t *profiles = profiles_of(shown);
	spoken(cohort->call, profiles);
	json_object_set_new(object, "profiles", profiles);
	json_object_set_new(object, "grade", grade[0] ? json_string(grade) : json_null());
	json_object_set_new(object, "decision", optional(json_array_get(decisions, 0)));
	return true;
}

/* With a profile, the whole cycle is ranked here, once for all its dishes. */
static bool rank_dish(struct cohort *cohort, const struct cards *cards, int64_t dish_id, json_t **ret_ranking)
{
	struct store *store = cohort->call->store;
	OWN(json_decref) json_t *siblings = NULL;
	if (cards->covered) {
		*ret_ranking = json_array();
		return true;
	}
	if (!cohort->profile)
		return stored_ranking(store, dish_id, ret_ranking, cohort->err);
	if (!cohort->ranking &&
	    (!evaluations_siblings(store, dish_id, &siblings, cohort->err) ||
	        !rank_siblings(siblings, cohort->profile, &cohort->ranking, cohort->err)))
		return false;
	*ret_ranking = json_incref(cohort->ranking);
	return true;
}

static bool list_embryos(struct cohort *cohort, int64_t dish_id, json_t *list)
{
	OWN(cards_done) struct cards cards = {0};
	OWN(json_decref) json_t *evaluations = json_array();
	OWN(json_decref) json_t *ranking = NULL;
	if (!cards_load(cohort->call, dish_id, &cards, cohort->err))
		return false;
	for (size_t i = 0; i < cards.count; i++) {
		json_t *evaluation;
		if (!stored_evaluation(cohort->call->store, cards.of[i].embryo.id, &evaluation, cohort->err))
			return false;
		json_array_append_new(evaluations, evaluation);
	}
	if (!rank_dish(cohort, &cards, dish_id, &ranking))
		return false;
	for (size_t i = 0; i < cards.count; i++) {
		const struct card *card = &cards.of[i];
		json_t *object;
		if (!cards_embryo(cohort->call, card, stored_rank_of(ranking, card->embryo.id), &object, cohort->err))
			return false;
		json_array_append_new(list, object);
		if (!add_judgement(cohort, card, json_array_get(evaluations, i), object))
			return false;
	}
	return true;
}

static bool add_dish(const struct dish *dish, void *context)
{
	struct cohort *cohort = context;
	json_t *object, *list = json_array();
	cohort->failed = !cards_dish(cohort->call, dish, cohort->method, &object, cohort->err);
	if (cohort->failed) {
		json_decref(list);
		return false;
	}
	json_object_set_new(object, "embryos", list);
	json_array_append_new(cohort->dishes, object);
	cohort->failed = !list_embryos(cohort, dish->id, list);
	return !cohort->failed;
}

/* The profiles there are, as GET /api/profiles tells them. */
static bool set_profiles(struct call *call, json_t *reply, struct err *err)
{
	OWN(json_decref) json_t *all = NULL;
	const char *text = call->serve->profiles;
	if (!json_parse(text, strlen(text), &all, err))
		return false;
	json_object_set(reply, "profiles", json_object_get(all, "profiles"));
	return true;
}

bool get_cycle(struct call *call, struct err *err)
{
	struct cycle cycle;
	struct patient patient;
	int64_t seq;
	if (!changes_last(call->store, &seq, err) || !cycles_get(call->store, call->numbers[0], &cycle, err) ||
	    !patients_get(call->store, cycle.patient_id, &patient, err))
		return false;
	OWN(json_decref) json_t *reply = shape_cycle(&cycle);
	struct cohort cohort = {.call = call, .err = err, .method = cycle.method, .dishes = json_array(),
	    .profile = request_query(call->request, "profile")};
	json_object_set_new(reply, "dishes", cohort.dishes);
	json_object_set_new(reply, "seq", json_integer(seq));
	json_object_set_new(reply, "now", json_utc(clock_now_us()));
	json_object_set_new(reply, "patient", shape_patient(&patient));
	bool listed = dishes_each(call->store, cycle.id, add_dish, &cohort, err) && !cohort.failed;
	json_decref(cohort.ranking);
	if (!listed || !set_profiles(call, reply, err) || !cover_note_shown(call, 0, cycle.id, err))
		return false;
	reply_json(call->request, 200, TAKE(reply));
	return true;
}
