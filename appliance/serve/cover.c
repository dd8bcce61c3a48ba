#include "serve/cover.h"

#include "serve/shapes.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/grades.h"
#include "store/second_readings.h"
#include "store/settings.h"

#include <string.h>

static bool needs_no_grade(const json_t *judged)
{
	return strcmp(json_text(judged, "stage", ""), stage_name(STAGE_EMPTY)) == 0;
}

bool cover_of(struct call *call, int64_t embryo_id, const json_t *judged, struct cover *ret_cover, struct err *err)
{
	struct cover cover = {0};
	bool on;
	struct second_reading reading;
	if (!second_readings_open(call->store, embryo_id, call->user.id, &reading, err) ||
	    !grades_given(call->store, embryo_id, call->user.id, &cover.graded, err) ||
	    !settings_score_after_grade(call->store, &on, err))
		return false;
	cover.since_us = reading.begun_us;
	cover.shown_us = reading.shown_us;
	cover.blind = cover.since_us != 0;
	bool asked = on && call->user.role >= ROLE_EMBRYOLOGIST && !cover.graded && !needs_no_grade(judged);
	cover.covered = cover.blind || asked;
	*ret_cover = cover;
	return true;
}

bool cover_note_shown(struct call *call, int64_t embryo_id, int64_t cycle_id, struct err *err)
{
	return call->user.role < ROLE_EMBRYOLOGIST ||
	    second_readings_note_shown(call->store, call->user.id, embryo_id, cycle_id, err);
}

struct looking {
	struct call *call;
	int64_t dish_id; /* looked at already */
	bool covered, failed;
	struct err *err;
};

static bool look_at(const struct embryo *embryo, void *context)
{
	struct looking *looking = context;
	struct call *call = looking->call;
	OWN(json_decref) json_t *glance = NULL;
	struct cover cover;
	looking->failed = !glances_get(call->serve->glances, call->store, embryo->id, &glance, looking->err) ||
	    !cover_of(call, embryo->id, glance, &cover, looking->err);
	looking->covered = !looking->failed && cover.covered;
	return !looking->failed && !looking->covered;
}

static bool look_at_neighbour(const struct dish *dish, void *context)
{
	struct looking *looking = context;
	if (dish->id == looking->dish_id)
		return true;
	looking->failed |= !embryos_each(looking->call->store, dish->id, look_at, looking, looking->err);
	return !looking->failed && !looking->covered;
}

bool cover_neighbours(struct call *call, int64_t dish_id, bool *ret_covered, struct err *err)
{
	struct looking looking = {.call = call, .err = err, .dish_id = dish_id};
	struct dish dish;
	if (!dishes_get(call->store, dish_id, &dish, err) ||
	    (dish.cycle_id && !dishes_each(call->store, dish.cycle_id, look_at_neighbour, &looking, err)) || looking.failed)
		return false;
	*ret_covered = looking.covered;
	return true;
}

bool cover_ranks(struct call *call, int64_t dish_id, bool *ret_covered, struct err *err)
{
	struct looking looking = {.call = call, .err = err};
	if (!embryos_each(call->store, dish_id, look_at, &looking, err) || looking.failed)
		return false;
	*ret_covered = looking.covered;
	return looking.covered || cover_neighbours(call, dish_id, ret_covered, err);
}

bool cover_is_blind(struct store *store, int64_t user_id, int64_t embryo_id, bool *ret_blind, struct err *err)
{
	int64_t since_us;
	if (!second_readings_since(store, embryo_id, user_id, &since_us, err))
		return false;
	*ret_blind = since_us != 0;
	return true;
}

bool cover_embryo_free(struct store *store, int64_t user_id, int64_t embryo_id, struct err *err)
{
	bool blind;
	if (!cover_is_blind(store, user_id, embryo_id, &blind, err))
		return false;
	return !blind || err_set(err, ERR_CONFLICT, "end your second reading of this embryo first");
}

struct refusing {
	struct store *store;
	int64_t user_id;
	bool ok;
	struct err *err;
};

static bool refuse_embryo(const struct embryo *embryo, void *context)
{
	struct refusing *refusing = context;
	refusing->ok = cover_embryo_free(refusing->store, refusing->user_id, embryo->id, refusing->err);
	return refusing->ok;
}

static bool refuse_dish(const struct dish *dish, void *context)
{
	struct refusing *refusing = context;
	refusing->ok =
	    embryos_each(refusing->store, dish->id, refuse_embryo, refusing, refusing->err) && refusing->ok;
	return refusing->ok;
}

bool cover_cycle_free(struct call *call, int64_t cycle_id, struct err *err)
{
	struct refusing refusing = {.store = call->store, .user_id = call->user.id, .ok = true, .err = err};
	return dishes_each(call->store, cycle_id, refuse_dish, &refusing, err) && refusing.ok;
}

static json_t *nothing_of(const char *state)
{
	return json_pack("{s:s}", "state", state);
}

/* Of an event only the own mark; it is the one used. */
static json_t *blind_event(const json_t *event, const char *own)
{
	json_t *used = json_null(), *marks = json_array(), *mark;
	size_t index;
	json_array_foreach(json_object_get(event, "human"), index, mark) {
		if (strcmp(json_text(mark, "author", ""), own) != 0)
			continue;
		json_array_append(marks, mark);
		if (json_bool(mark, "absent", false))
			continue;
		json_decref(used);
		used = json_pack("{s:s, s:O?, s:O?}", "source", "human", "run", json_object_get(mark, "run"),
		    "time_s", json_object_get(mark, "time_s"));
	}
	return json_pack("{s:O?, s:n, s:o, s:o, s:s, s:n, s:O?}", "event", json_object_get(event, "event"),
	    "automatic", "human", marks, "used", used, "plausibility", "unknown", "missing", "reference_s",
	    json_object_get(event, "reference_s"));
}

/* What stays is named, so that what evaluation learns to say later is hidden too. */
static json_t *blind_evaluation(const json_t *evaluation, const char *own)
{
	static const char *const stay[] = {"engine", "priors", "method", "points", "read", "timing"};
	json_t *events = json_array(), *event;
	size_t index;
	json_array_foreach(json_object_get(evaluation, "events"), index, event)
		json_array_append_new(events, blind_event(event, own));
	json_t *left = json_pack("{s:s, s:s, s:i, s:o, s:[], s:[], s:[], s:[], s:n, s:o}", "stage", "",
	    "stage_group", "", "empty", 0, "events", events, "intervals", "flags", "profiles", "anomalies", "cells",
	    "grade", nothing_of("covered"));
	for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
		json_object_set(left, stay[i], json_object_get(evaluation, stay[i]));
	return left;
}

json_t *cover_evaluation(const json_t *evaluation, const struct cover *cover, const char *own)
{
	if (json_is_object(evaluation) && cover->blind)
		return blind_evaluation(evaluation, own);
	json_t *left = json_copy((json_t *)(uintptr_t)evaluation);
	if (!json_is_object(evaluation) || !cover->covered)
		return left;
	json_object_set_new(left, "profiles", json_array());
	json_object_set_new(left, "grade", nothing_of("covered"));
	return left;
}

void cover_run(json_t *run)
{
	shape_reading(run, NULL, 0);
}

void cover_words(json_t *words, const char *own)
{
	for (size_t i = json_array_size(words); i-- > 0;)
		if (strcmp(json_text(json_array_get(words, i), "author", ""), own) != 0)
			json_array_remove(words, i);
}
