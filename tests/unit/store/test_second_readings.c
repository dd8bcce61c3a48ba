/* Blind second readings: only by one who has said nothing yet. */
#include "unit/store/fixture.h"

#include "store/annotations.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/evaluations.h"
#include "store/grades.h"
#include "store/observations.h"
#include "store/second_readings.h"

static int64_t since(struct fixture *f, int64_t embryo, int64_t user)
{
	int64_t begun_us = -1;
	OK(second_readings_since(f->store, embryo, user, &begun_us, &f->err));
	return begun_us;
}

static bool count_ended(const struct second_reading *reading, void *context)
{
	assert_string_equal(reading->reader, "eva");
	assert_true(reading->begun_us > 0);
	*(int *)context += reading->ended_us >= reading->begun_us;
	return true;
}

static void one_is_begun_and_ended(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), max = a_user(f, "max");
	int ended = 0;
	assert_int_equal(since(f, embryo, eva), 0);
	FAILS(ERR_NOT_FOUND, second_readings_end(f->store, embryo, eva, &f->err));
	OK(second_readings_begin(f->store, embryo, eva, &f->err));
	int64_t begun_us = since(f, embryo, eva);
	assert_true(begun_us > 0);
	assert_int_equal(since(f, embryo, max), 0);
	/* One's own words do not end it, nor does beginning again. */
	OK(grades_add(f->store, embryo, eva, &(struct grade){.stage = GRADE_MORULA, .quality = GRADE_TOP}, &f->err));
	OK(second_readings_begin(f->store, embryo, eva, &f->err));
	assert_int_equal(since(f, embryo, eva), begun_us);
	OK(second_readings_end(f->store, embryo, eva, &f->err));
	assert_int_equal(since(f, embryo, eva), 0);
	OK(second_readings_each(f->store, embryo, count_ended, &ended, &f->err));
	assert_int_equal(ended, 1);
	FAILS(ERR_CONFLICT, second_readings_begin(f->store, embryo, eva, &f->err));
	FAILS(ERR_NOT_FOUND, second_readings_begin(f->store, 99, eva, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action GLOB 'second-reading.*'"), 2);
}

static void whoever_spoke_has_looked(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), eva = a_user(f, "eva");
	int64_t marked = an_embryo(f, dish, 1), graded = an_embryo(f, dish, 2), noted = an_embryo(f, dish, 3);
	const struct annotation t2 = {.event = STAGE_2, .run = 3, .time_s = TIME_UNKNOWN};
	const struct grade top = {.stage = GRADE_CLEAVAGE, .quality = GRADE_TOP};
	const struct observation two = {.kind = OBSERVATION_PRONUCLEI, .value = "2", .run = -1};
	OK(annotations_add(f->store, marked, eva, &t2, &f->err));
	OK(grades_add(f->store, graded, eva, &top, &f->err));
	OK(observations_add(f->store, noted, eva, &two, &f->err));
	FAILS(ERR_CONFLICT, second_readings_begin(f->store, marked, eva, &f->err));
	FAILS(ERR_CONFLICT, second_readings_begin(f->store, graded, eva, &f->err));
	FAILS(ERR_CONFLICT, second_readings_begin(f->store, noted, eva, &f->err));
	/* What was taken back is no word. */
	OK(observations_withdraw(f->store, noted, eva, OBSERVATION_PRONUCLEI, &f->err));
	OK(second_readings_begin(f->store, noted, eva, &f->err));
}

static int64_t shown_us(struct fixture *f, int64_t embryo, int64_t user)
{
	struct second_reading reading;
	OK(second_readings_begin(f->store, embryo, user, &f->err));
	OK(second_readings_open(f->store, embryo, user, &reading, &f->err));
	assert_true(reading.begun_us > 0);
	return reading.shown_us;
}

static void it_is_kept_who_was_shown_what(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), eva = a_user(f, "eva"), max = a_user(f, "max"), cycle;
	int64_t told = an_embryo(f, dish, 1), untold = an_embryo(f, dish, 2), blind = an_embryo(f, dish, 3);
	OK(evaluations_put(f->store, told, "{}", &f->err));
	OK(evaluations_put(f->store, blind, "{}", &f->err));
	OK(cycles_add(f->store, 0, &(struct cycle){.patient_id = a_patient(f, "P1"), .label = "2026"}, &cycle, &f->err));
	OK(dishes_assign(f->store, dish, cycle, 0, &f->err));
	assert_int_equal(shown_us(f, blind, eva), 0);
	OK(second_readings_note_shown(f->store, eva, 0, cycle, &f->err));
	OK(second_readings_note_shown(f->store, eva, 0, cycle, &f->err));
	OK(second_readings_note_shown(f->store, max, blind, 0, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM shown"), 2);
	assert_true(shown_us(f, told, eva) > 0);
	assert_int_equal(shown_us(f, untold, eva), 0);
	assert_int_equal(shown_us(f, told, max), 0);
	assert_true(shown_us(f, blind, max) > 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE detail = 'shown before'"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_is_begun_and_ended),
	    TEST(whoever_spoke_has_looked),
	    TEST(it_is_kept_who_was_shown_what),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
