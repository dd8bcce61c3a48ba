#include "evaluation/evaluate.h"

#include "base/text.h"
#include "evaluation/evaluation.h"
#include "evaluation/profile.h"
#include "model/gardner.h"

#include <stdio.h>
#include <string.h>

static bool check_track(const struct track *track, struct err *err)
{
	if (track->count > LIMIT_RUNS)
		return err_set(err, ERR_TOO_LARGE, "a track has at most %d points", LIMIT_RUNS);
	for (size_t i = 1; i < track->count; i++)
		if (track->points[i].run <= track->points[i - 1].run)
			return err_set(err, ERR_BAD_INPUT, "run %d follows run %d", track->points[i].run,
			    track->points[i - 1].run);
	return true;
}

/* The stage at the end of the record: the decoder's, unless a person has marked a later one as reached or the
 * decoder's as absent. */
static void settle_stage(struct evaluation *evaluation, const struct decoded *decoded)
{
	enum stage stage = decoded->last_stage;
	uint32_t group = 0;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		if (stage_group((enum stage)j) == stage_group(stage))
			group += decoded->stage[j];
	evaluation->stage_confidence = decoded->stage[stage];
	evaluation->group_confidence = (uint16_t)(group < 1000 ? group : 1000);
	for (int j = STAGE_HB; j >= STAGE_PB2; j--) {
		const struct event *event = &evaluation->events[j];
		bool absent = event->marks_count && event->marks[event->marks_count - 1].absent;
		if (event->used == USED_HUMAN && j >= (int)stage) {
			evaluation->stage_confidence = evaluation->group_confidence = 1000;
			stage = (enum stage)j;
			break;
		}
		if (absent && j == (int)stage && j > STAGE_PB2)
			stage = (enum stage)(j - 1);
	}
	evaluation->stage = stage;
}

/* What a rule asks for, of which observation, and the value of it that leaves the rule alone. A cell with two nuclei or
 * with small ones beside is multinucleated (Meseguer 2011). */
static const struct {
	enum noted noted;
	enum observation_kind kind;
	const char *normal;
} notes[NOTED_COUNT] = {
    {NOTED_NOT_VIABLE, OBSERVATION_VIABILITY, "viable"},
    {NOTED_PN_NOT_2, OBSERVATION_PRONUCLEI, "2"},
    {NOTED_UNEVEN_2, OBSERVATION_EVENNESS_2, "even"},
    {NOTED_MULTINUCLEATED_4, OBSERVATION_NUCLEI_4, "mononucleated"},
};

/* -1 where nobody looked: the profiles say so. */
static void take_notes(const struct told *told, int8_t noted[NOTED_COUNT])
{
	memset(noted, -1, NOTED_COUNT);
	for (size_t i = 0; i < told->observations_count; i++)
		for (size_t k = 0; k < NOTED_COUNT; k++)
			if (notes[k].kind == told->observations[i].kind)
				noted[notes[k].noted] = strcmp(told->observations[i].value, notes[k].normal) != 0;
}

static bool run_profiles(struct evaluation *evaluation, const struct told *told, const struct profiles *profiles,
    struct err *err)
{
	struct profile_input input = {.method = told->method};
	take_notes(told, input.noted);
	for (int j = 0; j < STAGE_COUNT; j++)
		input.time_s[j] = evaluation->events[j].used == USED_NONE ? TIME_UNKNOWN : evaluation->events[j].time_s;
	evaluation->profiles = json_array();
	for (size_t i = 0; profiles && i < profiles_count(profiles); i++) {
		struct profile_result result;
		profile_run(profiles_get(profiles, i), &input, &result);
		if (!evaluation->timed && result.state == PROFILE_NOT_COMPUTABLE)
			snprintf(result.reason, sizeof result.reason, "needs frame times and the insemination time");
		json_array_append_new(evaluation->profiles, profile_result_json(profiles_get(profiles, i), &result));
	}
	if (json_array_size(evaluation->profiles) != (profiles ? profiles_count(profiles) : 0))
		return err_set(err, ERR_NO_MEMORY, "applying rule profiles");
	return true;
}

static void settle_record(struct evaluation *evaluation, const struct track *track, const struct signals *signals)
{
	evaluation->points = track->count;
	evaluation->read = track->count - signals->unread_count;
	evaluation->empty = signals->empty_count;
	evaluation->timed = signals->timed;
	evaluation->last_time_s = TIME_UNKNOWN;
	evaluation->last_run = -1;
	if (signals->count == 0)
		return;
	const struct track_point *last = &track->points[signals->point[signals->count - 1]];
	evaluation->last_run = last->run;
	if (signals->timed)
		evaluation->last_time_s = last->time_s;
}

/* The raw count of cells as the runs where it changes; 0 where there is nothing to count. */
static bool settle_cells(struct evaluation *evaluation, const struct track *track, const struct signals *signals,
    struct err *err)
{
	evaluation->cells = signals->counts_cells ? json_array() : json_null();
	for (size_t i = 0; i < signals->count && signals->counts_cells; i++)
		if (i == 0 || signals->cells[i] != signals->cells[i - 1])
			json_array_append_new(evaluation->cells, json_pack("{s:i, s:i}", "run",
			    track->points[signals->point[i]].run, "cells", signals->cells[i]));
	return evaluation->cells || err_set(err, ERR_NO_MEMORY, "counting cells");
}

bool evaluate(const struct track *track, const struct told *told, const struct rules *rules,
    struct evaluation **ret_evaluation, struct err *err)
{
	OWN(signals_done) struct signals signals = {0};
	struct decoded decoded;
	OWN(evaluation_free) struct evaluation *evaluation = calloc(1, sizeof *evaluation);
	if (!evaluation)
		return err_set(err, ERR_NO_MEMORY, "evaluating");
	if (!check_track(track, err) || (told->grade && !gardner_check(told->grade, err)) ||
	    !signals_make(track, rules->priors, &signals, err) || !decode(&signals, rules->priors, &decoded, err))
		return false;
	evaluation->method = told->method;
	settle_record(evaluation, track, &signals);
	text_copy(evaluation->priors, sizeof evaluation->priors, priors_digest(rules->priors));
	if (!settle_cells(evaluation, track, &signals, err) ||
	    !events_make(track, &signals, &decoded, told->annotations, told->annotations_count, evaluation->events, err))
		return false;
	settle_stage(evaluation, &decoded);
	intervals_make(evaluation->events, evaluation->intervals);
	flags_make(track, &signals, evaluation->events, evaluation->flags);
	evaluation->anomalies_count = anomalies_find(track, &signals, evaluation->anomalies);
	evaluation->graded = told->grade != NULL;
	if (told->grade)
		evaluation->grade = *told->grade;
	if (!run_profiles(evaluation, told, rules->profiles, err))
		return false;
	*ret_evaluation = TAKE(evaluation);
	return true;
}

size_t evaluation_milestones(const struct evaluation *evaluation, struct milestone ret_list[STAGE_COUNT])
{
	static const enum milestone_source sources[] = {
	    [USED_NONE] = MILESTONE_NONE, [USED_AUTOMATIC] = MILESTONE_AUTOMATIC, [USED_HUMAN] = MILESTONE_HUMAN};
	size_t count = 0;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		const struct event *event = &evaluation->events[j];
		if (event->used == USED_NONE && !event->automatic.there)
			continue;
		ret_list[count++] = (struct milestone){.event = (enum stage)j,
		    .used_s = event->used == USED_NONE ? TIME_UNKNOWN : event->time_s,
		    .source = sources[event->used],
		    .automatic_s = event->automatic.there ? event->automatic.time_s : TIME_UNKNOWN,
		    .confidence = event->automatic.there ? event->automatic.confidence : 0};
	}
	return count;
}

void evaluation_free(struct evaluation *evaluation)
{
	json_decref(evaluation->cells);
	json_decref(evaluation->profiles);
	free(evaluation);
}
