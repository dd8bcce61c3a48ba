/* Observations: each kind has its values, and nothing else is a word. */
#include "unit/unit.h"

#include "base/text.h"
#include "model/observation.h"

#include <string.h>

static struct err err;

static struct observation word(enum observation_kind kind, const char *value)
{
	struct observation observation = {.kind = kind, .run = -1};
	text_copy(observation.value, sizeof observation.value, value);
	return observation;
}

static bool fits(enum observation_kind kind, const char *value)
{
	const struct observation observation = word(kind, value);
	return observation_check(&observation, &err);
}

static void kinds_are_named_both_ways(void **state)
{
	enum observation_kind kind;
	(void)state;
	for (int i = 0; i < OBSERVATION_COUNT; i++) {
		assert_true(observation_from_name(observation_name((enum observation_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	assert_false(observation_from_name("beauty", &kind));
	assert_int_equal(observation_group(OBSERVATION_VIABILITY), ASSESSMENT);
	assert_int_equal(observation_group(OBSERVATION_HCG), OUTCOME);
}

static void every_listed_value_fits(void **state)
{
	(void)state;
	for (int i = 0; i < OBSERVATION_COUNT; i++) {
		char values[128], *rest = values;
		text_copy(values, sizeof values, observation_values((enum observation_kind)i));
		for (char *value; (value = strsep(&rest, " "));)
			if (strcmp(value, OBSERVATION_PERCENT) != 0)
				must(fits((enum observation_kind)i, value));
	}
}

static void what_is_not_listed_is_refused(void **state)
{
	static const struct {
		enum observation_kind kind;
		const char *value;
	} cases[] = {{OBSERVATION_PRONUCLEI, "5"}, {OBSERVATION_PRONUCLEI, ""}, {OBSERVATION_PRONUCLEI, "2 2.1"},
	    {OBSERVATION_PRONUCLEI, "2."}, {OBSERVATION_EVENNESS_4, "Even"}, {OBSERVATION_VIABILITY, "viable not-viable"},
	    {OBSERVATION_COUNT, "yes"}, {OBSERVATION_SACS, "5"}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		must_fail(fits(cases[i].kind, cases[i].value), ERR_BAD_INPUT);
}

static void per_cent_are_whole_and_written_one_way(void **state)
{
	static const char *const good[] = {"0", "5", "25", "100"};
	static const char *const bad[] = {"", "05", "+5", "-1", "101", "1000", "5%", "2.5", " 5", "%"};
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		must(fits(OBSERVATION_FRAGMENTATION_4, good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		must_fail(fits(OBSERVATION_FRAGMENTATION_4, bad[i]), ERR_BAD_INPUT);
}

static void runs_are_of_assessments_and_days_of_outcomes(void **state)
{
	struct observation seen = word(OBSERVATION_PRONUCLEI, "2"), known = word(OBSERVATION_HCG, "yes");
	(void)state;
	seen.run = 30;
	must(observation_check(&seen, &err));
	text_copy(seen.day, sizeof seen.day, "2026-12-01");
	must_fail(observation_check(&seen, &err), ERR_BAD_INPUT);
	text_copy(known.day, sizeof known.day, "2026-12-01");
	must(observation_check(&known, &err));
	text_copy(known.day, sizeof known.day, "2026-13-01");
	must_fail(observation_check(&known, &err), ERR_BAD_INPUT);
	known.day[0] = 0;
	known.run = 30;
	must_fail(observation_check(&known, &err), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kinds_are_named_both_ways),
	    cmocka_unit_test(every_listed_value_fits),
	    cmocka_unit_test(what_is_not_listed_is_refused),
	    cmocka_unit_test(per_cent_are_whole_and_written_one_way),
	    cmocka_unit_test(runs_are_of_assessments_and_days_of_outcomes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
