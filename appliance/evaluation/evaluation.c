#include "evaluation/evaluation.h"

#include "base/clock.h"
#include "evaluation/priors.h"
#include "model/gardner.h"

#include <stdio.h>

static json_t *time_json(int64_t time_s)
{
	return time_s == TIME_UNKNOWN ? json_null() : json_integer(time_s);
}

static json_t *run_json(int run)
{
	return run < 0 ? json_null() : json_integer(run);
}

static json_t *text_json(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *automatic_json(const struct event *event)
{
	if (!event->automatic.there)
		return json_null();
	return json_pack("{s:i, s:o, s:o, s:o, s:i}", "run", event->automatic.run, "time_s",
	    time_json(event->automatic.time_s), "earliest_s", time_json(event->automatic.earliest_s), "latest_s",
	    time_json(event->automatic.latest_s), "confidence", event->automatic.confidence);
}

static json_t *mark_json(const struct annotation *mark)
{
	char made[CLOCK_TEXT_SIZE];
	clock_format(made, mark->made_us);
	return json_pack("{s:s, s:s, s:o, s:o, s:b}", "author", mark->author, "made", made, "run",
	    mark->absent ? json_null() : run_json(mark->run), "time_s",
	    mark->absent ? json_null() : time_json(mark->time_s), "absent", mark->absent);
}

static json_t *used_json(const struct event *event)
{
	if (event->used == USED_NONE)
		return json_null();
	return json_pack("{s:s, s:o, s:o}", "source", event->used == USED_HUMAN ? "human" : "automatic", "run",
	    run_json(event->run), "time_s", time_json(event->time_s));
}

static json_t *event_json(const struct evaluation *evaluation, enum stage j)
{
	const struct event *event = &evaluation->events[j];
	json_t *marks = json_array();
	for (size_t i = 0; i < event->marks_count; i++)
		json_array_append_new(marks, mark_json(&event->marks[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:s, s:o, s:o}", "event", stage_name(j), "automatic",
	    automatic_json(event), "human", marks, "used", used_json(event), "plausibility",
	    plausibility_name(event->plausibility), "missing", text_json(event->missing), "reference_s",
	    time_json(prior_median_s(j, evaluation->method)));
}

static json_t *interval_json(const struct interval *interval)
{
	return json_pack("{s:s, s:s, s:o, s:o}", "name", interval->name, "formula", interval->formula, "value_s",
	    time_json(interval->value_s), "missing", text_json(interval->missing));
}

static json_t *flag_json(const struct flag *flag, enum flag_kind kind)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "flag", flag_name(kind), "state", flag_state_name(flag->state),
	    "reason", flag->reason, "run", run_json(flag->run));
}

static json_t *grade_json(const struct evaluation *evaluation)
{
	if (!evaluation->graded)
		return json_pack("{s:s, s:n, s:n, s:n, s:b, s:s}", "state", "not computable", "gardner", "neqsi", "bqs",
		    "good_blastocyst", 0, "reason", "needs a human grade");
	const struct gardner *grade = &evaluation->grade;
	char text[GARDNER_TEXT_MAX];
	gardner_format(text, grade);
	int neqsi = gardner_neqsi(grade), bqs = gardner_bqs(grade);
	const char *reason = !gardner_has_letters(grade) ? "ICM and TE are graded from expansion 3 on"
	    : !neqsi                                     ? "the scores do not know the letter D"
							 : NULL;
	return json_pack("{s:s, s:s, s:o, s:o, s:b, s:s?}", "state", "value", "gardner", text, "neqsi",
	    neqsi ? json_integer(neqsi) : json_null(), "bqs", bqs ? json_integer(bqs) : json_null(),
	    "good_blastocyst", gardner_is_good(grade), "reason", reason);
}

static json_t *anomaly_json(const struct anomaly *anomaly)
{
	return json_pack("{s:s, s:i, s:s}", "kind", anomaly_name(anomaly->kind), "run", anomaly->run, "text",
	    anomaly->text);
}

json_t *evaluation_json(const struct evaluation *evaluation)
{
	json_t *events = json_array(), *intervals = json_array(), *flags = json_array(), *anomalies = json_array();
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		json_array_append_new(events, event_json(evaluation, (enum stage)j));
	for (int i = 0; i < INTERVALS_COUNT; i++)
		json_array_append_new(intervals, interval_json(&evaluation->intervals[i]));
	for (int i = 0; i < FLAG_COUNT; i++)
		json_array_append_new(flags, flag_json(&evaluation->flags[i], (enum flag_kind)i));
	for (size_t i = 0; i < evaluation->anomalies_count; i++)
		json_array_append_new(anomalies, anomaly_json(&evaluation->anomalies[i]));
	return json_pack("{s:s, s:s, s:O, s:s, s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:O, s:o, s:o}",
	    "engine", "daybreak-evaluation " DAYBREAK_VERSION, "priors", evaluation->priors, "cells", evaluation->cells,
	    "method", insemination_name(evaluation->method),
	    "stage", stage_name(evaluation->stage), "stage_group", stage_group_name(stage_group(evaluation->stage)),
	    "stage_confidence", evaluation->stage_confidence, "group_confidence", evaluation->group_confidence,
	    "points", (json_int_t)evaluation->points, "read", (json_int_t)evaluation->read, "empty",
	    (json_int_t)evaluation->empty, "timing", evaluation->timed ? "exact" : "unknown", "last_run",
	    run_json(evaluation->last_run), "last_time_s", time_json(evaluation->last_time_s), "events", events,
	    "intervals", intervals, "flags", flags, "profiles", evaluation->profiles, "grade",
	    grade_json(evaluation), "anomalies", anomalies);
}
