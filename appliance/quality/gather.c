#include "quality/gather.h"

#include "base/json.h"
#include "base/text.h"
#include "store/annotations.h"
#include "store/cycles.h"
#include "store/decisions.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/evaluations.h"
#include "store/grades.h"
#include "store/milestones.h"
#include "store/observations.h"
#include "store/readings.h"
#include "store/second_readings.h"

#include <string.h>

enum {
	WORDS_MAX = 256,                /* of one kind on one embryo: a dozen people with 17 events each */
	EVALUATION_MAX = 4 << 20,       /* 20 profiles take 200 kB */
	RECORD_WANTED_S = 114 * 3600,   /* no check looks further back from later events */
};

struct gathering {
	struct store *store;
	const struct period *period;
	int64_t asker_id;
	bool (*each)(const struct gathered *gathered, void *context);
	void *context;
	struct err *err;
	bool failed, stopped;
	const struct dish *dish;
	enum insemination method;
	struct gathered now;
	struct annotation annotations[WORDS_MAX];
	struct grade grades[WORDS_MAX];
	struct observation observations[WORDS_MAX];
	struct milestone milestones[STAGE_COUNT];
};

static bool keep_annotation(const struct annotation *annotation, void *context)
{
	struct gathering *g = context;
	g->annotations[g->now.words.annotations_count++] = *annotation;
	return g->now.words.annotations_count < WORDS_MAX;
}

static bool keep_grade(const struct grade *grade, void *context)
{
	struct gathering *g = context;
	g->grades[g->now.words.grades_count++] = *grade;
	return g->now.words.grades_count < WORDS_MAX;
}

static bool keep_observation(const struct observation *observation, void *context)
{
	struct gathering *g = context;
	g->observations[g->now.words.observations_count++] = *observation;
	return g->now.words.observations_count < WORDS_MAX;
}

static bool keep_milestone(const struct milestone *milestone, void *context)
{
	struct gathering *g = context;
	g->milestones[g->now.words.milestones_count++] = *milestone;
	return g->now.words.milestones_count < STAGE_COUNT;
}

static void set_events(struct gathering *g)
{
	struct subject *subject = &g->now.subject;
	for (int j = 0; j < STAGE_COUNT; j++)
		subject->events[j].used_s = subject->events[j].automatic_s = TIME_UNKNOWN;
	for (size_t i = 0; i < g->now.words.milestones_count; i++) {
		const struct milestone *milestone = &g->milestones[i];
		subject->events[milestone->event].used_s = milestone->used_s;
		subject->events[milestone->event].automatic_s = milestone->automatic_s;
		subject->events[milestone->event].source = milestone->source;
	}
	/* In order of making, so the newest word stays. */
	for (size_t i = 0; i < g->now.words.annotations_count; i++)
		subject->events[g->annotations[i].event].absent = g->annotations[i].absent;
}

static void set_sac(struct subject *subject, const struct observation *observation)
{
	bool yes = strcmp(observation->value, "yes") == 0;
	switch (observation->kind) {
	case OBSERVATION_SAC:
		subject->sac = yes ? KNOWN_YES : KNOWN_NO;
		break;
	case OBSERVATION_SACS:
		subject->sac = strcmp(observation->value, "0") == 0 ? KNOWN_NO : KNOWN_YES;
		break;
	case OBSERVATION_HCG: /* without it there is no sac; with it there may be one */
		if (!yes && subject->sac == KNOWN_NOT)
			subject->sac = KNOWN_NO;
		break;
	case OBSERVATION_HEARTBEAT:
	case OBSERVATION_LIVE_BIRTH: /* only one way: a heart that does not beat may have had a sac */
		if (yes)
			subject->sac = KNOWN_YES;
		break;
	default:
		break;
	}
}

static void set_words(struct gathering *g)
{
	struct subject *subject = &g->now.subject;
	for (size_t i = 0; i < g->now.words.observations_count; i++) {
		const struct observation *observation = &g->observations[i];
		set_sac(subject, observation);
		if (observation->kind == OBSERVATION_PRONUCLEI)
			text_copy(subject->pronuclei, sizeof subject->pronuclei, observation->value);
	}
	for (size_t i = g->now.words.grades_count; i-- > 0;) { /* newest first, so the newest stays */
		subject->graded = subject->graded || g->grades[i].stage == GRADE_BLASTOCYST;
		if (g->grades[i].stage == GRADE_BLASTOCYST)
			subject->grade = g->grades[i].gardner;
	}
	subject->seen = g->now.words.milestones_count || g->now.words.annotations_count || g->now.words.observations_count ||
	    g->now.words.grades_count;
}

static bool set_fate(struct store *store, struct subject *subject, struct err *err)
{
	enum decision_kind kind;
	bool found;
	if (!decisions_standing(store, subject->embryo_id, &kind, &found, err))
		return false;
	if (found && kind == DECISION_TRANSFER)
		subject->fate = FATE_TRANSFER;
	else if (found && (kind == DECISION_FREEZE || kind == DECISION_BIOPSY))
		subject->fate = FATE_KEPT;
	else if (found && kind == DECISION_DISCARD)
		subject->fate = FATE_DISCARD;
	return true;
}

/* When the embryo was last in sight. A late event says enough; else the evaluation knows, in a long text. */
static bool set_last(struct store *store, struct subject *subject, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(EVALUATION_MAX);
	OWN(json_decref) json_t *evaluation = NULL;
	bool found;
	subject->last_s = TIME_UNKNOWN;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		if (subject->events[j].used_s > subject->last_s)
			subject->last_s = subject->events[j].used_s;
	if (!subject->timed || !subject->seen || subject->last_s >= RECORD_WANTED_S)
		return true;
	if (!evaluations_get(store, subject->embryo_id, &text, NULL, &found, err) ||
	    (found && !json_parse(buf_text(&text), text.size, &evaluation, err)))
		return false;
	const json_t *last = json_object_get(evaluation, "last_time_s");
	if (json_is_integer(last))
		subject->last_s = json_integer_value(last);
	return true;
}

static bool gather_words(struct gathering *g, int64_t embryo_id, struct err *err)
{
	return milestones_each(g->store, embryo_id, keep_milestone, g, err) &&
	    annotations_each(g->store, embryo_id, keep_annotation, g, err) &&
	    grades_each(g->store, embryo_id, keep_grade, g, err) &&
	    observations_each(g->store, embryo_id, keep_observation, g, err);
}

static bool gather_embryo(const struct embryo *embryo, void *context)
{
	struct gathering *g = context;
	struct subject *subject = &g->now.subject;
	g->now = (struct gathered){.subject = {.embryo_id = embryo->id, .well = embryo->well, .dish_id = g->dish->id,
	                               .cycle_id = g->dish->cycle_id, .month = period_month(g->dish->imported_us),
	                               .method = g->method, .timed = g->dish->insemination_clock_s != TIME_UNKNOWN},
	    .words = {.annotations = g->annotations, .grades = g->grades, .observations = g->observations,
	        .milestones = g->milestones}};
	int64_t blind_since_us = 0;
	g->failed = g->asker_id && !second_readings_since(g->store, embryo->id, g->asker_id, &blind_since_us, g->err);
	if (!g->failed && blind_since_us)
		return true;
	g->failed = g->failed || !gather_words(g, embryo->id, g->err);
	if (g->failed)
		return false;
	set_events(g);
	set_words(g);
	g->failed = !set_fate(g->store, subject, g->err) || !set_last(g->store, subject, g->err);
	g->stopped = !g->failed && !g->each(&g->now, g->context);
	return !g->failed && !g->stopped;
}

static bool gather_dish(const struct dish *dish, void *context)
{
	struct gathering *g = context;
	struct cycle cycle = {.method = INSEMINATION_UNKNOWN};
	if (g->period && !period_has(g->period, period_month(dish->imported_us)))
		return true;
	g->dish = dish;
	g->failed = (dish->cycle_id && !cycles_get(g->store, dish->cycle_id, &cycle, g->err));
	g->method = cycle.method;
	g->failed = g->failed || !embryos_each(g->store, dish->id, gather_embryo, g, g->err) || g->failed;
	return !g->failed && !g->stopped;
}

bool gather_each(struct store *store, const struct period *period, int64_t asker_id,
    bool (*each)(const struct gathered *gathered, void *context), void *context, struct err *err)
{
	OWN(free) struct gathering *g = calloc(1, sizeof *g);
	if (!g)
		return err_set(err, ERR_NO_MEMORY, "counting embryos");
	g->store = store;
	g->period = period;
	g->asker_id = asker_id;
	g->each = each;
	g->context = context;
	g->err = err;
	return dishes_each(store, DISHES_ALL, gather_dish, g, err) && !g->failed;
}

struct comparing {
	struct agreement *agreement;
	const struct observation *observation;
	struct err *err;
	bool failed;
};

/* The first is the one that counts. */
static bool compare_reading(const struct reading_past *past, void *context)
{
	struct comparing *comparing = context;
	comparing->failed =
	    !agreement_add_reading(comparing->agreement, comparing->observation, &past->reading, comparing->err);
	return false;
}

bool gather_agreement(struct store *store, const struct gathered *gathered, struct agreement *agreement, struct err *err)
{
	const struct words *words = &gathered->words;
	if (!agreement_add(agreement, words, err))
		return false;
	for (size_t i = 0; i < words->observations_count; i++) {
		struct comparing comparing = {agreement, &words->observations[i], err, false};
		if (words->observations[i].run >= 0 &&
		    (!readings_history(store, gathered->subject.embryo_id, words->observations[i].run, compare_reading, &comparing, err) ||
		        comparing.failed))
			return false;
	}
	return true;
}
