#include "unit/unit.h"

#include "quality/agreement.h"

#include <string.h>

static struct annotation mark(enum stage event, const char *author, int64_t time_s)
{
	struct annotation annotation = {.event = event, .run = -1, .time_s = time_s};
	snprintf(annotation.author, sizeof annotation.author, "%s", author);
	return annotation;
}

static struct grade blastocyst(const char *author, int expansion, char icm, char te)
{
	struct grade grade = {.stage = GRADE_BLASTOCYST, .gardner = {expansion, icm, te}};
	snprintf(grade.author, sizeof grade.author, "%s", author);
	return grade;
}

static struct observation note(enum observation_kind kind, const char *author, const char *value)
{
	struct observation observation = {.kind = kind, .run = -1};
	snprintf(observation.author, sizeof observation.author, "%s", author);
	snprintf(observation.value, sizeof observation.value, "%s", value);
	return observation;
}

enum { ROWS_MAX = 64 };
struct rows {
	struct agreement_row list[ROWS_MAX];
	size_t count;
};

static bool keep(const struct agreement_row *row, void *context)
{
	struct rows *rows = context;
	assert_true(rows->count < ROWS_MAX);
	rows->list[rows->count++] = *row;
	return true;
}

static bool same_name(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const struct agreement_row *timed_row(const struct rows *rows, enum stage event, const char *a, const char *b)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->list[i].timed && rows->list[i].event == event && same_name(rows->list[i].a, a) && same_name(rows->list[i].b, b))
			return &rows->list[i];
	return NULL;
}

static const struct agreement_row *scale_row(const struct rows *rows, enum scale scale, const char *a, const char *b)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!rows->list[i].timed && rows->list[i].scale == scale && same_name(rows->list[i].a, a) && same_name(rows->list[i].b, b))
			return &rows->list[i];
	return NULL;
}

static void test_times(void **state)
{
	(void)state;
	struct err err;
	OWN(agreement_free) struct agreement *agreement = agreement_new();
	struct rows rows = {0};
	/* Whoever marks first, the pair is ben against zoe. */
	struct annotation first[] = {mark(STAGE_2, "zoe", 90000), mark(STAGE_2, "ben", 90600), mark(STAGE_4, "ben", 140000)};
	struct annotation second[] = {mark(STAGE_2, "ben", 91800), mark(STAGE_2, "zoe", 90000), mark(STAGE_8, "zoe", 1)};
	second[2].absent = true;
	struct milestone machine = {STAGE_2, 90000, MILESTONE_HUMAN, 90300, 900}, none = {STAGE_2, 90000, MILESTONE_HUMAN, TIME_UNKNOWN, 0};
	struct words words = {.annotations = first, .annotations_count = 3, .milestones = &machine, .milestones_count = 1};
	must(agreement_add(agreement, &words, &err));
	words = (struct words){.annotations = second, .annotations_count = 3, .milestones = &none, .milestones_count = 1};
	must(agreement_add(agreement, &words, &err));
	must(agreement_each(agreement, keep, &rows, &err));
	assert_int_equal(rows.count, 4); /* ben-zoe, ben-box, zoe-box, everybody-box */
	const struct agreement_row *row = timed_row(&rows, STAGE_2, "ben", "zoe");
	assert_non_null(row);
	assert_int_equal(row->differences.count, 2);
	assert_int_equal(row->differences.median_s, 1200); /* of 600 and 1800 */
	row = timed_row(&rows, STAGE_2, "zoe", NULL);
	assert_int_equal(row->differences.median_s, -300);
	row = timed_row(&rows, STAGE_2, NULL, NULL);
	assert_int_equal(row->differences.count, 2);
	assert_int_equal(row->differences.median_s, 0);
	assert_ptr_equal(row, &rows.list[3]);
	assert_null(timed_row(&rows, STAGE_4, "ben", "zoe"));
}

static void test_grades(void **state)
{
	(void)state;
	struct err err;
	OWN(agreement_free) struct agreement *agreement = agreement_new();
	struct rows rows = {0};
	struct grade grades[] = {blastocyst("ben", 4, 'A', 'B'), blastocyst("ada", 5, 'A', 'A'), blastocyst("ada", 2, 0, 0)};
	grades[2].stage = GRADE_MORULA;
	grades[2].gardner = (struct gardner){0};
	grades[2].quality = GRADE_TOP;
	struct words words = {.grades = grades, .grades_count = 3};
	must(agreement_add(agreement, &words, &err));
	grades[0].gardner = (struct gardner){2, 0, 0}; /* below 3 there are no letters to compare */
	must(agreement_add(agreement, &words, &err));
	must(agreement_each(agreement, keep, &rows, &err));
	assert_int_equal(rows.count, 3);
	assert_int_equal(scale_row(&rows, SCALE_EXPANSION, "ada", "ben")->kappa.ratings, 2);
	assert_int_equal(scale_row(&rows, SCALE_ICM, "ada", "ben")->kappa.ratings, 1);
	assert_int_equal(scale_row(&rows, SCALE_ICM, "ada", "ben")->kappa.same, 1);
	assert_int_equal(scale_row(&rows, SCALE_TE, "ada", "ben")->kappa.same, 0);
}

static void test_observations(void **state)
{
	(void)state;
	struct err err;
	OWN(agreement_free) struct agreement *agreement = agreement_new();
	struct rows rows = {0};
	struct observation notes[] = {note(OBSERVATION_PRONUCLEI, "ada", "2.1"), note(OBSERVATION_PRONUCLEI, "ben", "2.1"),
	    note(OBSERVATION_FRAGMENTATION_4, "ada", "10"), note(OBSERVATION_FRAGMENTATION_4, "ben", "25"),
	    note(OBSERVATION_FRAGMENTATION_2, "ada", "9"), note(OBSERVATION_SAC, "ada", "yes"), note(OBSERVATION_SAC, "ben", "no")};
	struct words words = {.observations = notes, .observations_count = 7};
	struct reading reading = {.fragmentation_permille = 260, .uneven = READING_UNKNOWN, .multinucleated = 500};
	struct observation nuclei = note(OBSERVATION_NUCLEI_4, "ben", "micronucleated");
	must(agreement_add(agreement, &words, &err));
	must(agreement_add_reading(agreement, &notes[2], &reading, &err));
	must(agreement_add_reading(agreement, &nuclei, &reading, &err));
	nuclei = note(OBSERVATION_EVENNESS_2, "ben", "even");
	must(agreement_add_reading(agreement, &nuclei, &reading, &err)); /* the box does not know */
	must(agreement_each(agreement, keep, &rows, &err));
	assert_int_equal(scale_row(&rows, SCALE_PRONUCLEI, "ada", "ben")->kappa.same, 1);
	assert_int_equal(scale_row(&rows, SCALE_FRAGMENTATION, "ada", "ben")->kappa.ratings, 1);
	assert_int_equal(scale_row(&rows, SCALE_FRAGMENTATION, "ada", "ben")->kappa.same, 1); /* 10 and 25 are both mild */
	assert_int_equal(scale_row(&rows, SCALE_FRAGMENTATION, "ada", NULL)->kappa.same, 0); /* 26 is severe */
	assert_int_equal(scale_row(&rows, SCALE_MULTINUCLEATION, "ben", NULL)->kappa.same, 1);
	assert_null(scale_row(&rows, SCALE_EVENNESS, "ben", NULL));
	assert_int_equal(rows.count, 6); /* two of people, two of a person and the box, twice of everybody and the box */
}

static void test_too_many_people(void **state)
{
	(void)state;
	struct err err;
	OWN(agreement_free) struct agreement *agreement = agreement_new();
	struct milestone machine = {STAGE_2, 90000, MILESTONE_HUMAN, 90300, 900};
	for (int i = 0; i <= AGREEMENT_AUTHORS_MAX; i++) {
		char name[16];
		snprintf(name, sizeof name, "reader %d", i);
		struct annotation annotation = mark(STAGE_2, name, 90000);
		struct words words = {.annotations = &annotation, .annotations_count = 1, .milestones = &machine, .milestones_count = 1};
		if (i < AGREEMENT_AUTHORS_MAX)
			must(agreement_add(agreement, &words, &err));
		else
			must_fail(agreement_add(agreement, &words, &err), ERR_TOO_LARGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_times), cmocka_unit_test(test_grades),
	    cmocka_unit_test(test_observations), cmocka_unit_test(test_too_many_people)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
