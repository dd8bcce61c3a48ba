#include "evaluation/evaluate.h"

#include "unit/evaluation/shipped.h"
#include "unit/evaluation/tracks_marked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER DAYBREAK_SOURCE_DIR "/appliance/evaluation/profiles"

static struct profiles *profiles;

static int load_all(void **state)
{
	(void)state;
	struct err err;
	return profiles_load(FOLDER, &profiles, &err) ? 0 : -1;
}

static int free_all(void **state)
{
	(void)state;
	profiles_free(profiles);
	return 0;
}

static json_t *evaluate_json(const struct track *track, const struct annotation *marks, size_t count,
    const struct gardner *grade, enum insemination method)
{
	OWN(evaluation_free) struct evaluation *evaluation = NULL;
	struct err err;
	const struct told told = {
	    .annotations = marks, .annotations_count = count, .grade = grade, .method = method};
	assert_true(evaluate(track, &told, &(struct rules){profiles, shipped_priors()}, &evaluation, &err));
	json_t *json = evaluation_json(evaluation);
	assert_non_null(json);
	return json;
}

static const json_t *item(const json_t *json, const char *list, const char *key, const char *name)
{
	size_t i;
	const json_t *value;
	json_array_foreach(json_object_get(json, list), i, value)
	{
		if (strcmp(json_text(value, key, ""), name) == 0)
			return value;
	}
	fail_msg("no %s in %s", name, list);
	return NULL;
}

static void test_shape(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	OWN(json_decref) json_t *json = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_ICSI);
	free(track.points);
	static const char *const members[] = {"engine", "stage", "stage_group", "points", "read", "empty", "timing",
	    "events", "intervals", "flags", "profiles", "grade", "anomalies"};
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		assert_non_null(json_object_get(json, members[i]));
	assert_string_equal(json_text(json, "timing", ""), "exact");
	assert_string_equal(json_text(json, "stage_group", ""), "blastocyst");
	assert_int_equal(json_array_size(json_object_get(json, "events")), STAGE_COUNT - 1);
	const json_t *t2 = item(json, "events", "event", "t2");
	const json_t *automatic = json_object_get(t2, "automatic");
	assert_true(json_int(automatic, "earliest_s", 0) < json_int(automatic, "time_s", 0));
	assert_string_equal(json_text(json_object_get(t2, "used"), "source", ""), "automatic");
	assert_string_equal(json_text(t2, "plausibility", ""), "ok");
	assert_int_equal(json_int(t2, "reference_s", 0), 26 * 3600);
	assert_string_equal(json_text(json_object_get(json, "grade"), "state", ""), "not computable");
	const json_t *hatching = item(json, "events", "event", "tHB");
	assert_true(json_is_null(json_object_get(hatching, "used")));
	assert_non_null(json_string_value(json_object_get(hatching, "missing")));
}

static void test_references_stay_apart(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	OWN(json_decref) json_t *ivf = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_IVF);
	OWN(json_decref) json_t *none = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_UNKNOWN);
	free(track.points);
	assert_int_equal(json_int(item(ivf, "events", "event", "t2"), "reference_s", 0), 27 * 3600);
	assert_true(json_is_null(json_object_get(item(none, "events", "event", "t2"), "reference_s")));
}

static void test_times_unknown(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	plan.timed = false;
	struct track track = track_make(&plan);
	OWN(json_decref) json_t *json = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_ICSI);
	free(track.points);
	assert_string_equal(json_text(json, "timing", ""), "unknown");
	const json_t *t2 = item(json, "events", "event", "t2");
	assert_true(json_is_integer(json_object_get(json_object_get(t2, "used"), "run")));
	assert_true(json_is_null(json_object_get(json_object_get(t2, "used"), "time_s")));
	assert_string_equal(json_text(t2, "plausibility", ""), "unknown");
	const json_t *meseguer = item(json, "profiles", "id", "meseguer-2011");
	assert_string_equal(json_text(meseguer, "state", ""), "not computable");
	assert_non_null(strstr(json_text(meseguer, "reason", ""), "times"));
}

static void test_marks_stand_beside(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	struct annotation absent = mark_run(STAGE_SB, -1, "Grace", 40);
	absent.absent = true;
	const struct annotation marks[] = {
	    mark_run(STAGE_2, 101, "Grace", 30),
	    mark_run(STAGE_2, 90, "Ada", 10),
	    mark_run(STAGE_2, 103, "Ada", 20), /* Ada's newer word replaces her older one */
	    absent,
	};
	OWN(json_decref) json_t *json = evaluate_json(&track, marks, 4, NULL, INSEMINATION_ICSI);
	free(track.points);
	const json_t *t2 = item(json, "events", "event", "t2"), *human = json_object_get(t2, "human");
	assert_true(json_is_object(json_object_get(t2, "automatic")));
	assert_int_equal(json_array_size(human), 2);
	assert_string_equal(json_text(json_array_get(human, 0), "author", ""), "Ada");
	assert_int_equal(json_int(json_array_get(human, 0), "run", 0), 103);
	assert_string_equal(json_text(json_object_get(t2, "used"), "source", ""), "human");
	assert_int_equal(json_int(json_object_get(t2, "used"), "run", 0), 101);
	assert_int_equal(json_int(json_object_get(t2, "used"), "time_s", 0), 26 * 3600);
	const json_t *cavity = item(json, "events", "event", "tSB");
	assert_true(json_is_null(json_object_get(cavity, "used")));
	assert_true(json_is_object(json_object_get(cavity, "automatic")));
	assert_string_equal(json_text(cavity, "missing", ""), "marked as absent by Grace");
}

static void test_intervals_are_named_by_formula(void **state)
{
	(void)state;
	struct track track = track_blank(300, 0.25);
	/* 28.1 h, 40.0 h: their difference is 11.9 h in whole seconds and not quite in binary fractions. */
	const struct annotation marks[] = {mark_time(STAGE_2, 101160), mark_time(STAGE_3, 144000),
	    mark_time(STAGE_5, 203760)};
	OWN(json_decref) json_t *json = evaluate_json(&track, marks, 3, NULL, INSEMINATION_ICSI);
	free(track.points);
	assert_int_equal(json_int(item(json, "intervals", "name", "cc2"), "value_s", 0), 42840);
	assert_int_equal(json_int(item(json, "intervals", "formula", "t5 - t3"), "value_s", 0), 59760);
	const json_t *other = item(json, "intervals", "formula", "t5 - t4");
	assert_true(json_is_null(json_object_get(other, "value_s")));
	assert_string_equal(json_text(other, "missing", ""), "needs t4");
	assert_non_null(strstr(json_text(item(json, "intervals", "name", "dCom"), "missing", ""), "tSC"));
}

static void test_plausibility(void **state)
{
	(void)state;
	struct track track = track_blank(600, 0.25);
	const struct annotation marks[] = {mark_time(STAGE_2, 18 * 3600), mark_time(STAGE_3, 30 * 3600),
	    mark_time(STAGE_4, 90 * 3600), mark_time(STAGE_5, 60 * 3600)};
	OWN(json_decref) json_t *json = evaluate_json(&track, marks, 4, NULL, INSEMINATION_ICSI);
	free(track.points);
	assert_string_equal(json_text(item(json, "events", "event", "t2"), "plausibility", ""), "soft");
	assert_string_equal(json_text(item(json, "events", "event", "t3"), "plausibility", ""), "ok");
	assert_string_equal(json_text(item(json, "events", "event", "t4"), "plausibility", ""), "hard");
	assert_string_equal(json_text(item(json, "events", "event", "t5"), "plausibility", ""), "hard"); /* before t4 */
}

static const char *flag_of(const struct annotation *marks, size_t count, double step_h, const char *flag)
{
	struct track track = track_blank((size_t)(80 / step_h), step_h);
	OWN(json_decref) json_t *json = evaluate_json(&track, marks, count, NULL, INSEMINATION_ICSI);
	free(track.points);
	static char text[32];
	text_copy(text, sizeof text, json_text(item(json, "flags", "flag", flag), "state", ""));
	return text;
}

static void test_flags(void **state)
{
	(void)state;
	const struct annotation fast[] = {mark_time(STAGE_2, 91440), mark_time(STAGE_3, 100440)};
	assert_string_equal(flag_of(fast, 2, 0.25, "direct-cleavage-1-3-fast"), "yes");
	assert_string_equal(flag_of(fast, 2, 0.25, "direct-cleavage-1-3-instant"), "no");
	/* The guard: frames 3 h apart cannot resolve it. */
	assert_string_equal(flag_of(fast, 2, 3, "direct-cleavage-1-3-fast"), "not computable");
	const struct annotation instant[] = {mark_run(STAGE_2, 100, "Ada", 1), mark_run(STAGE_3, 100, "Ada", 1)};
	assert_string_equal(flag_of(instant, 2, 0.25, "direct-cleavage-1-3-instant"), "yes");
	assert_string_equal(flag_of(instant, 2, 0.25, "direct-cleavage-1-3-fast"), "no");
	/* The guard: a skipped label is not a direct cleavage. */
	assert_string_equal(flag_of(&fast[1], 1, 0.25, "direct-cleavage-1-3-instant"), "not computable");
	const struct annotation five[] = {mark_time(STAGE_3, 131760), mark_time(STAGE_4, 133200),
	    mark_time(STAGE_5, 142200)};
	assert_string_equal(flag_of(five, 3, 0.25, "direct-cleavage-2-5"), "yes");
	const struct annotation half[] = {mark_time(STAGE_3, 100440), mark_time(STAGE_4, 133200),
	    mark_time(STAGE_5, 144000)};
	assert_string_equal(flag_of(half, 3, 0.25, "direct-cleavage-2-5"), "suspected");
	assert_string_equal(flag_of(half, 3, 0.25, "reverse-cleavage"), "not computable");
}

static void test_reverse_cleavage_from_the_count_only(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	plan.counts_cells = true;
	plan.noise = 0.05;
	struct track track = track_make(&plan);
	OWN(json_decref) json_t *calm = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_ICSI);
	assert_string_equal(json_text(item(calm, "flags", "flag", "reverse-cleavage"), "state", ""), "no");
	/* Four cells look like two again: for two hours that may be an odd look, for five it may be true. */
	for (size_t i = 160; i < 168; i++)
		track.points[i].reading = track.points[120].reading;
	OWN(json_decref) json_t *brief = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_ICSI);
	assert_string_equal(json_text(item(brief, "flags", "flag", "reverse-cleavage"), "state", ""), "no");
	for (size_t i = 160; i < 180; i++)
		track.points[i].reading = track.points[120].reading;
	OWN(json_decref) json_t *json = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_ICSI);
	free(track.points);
	const json_t *flag = item(json, "flags", "flag", "reverse-cleavage");
	assert_string_equal(json_text(flag, "state", ""), "suspected");
	assert_in_range(json_int(flag, "run", 0), 160, 162);
	const json_t *cells = json_object_get(json, "cells");
	assert_int_equal(json_int(json_array_get(cells, 0), "cells", 0), 1);
	int64_t after = 0;
	for (size_t i = 1; i < json_array_size(cells); i++)
		if (json_int(json_array_get(cells, i), "run", 0) == json_int(flag, "run", 0))
			after = json_int(json_array_get(cells, i), "cells", 0);
	assert_int_equal(after, 2);
}

static void test_record_oddities(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	for (size_t i = 440; i < track.count; i++) {
		track.points[i].radius_permille = 0;
		track.points[i].reading = (struct reading){.stage = {PROBABILITY_ONE}};
	}
	track.points[50].read = track.points[51].read = false;
	track.points[300].motion = 900;
	for (size_t i = 200; i < track.count; i++)
		track.points[i].time_s += 7 * 3600;
	OWN(json_decref) json_t *json = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_ICSI);
	assert_int_equal(json_int(item(json, "anomalies", "kind", "well-went-empty"), "run", 0), 441);
	assert_int_equal(json_int(item(json, "anomalies", "kind", "damaged"), "run", 0), 51);
	assert_int_equal(json_int(item(json, "anomalies", "kind", "moved"), "run", 0), 301);
	assert_int_equal(json_int(item(json, "anomalies", "kind", "gap"), "run", 0), 201);
	assert_int_equal(json_int(json, "read", 0), (int)track.count - 2);
	assert_true(json_int(json, "empty", 0) == (int)track.count - 440);
	track.points[100].time_s = 0;
	OWN(json_decref) json_t *odd = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_ICSI);
	free(track.points);
	assert_int_equal(json_int(item(odd, "anomalies", "kind", "clock-mismatch"), "run", 0), 101);
	assert_string_equal(json_text(odd, "timing", ""), "unknown");
}

/* With a frame every 45 minutes a division is over in one, and no jump can be told from it. */
static void test_a_coarse_film_does_not_jump(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	for (size_t i = 0; i < track.count; i++)
		track.points[i].time_s *= 3;
	track.points[300].motion = 900;
	OWN(json_decref) json_t *json = evaluate_json(&track, NULL, 0, NULL, INSEMINATION_ICSI);
	free(track.points);
	size_t i;
	const json_t *anomaly;
	json_array_foreach(json_object_get(json, "anomalies"), i, anomaly)
		assert_string_not_equal(json_text(anomaly, "kind", ""), "moved");
}

static void test_grade_and_stage(void **state)
{
	(void)state;
	struct track track = track_blank(480, 0.25);
	const struct gardner grade = {4, 'A', 'A'}, bad = {2, 'A', 'A'};
	const struct annotation marks[] = {mark_time(STAGE_B, 105 * 3600)};
	OWN(json_decref) json_t *json = evaluate_json(&track, marks, 1, &grade, INSEMINATION_ICSI);
	const json_t *told = json_object_get(json, "grade");
	assert_string_equal(json_text(told, "gardner", ""), "4AA");
	assert_int_equal(json_int(told, "neqsi", 0), 9);
	assert_true(json_bool(told, "good_blastocyst", false));
	assert_string_equal(json_text(json, "stage_group", ""), "blastocyst");
	struct evaluation *evaluation = NULL;
	struct err err;
	assert_false(evaluate(&track, &(struct told){.grade = &bad, .method = INSEMINATION_ICSI},
	    &(struct rules){NULL, shipped_priors()}, &evaluation, &err));
	free(track.points);
}

static json_t *evaluate_noted(const struct observation *observations, size_t count)
{
	OWN(evaluation_free) struct evaluation *evaluation = NULL;
	struct err err;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	struct annotation marks[STAGE_COUNT];
	size_t marks_count = 0;
	for (int j = STAGE_PNF; j <= STAGE_9; j++) {
		marks[marks_count] = mark_run((enum stage)j, -1, "Grace", 30);
		marks[marks_count++].time_s = time_from_hours(plan.event_h[j]);
	}
	const struct told told = {marks, marks_count, observations, count, NULL, INSEMINATION_ICSI};
	assert_true(evaluate(&track, &told, &(struct rules){profiles, shipped_priors()}, &evaluation, &err));
	free(track.points);
	return evaluation_json(evaluation);
}

/* What a person noted is asked for by the rules: the newest word of whomever, "not seen" as well as "seen". */
static void test_notes_reach_the_rules(void **state)
{
	(void)state;
	const struct observation seen[] = {
	    {.kind = OBSERVATION_PRONUCLEI, .value = "2", .run = -1},
	    {.kind = OBSERVATION_PRONUCLEI, .value = "2.1", .run = 4},
	    {.kind = OBSERVATION_NUCLEI_4, .value = "micronucleated", .run = -1},
	    {.kind = OBSERVATION_HCG, .value = "no", .run = -1},
	};
	OWN(json_decref) json_t *before = evaluate_noted(NULL, 0), *two = evaluate_noted(seen, 1),
			       *three = evaluate_noted(seen, 4);
	const json_t *unlooked = item(before, "profiles", "id", "petersen-2016");
	assert_string_equal(json_text(unlooked, "state", ""), "value");
	assert_non_null(strstr(json_text(unlooked, "caution", ""), "nobody noted it: a number of pronuclei"));
	const json_t *normal = item(two, "profiles", "id", "petersen-2016");
	assert_string_equal(json_text(normal, "state", ""), "value");
	assert_null(strstr(json_text(normal, "caution", ""), "nobody noted"));
	const json_t *excluded = item(three, "profiles", "id", "petersen-2016");
	assert_string_equal(json_text(excluded, "state", ""), "excluded");
	assert_string_equal(json_text(excluded, "reason", ""), "the number of pronuclei is not two");
	/* A cell with small nuclei is multinucleated: Meseguer's E. */
	assert_string_equal(json_text(item(before, "profiles", "id", "meseguer-2011"), "state", ""), "value");
	assert_string_equal(json_text(item(three, "profiles", "id", "meseguer-2011"), "value", ""), "E");
}

static void test_milestones_are_the_events(void **state)
{
	(void)state;
	OWN(evaluation_free) struct evaluation *evaluation = NULL;
	struct err err;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	struct annotation absent = mark_run(STAGE_SB, -1, "Grace", 40);
	absent.absent = true;
	const struct annotation marks[] = {mark_run(STAGE_2, 101, "Grace", 30), absent};
	struct milestone list[STAGE_COUNT], by_event[STAGE_COUNT] = {0};
	assert_true(evaluate(&track, &(struct told){.annotations = marks, .annotations_count = 2},
	    &(struct rules){profiles, shipped_priors()}, &evaluation, &err));
	size_t count = evaluation_milestones(evaluation, list);
	for (size_t i = 0; i < count; i++)
		by_event[list[i].event] = list[i];
	const struct milestone *t2 = &by_event[STAGE_2], *tsb = &by_event[STAGE_SB], *t4 = &by_event[STAGE_4];
	assert_int_equal(t2->source, MILESTONE_HUMAN);
	assert_true(t2->used_s == track.points[100].time_s || t2->used_s == track.points[101].time_s);
	assert_true(t2->automatic_s != TIME_UNKNOWN && t2->confidence > 0);
	assert_true(tsb->source == MILESTONE_NONE && tsb->used_s == TIME_UNKNOWN && tsb->automatic_s != TIME_UNKNOWN);
	assert_true(t4->source == MILESTONE_AUTOMATIC && t4->used_s == t4->automatic_s);
	assert_int_equal(by_event[STAGE_HB].event, 0); /* not reached: not there */
	free(track.points);
}

static void test_empty_and_unread(void **state)
{
	(void)state;
	struct track none = {0};
	OWN(json_decref) json_t *nothing = evaluate_json(&none, NULL, 0, NULL, INSEMINATION_UNKNOWN);
	assert_string_equal(json_text(nothing, "stage", ""), "empty");
	struct track track = track_blank(5, 0.25);
	track.points[3].run = 2;
	struct evaluation *evaluation = NULL;
	struct err err;
	assert_false(evaluate(&track, &(struct told){0}, &(struct rules){NULL, shipped_priors()}, &evaluation, &err));
	assert_int_equal(err.code, ERR_BAD_INPUT);
	free(track.points);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shape),
	    cmocka_unit_test(test_references_stay_apart),
	    cmocka_unit_test(test_times_unknown),
	    cmocka_unit_test(test_marks_stand_beside),
	    cmocka_unit_test(test_intervals_are_named_by_formula),
	    cmocka_unit_test(test_plausibility),
	    cmocka_unit_test(test_flags),
	    cmocka_unit_test(test_reverse_cleavage_from_the_count_only),
	    cmocka_unit_test(test_record_oddities),
	    cmocka_unit_test(test_grade_and_stage),
	    cmocka_unit_test(test_notes_reach_the_rules),
	    cmocka_unit_test(test_milestones_are_the_events),
	    cmocka_unit_test(test_empty_and_unread),
	    cmocka_unit_test(test_a_coarse_film_does_not_jump),
	};
	return cmocka_run_group_tests(tests, load_all, free_all);
}
