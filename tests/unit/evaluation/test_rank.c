#include "evaluation/rank.h"

#include "evaluation/evaluate.h"
#include "model/gardner.h"
#include "unit/evaluation/shipped.h"
#include "unit/evaluation/tracks_marked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 8 };

static struct profiles *profiles;

static struct cohort {
	size_t count;
	struct rank_entry entries[MAX];
	json_t *ranking;
} cohort;

static int start(void **state)
{
	(void)state;
	struct err err;
	memset(&cohort, 0, sizeof cohort);
	return profiles || profiles_load(DAYBREAK_SOURCE_DIR "/appliance/evaluation/profiles", &profiles, &err) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < cohort.count; i++)
		json_decref((json_t *)cohort.entries[i].evaluation);
	json_decref(cohort.ranking);
	return 0;
}

static int free_all(void **state)
{
	(void)state;
	profiles_free(profiles);
	return 0;
}

static void enter(const struct track *track, const struct annotation *marks, size_t count, const char *grade_text,
    enum insemination method)
{
	struct gardner grade;
	struct err err;
	OWN(evaluation_free) struct evaluation *evaluation = NULL;
	assert_true(!grade_text || gardner_parse(grade_text, &grade, &err));
	const struct told told = {.annotations = marks,
	    .annotations_count = count,
	    .grade = grade_text ? &grade : NULL,
	    .method = method};
	assert_true(evaluate(track, &told, &(struct rules){profiles, shipped_priors()}, &evaluation, &err));
	struct rank_entry *entry = &cohort.entries[cohort.count++];
	entry->embryo_id = 100 + (int64_t)cohort.count;
	entry->well = (int)cohort.count;
	entry->evaluation = evaluation_json(evaluation);
}

/* An embryo that develops `pace` times as slowly as the textbook and is watched until last_h. */
static void enter_paced(double pace, double last_h, const char *grade)
{
	struct track_plan plan = plan_textbook;
	plan.counts_cells = true;
	plan.last_h = last_h;
	for (int j = STAGE_PNA; j <= STAGE_HB; j++)
		plan.event_h[j] *= pace;
	struct track track = track_make(&plan);
	enter(&track, NULL, 0, grade, INSEMINATION_ICSI);
	free(track.points);
}

static void rank(const char *profile_id)
{
	struct err err;
	assert_true(rank_embryos(cohort.entries, cohort.count, profile_id, &cohort.ranking, &err));
	assert_int_equal(json_array_size(cohort.ranking), cohort.count);
}

static int well_at(size_t place)
{
	return (int)json_int(json_array_get(cohort.ranking, place), "well", 0);
}

static int rank_at(size_t place)
{
	return (int)json_int(json_array_get(cohort.ranking, place), "rank", 0);
}

static bool says(size_t place, const char *what)
{
	size_t i;
	const json_t *reason;
	json_array_foreach(json_object_get(json_array_get(cohort.ranking, place), "reasons"), i, reason)
	{
		if (strstr(json_string_value(reason), what))
			return true;
	}
	return false;
}

static void test_further_is_first(void **state)
{
	(void)state;
	enter_paced(1.5, 112, NULL); /* still cleaving or compacting */
	enter_paced(1.0, 112, NULL);
	rank(NULL);
	assert_int_equal(well_at(0), 2);
	assert_true(says(0, "it had come further"));
	assert_true(says(0, "blastocyst"));
}

static void test_a_good_grade_goes_before_all(void **state)
{
	(void)state;
	enter_paced(1.0, 112, NULL);
	enter_paced(1.1, 112, "4AA");
	enter_paced(1.1, 112, "3BB");
	enter_paced(1.0, 112, "4CC");
	rank(NULL);
	assert_int_equal(well_at(0), 2);
	assert_int_equal(well_at(1), 3);
	assert_int_equal(well_at(2), 1);
	assert_int_equal(well_at(3), 4);
	assert_true(says(0, "A person graded it 4AA, a good blastocyst"));
	assert_string_equal(json_text(json_array_get(cohort.ranking, 0), "class", ""), "4AA");
}

static void test_late_goes_after_timely(void **state)
{
	(void)state;
	enter_paced(1.12, 116, NULL);
	enter_paced(1.0, 116, NULL);
	rank(NULL);
	assert_int_equal(well_at(0), 2);
	assert_true(says(1, "later than the medians"));
}

static void test_irregular_divisions_go_back(void **state)
{
	(void)state;
	struct track track = track_blank(460, 0.25);
	const struct annotation regular[] = {mark_time(STAGE_2, 93600), mark_time(STAGE_3, 133200),
	    mark_time(STAGE_B, 388800)};
	const struct annotation direct[] = {mark_time(STAGE_2, 93600), mark_time(STAGE_3, 97200),
	    mark_time(STAGE_B, 388800)};
	enter(&track, direct, 3, NULL, INSEMINATION_ICSI);
	enter(&track, regular, 3, NULL, INSEMINATION_ICSI);
	free(track.points);
	rank(NULL);
	assert_int_equal(well_at(0), 2);
	assert_true(says(0, "its divisions look more regular"));
	assert_true(says(1, "direct-cleavage-1-3-fast found"));
}

static void test_equals_share_a_rank(void **state)
{
	(void)state;
	enter_paced(1.0, 112, NULL);
	enter_paced(1.0, 112, NULL);
	enter_paced(1.4, 112, NULL);
	rank(NULL);
	assert_int_equal(rank_at(0), 1);
	assert_int_equal(rank_at(1), 1);
	assert_int_equal(rank_at(2), 3);
	assert_true(says(0, "Equal to well 2"));
}

static void test_what_is_not_ranked_says_so(void **state)
{
	(void)state;
	struct track empty = track_blank(40, 0.25);
	for (size_t i = 0; i < empty.count; i++)
		empty.points[i].reading = (struct reading){.stage = {PROBABILITY_ONE}};
	enter(&empty, NULL, 0, NULL, INSEMINATION_ICSI);
	for (size_t i = 0; i < empty.count; i++)
		empty.points[i].read = false;
	enter(&empty, NULL, 0, NULL, INSEMINATION_ICSI);
	free(empty.points);
	enter_paced(1.0, 70, NULL); /* taken out on day 3 */
	enter_paced(1.3, 112, NULL);
	rank(NULL);
	assert_int_equal(well_at(0), 4);
	for (size_t i = 1; i < 4; i++)
		assert_true(json_is_null(json_object_get(json_array_get(cohort.ranking, i), "rank")));
	assert_true(says(1, "the well is empty"));
	assert_true(says(2, "no frame has been read"));
	assert_true(says(3, "before its siblings'"));
}

static void test_a_chosen_profile_takes_part(void **state)
{
	(void)state;
	struct track track = track_blank(230, 0.25);
	/* Timely by Mizobe, or with t4 just too late; equal in all that comes before. */
	const struct annotation late[] = {mark_time(STAGE_2, 90000), mark_time(STAGE_4, 136800)};
	const struct annotation good[] = {mark_time(STAGE_2, 91440), mark_time(STAGE_3, 131760),
	    mark_time(STAGE_4, 133200)};
	enter(&track, late, 2, NULL, INSEMINATION_ICSI);
	enter(&track, good, 3, NULL, INSEMINATION_ICSI);
	free(track.points);
	struct err err;
	assert_false(rank_embryos(cohort.entries, cohort.count, "no-such", &cohort.ranking, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	rank("conaghan-2013");
	assert_int_equal(well_at(0), 2);
	assert_string_equal(json_text(json_array_get(cohort.ranking, 0), "class", ""), "High");
	assert_true(says(1, "needs t3"));
}

static void test_siblings_of_another_slide_are_named_with_it(void **state)
{
	(void)state;
	enter_paced(1.0, 112, "4AA");
	enter_paced(1.0, 112, "3CC");
	enter_paced(1.0, 112, NULL);
	cohort.entries[0].slide = "S1";
	cohort.entries[1].slide = cohort.entries[2].slide = "S2";
	rank(NULL);
	assert_int_equal(well_at(0), 1);
	assert_true(says(0, "Before well 3 of slide S2: "));
	assert_true(says(1, "Before well 2: "));
}

static void test_never_says_discard(void **state)
{
	(void)state;
	enter_paced(1.6, 112, NULL);
	enter_paced(1.0, 112, "3CC");
	rank(NULL);
	char *text = json_dumps(cohort.ranking, 0);
	assert_null(strstr(text, "discard"));
	assert_null(strstr(text, "select"));
	free(text);
}

int main(void)
{
#define RANK_TEST(test) cmocka_unit_test_setup_teardown(test, start, end)
	const struct CMUnitTest tests[] = {
	    RANK_TEST(test_further_is_first),
	    RANK_TEST(test_a_good_grade_goes_before_all),
	    RANK_TEST(test_late_goes_after_timely),
	    RANK_TEST(test_irregular_divisions_go_back),
	    RANK_TEST(test_equals_share_a_rank),
	    RANK_TEST(test_what_is_not_ranked_says_so),
	    RANK_TEST(test_a_chosen_profile_takes_part),
	    RANK_TEST(test_siblings_of_another_slide_are_named_with_it),
	    RANK_TEST(test_never_says_discard),
	};
	return cmocka_run_group_tests(tests, NULL, free_all);
}
