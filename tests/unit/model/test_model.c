/* The clinic's nouns: names go both ways, times are whole seconds, checks say what is wrong. */
#include "unit/unit.h"

#include "model/track.h"

#include <string.h>

static struct err err;

static void stages_are_named_both_ways(void **state)
{
	(void)state;
	for (int i = 0; i < STAGE_COUNT; i++) {
		enum stage stage;
		assert_true(stage_from_name(stage_name((enum stage)i), &stage));
		assert_int_equal(stage, i);
	}
	enum stage stage;
	assert_true(stage_from_name("p9+", &stage) && stage == STAGE_9);
	assert_true(stage_from_name("pPNf", &stage) && stage == STAGE_PNF);
	assert_false(stage_from_name("t10", &stage) || stage_from_name("", &stage));
	assert_int_equal(stage_group(STAGE_9), GROUP_CLEAVAGE);
	assert_int_equal(stage_group(STAGE_SB), GROUP_BLASTOCYST);
}

static void an_unknown_time_stays_unknown(void **state)
{
	(void)state;
	assert_true(time_since_insemination(TIME_UNKNOWN, 0) == TIME_UNKNOWN);
	assert_true(time_since_insemination(0, TIME_UNKNOWN) == TIME_UNKNOWN);
	assert_true(time_since_insemination(500, 200) == 300);
	assert_true(time_from_hours(11.9) == 42840);
	assert_true(time_from_hours(1e9) == TIME_UNKNOWN);
}

static void a_patient_needs_name_and_identifier(void **state)
{
	(void)state;
	struct patient patient = {.name = "A B", .identifier = "1", .born = "1990-02-03"};
	must(patient_check(&patient, &err));
	memcpy(patient.born, "3.2.1990", 9);
	must_fail(patient_check(&patient, &err), ERR_BAD_INPUT);
	patient.born[0] = 0;
	patient.name[0] = 0;
	must_fail(patient_check(&patient, &err), ERR_BAD_INPUT);
}

static void a_group_sums_its_stages(void **state)
{
	(void)state;
	struct reading reading = {.stage = {[STAGE_2] = 20000, [STAGE_3] = 20000, [STAGE_PNA] = 25535}};
	assert_int_equal(reading_top_stage(&reading), STAGE_PNA);
	assert_int_equal(reading_top_group(&reading), GROUP_CLEAVAGE);
	assert_int_equal(reading_group_probability(&reading, GROUP_CLEAVAGE), 40000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stages_are_named_both_ways),
	    cmocka_unit_test(an_unknown_time_stays_unknown),
	    cmocka_unit_test(a_patient_needs_name_and_identifier),
	    cmocka_unit_test(a_group_sums_its_stages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
