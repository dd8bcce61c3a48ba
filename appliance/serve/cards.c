#include "serve/cards.h"

#include "base/clock.h"
#include "evaluation/checks.h"
#include "serve/shapes.h"
#include "serve/spoken.h"
#include "store/decisions.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/frames.h"
#include "store/tracks.h"

/* A dish of which nothing has come for so long has left the incubator: its clock tells of nothing. */
static const int64_t GROWS_US = INT64_C(36) * 3600 * 1000000;

struct loader {
	struct call *call;
	struct cards *cards;
	struct err *err;
	bool failed;
};

void cards_done(struct cards *cards)
{
	for (size_t i = 0; i < cards->count; i++)
		json_decref(cards->of[i].glance);
}

static bool add_card(const struct embryo *embryo, void *context)
{
	struct loader *loader = context;
	struct call *call = loader->call;
	struct cards *cards = loader->cards;
	if (cards->count == LIMIT_WELLS)
		return false;
	struct card *card = &cards->of[cards->count];
	*card = (struct card){.embryo = *embryo};
	loader->failed = !glances_get(call->serve->glances, call->store, embryo->id, &card->glance, loader->err);
	if (loader->failed)
		return false;
	cards->count++;
	loader->failed = !cover_of(call, embryo->id, card->glance, &card->cover, loader->err);
	cards->covered |= !loader->failed && card->cover.covered;
	return !loader->failed;
}

bool cards_load(struct call *call, int64_t dish_id, struct cards *ret_cards, struct err *err)
{
	OWN(cards_done) struct cards cards = {0};
	struct loader loader = {.call = call, .cards = &cards, .err = err};
	if (!embryos_each(call->store, dish_id, add_card, &loader, err) || loader.failed ||
	    (!cards.covered && !cover_neighbours(call, dish_id, &cards.covered, err)))
		return false;
	*ret_cards = cards;
	cards.count = 0;
	return true;
}

const struct card *cards_find(const struct cards *cards, int64_t embryo_id)
{
	for (size_t i = 0; i < cards->count; i++)
		if (cards->of[i].embryo.id == embryo_id)
			return &cards->of[i];
	return NULL;
}

/* What is seen of it: the evaluation's word, the newest reading's until there is one; nothing by who reads blind. */
struct seen {
	const char *stage, *group, *decision;
	int64_t confidence;
};

static bool see(struct call *call, const struct card *card, struct seen *ret_seen, struct err *err)
{
	struct seen seen = {.stage = "", .group = ""};
	struct track_point point;
	enum decision_kind kind;
	bool read, decided;
	if (!tracks_latest(call->store, card->embryo.id, &point, &read, err) ||
	    !decisions_standing(call->store, card->embryo.id, &kind, &decided, err))
		return false;
	if (read) {
		seen.stage = stage_name(reading_top_stage(&point.reading));
		seen.group = stage_group_name(reading_top_group(&point.reading));
		seen.confidence = point.reading.confidence;
	}
	seen.decision = decided ? decision_name(kind) : NULL;
	seen.stage = json_text(card->glance, "stage", seen.stage);
	seen.group = json_text(card->glance, "stage_group", seen.group);
	seen.confidence = json_int(card->glance, "confidence", seen.confidence);
	*ret_seen = card->cover.blind ? (struct seen){.stage = "", .group = ""} : seen;
	return true;
}

static json_t *list_of(const json_t *object, const char *name, bool hidden)
{
	json_t *list = json_object_get(object, name);
	return list && !hidden ? json_incref(list) : json_array();
}

bool cards_embryo(struct call *call, const struct card *card, const json_t *rank, json_t **ret_object,
    struct err *err)
{
	struct frame_found frame;
	struct seen seen;
	if (!frames_latest(call->store, card->embryo.id, &frame, err) || !see(call, card, &seen, err))
		return false;
	const json_t *glance = card->glance;
	const struct cover *cover = &card->cover;
	json_t *number = json_object_get(rank, "rank");
	*ret_object = json_pack(
	    "{s:I, s:i, s:b, s:b, s:o, s:s, s:o, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:s?}", "embryo",
	    (json_int_t)card->embryo.id, "well", card->embryo.well, "covered", cover->covered, "graded",
	    cover->graded, "rank", number ? json_incref(number) : json_null(), "class", json_text(rank, "class", ""),
	    "reasons", list_of(rank, "reasons", false), "stage", seen.stage, "stage_group", seen.group, "confidence",
	    (json_int_t)seen.confidence, "flags", list_of(glance, "flags", cover->blind), "attention",
	    list_of(glance, "attention", cover->blind), "unsure", list_of(glance, "unsure", cover->blind),
	    "last_run", frame.found ? json_integer(frame.frame.run) : json_null(), "best_focal",
	    frame.found ? json_integer(frame.frame.focal_um) : json_null(), "decision", seen.decision);
	spoken(call, *ret_object);
	return *ret_object || err_set(err, ERR_NO_MEMORY, "writing a card");
}

static json_t *shape_due(const struct dish *dish, enum insemination method, int64_t latest_clock_s)
{
	struct check check;
	int64_t since_us = clock_now_us() - dish->latest_us;
	int64_t newest_s = time_since_insemination(latest_clock_s, dish->insemination_clock_s);
	if (newest_s == TIME_UNKNOWN || since_us < 0 || since_us > GROWS_US)
		return json_null();
	int64_t now_s = newest_s + since_us / 1000000;
	if (!checks_due(method, now_s, &check))
		return json_null();
	return json_pack("{s:s, s:I, s:I, s:I}", "check", check.name, "from_s", (json_int_t)check.from_s, "to_s",
	    (json_int_t)check.to_s, "now_s", (json_int_t)now_s);
}

bool cards_dish(struct call *call, const struct dish *dish, enum insemination method, json_t **ret_object,
    struct err *err)
{
	struct dish_progress progress;
	if (!dishes_progress(call->store, dish->id, &progress, err))
		return false;
	json_t *object = shape_dish(dish);
	json_object_set_new(object, "embryos_total", json_integer(progress.embryos));
	json_object_set_new(object, "progress",
	    json_pack("{s:i, s:i}", "runs_total", progress.runs_total, "runs_read", progress.runs_read));
	json_object_set_new(object, "latest", json_utc(dish->latest_us));
	json_object_set_new(object, "due", shape_due(dish, method, progress.latest_clock_s));
	*ret_object = object;
	return object || err_set(err, ERR_NO_MEMORY, "writing a card");
}
