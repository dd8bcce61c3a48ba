/* What people say: beside each other, newest word of each counts, nothing is lost. Grades and decisions
 * likewise. */
#include "unit/store/fixture.h"

#include "store/annotations.h"
#include "store/decisions.h"
#include "store/evaluations.h"
#include "store/grades.h"

struct listed {
	struct annotation annotations[8];
	int count;
};

static bool list(const struct annotation *annotation, void *context)
{
	struct listed *listed = context;
	listed->annotations[listed->count++] = *annotation;
	return true;
}

static struct listed listed_of(struct fixture *f, int64_t embryo)
{
	struct listed listed = {0};
	OK(annotations_each(f->store, embryo, list, &listed, &f->err));
	return listed;
}

static void say(struct fixture *f, int64_t embryo, int64_t user, enum stage event, int run)
{
	struct annotation annotation = {
	    .event = event, .run = run, .time_s = TIME_UNKNOWN, .absent = run < 0};
	OK(annotations_add(f->store, embryo, user, &annotation, &f->err));
}

static void two_people_stand_side_by_side(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1), eva = a_user(f, "eva"),
		max = a_user(f, "max");
	add_plane(f, dish, embryo, 5, 0);
	say(f, embryo, eva, STAGE_2, 4);
	say(f, embryo, max, STAGE_2, 6);
	say(f, embryo, eva, STAGE_2, 5);
	struct listed listed = listed_of(f, embryo);
	assert_int_equal(listed.count, 2);
	assert_string_equal(listed.annotations[0].author, "max");
	assert_string_equal(listed.annotations[1].author, "eva");
	assert_int_equal(listed.annotations[1].run, 5);
	/* The run's time, where the run is known. */
	assert_int_equal(listed.annotations[1].time_s, 3000);
	assert_true(listed.annotations[0].time_s == TIME_UNKNOWN);
	assert_int_equal(count_of(f, "SELECT count(*) FROM events"), 3);
	assert_int_equal(count_of(f, "SELECT replaced_by FROM events WHERE id = 1"), 3);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE kind = 'evaluate'"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action GLOB 'annotation.*'"), 3);
}

static void the_same_word_again_is_no_news(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1);
	const struct annotation from_export = {
	    .event = STAGE_B, .run = -1, .time_s = 400000, .author = "incubator", .made_us = 5};
	for (int i = 0; i < 2; i++)
		OK(annotations_add(f->store, embryo, 0, &from_export, &f->err));
	struct listed listed = listed_of(f, embryo);
	assert_int_equal(listed.count, 1);
	assert_string_equal(listed.annotations[0].author, "incubator");
	assert_int_equal(listed.annotations[0].time_s, 400000);
	assert_int_equal(listed.annotations[0].run, -1);
	assert_int_equal(listed.annotations[0].made_us, 5);
	assert_int_equal(count_of(f, "SELECT count(*) FROM events"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"), 0);
}

static void a_word_can_be_taken_back(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva");
	say(f, embryo, eva, STAGE_2, 4);
	say(f, embryo, eva, STAGE_3, -1);
	assert_true(listed_of(f, embryo).annotations[1].absent);
	OK(annotations_withdraw(f->store, embryo, eva, STAGE_2, &f->err));
	assert_int_equal(listed_of(f, embryo).count, 1);
	FAILS(ERR_NOT_FOUND, annotations_withdraw(f->store, embryo, eva, STAGE_2, &f->err));
	say(f, embryo, eva, STAGE_2, 4);
	assert_int_equal(listed_of(f, embryo).count, 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM events"), 3);
}

static void an_unfit_word_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva");
	struct annotation bad = {.event = STAGE_EMPTY, .run = 1};
	FAILS(ERR_BAD_INPUT, annotations_add(f->store, embryo, eva, &bad, &f->err));
	bad = (struct annotation){.event = STAGE_2, .run = -1, .time_s = TIME_UNKNOWN};
	FAILS(ERR_BAD_INPUT, annotations_add(f->store, embryo, eva, &bad, &f->err));
	bad = (struct annotation){.event = STAGE_2, .run = 1};
	FAILS(ERR_BAD_INPUT, annotations_add(f->store, embryo, 0, &bad, &f->err));
	FAILS(ERR_NOT_FOUND, annotations_add(f->store, 99, eva, &bad, &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(two_people_stand_side_by_side),
	    TEST(the_same_word_again_is_no_news),
	    TEST(a_word_can_be_taken_back),
	    TEST(an_unfit_word_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
