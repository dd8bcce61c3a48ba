#include "unit/unit.h"

#include "evaluation/likelihood.h"
#include "unit/evaluation/shipped.h"

#include <math.h>

static struct reading says(enum stage stage, double sure)
{
	struct reading reading = {.occupied = PROBABILITY_ONE};
	for (int k = STAGE_PB2; k <= STAGE_HB; k++)
		reading.stage[k] = (uint16_t)(PROBABILITY_ONE * (1 - sure) / (STAGE_HB - 1));
	reading.stage[stage] = (uint16_t)(PROBABILITY_ONE * sure);
	return reading;
}

/* How much more the reading speaks for one stage than for another. */
static double speaks(const struct reading *reading, enum stage a, enum stage b)
{
	double to[STAGE_COUNT];
	likelihood_of(reading, shipped_priors(), 1, to);
	return to[a] - to[b];
}

static void the_same_hours_weigh_about_the_same(void **state)
{
	(void)state;
	double often = 4 * 12 * likelihood_weight(0.25), seldom = 12 * likelihood_weight(1);
	assert_true(often / seldom > 0.9 && often / seldom < 1.5);
	assert_true(likelihood_weight(0.25) < likelihood_weight(1.5));
	assert_true(likelihood_weight(0) > 0);
	assert_true(likelihood_weight(INFINITY) == 1);
}

static void one_frame_is_never_sure(void **state)
{
	(void)state;
	struct reading sure = says(STAGE_4, 1), fair = says(STAGE_4, 0.6);
	assert_true(speaks(&sure, STAGE_4, STAGE_5) > speaks(&fair, STAGE_4, STAGE_5));
	assert_true(speaks(&sure, STAGE_4, STAGE_5) < 5); /* a neighbour is soon mistaken for it */
	assert_true(speaks(&sure, STAGE_4, STAGE_EB) < 8); /* and even the absurd happens */
	assert_true(speaks(&sure, STAGE_5, STAGE_EB) > 0);
}

static void the_unfamiliar_says_less(void **state)
{
	(void)state;
	struct reading reading = says(STAGE_4, 0.95);
	double known = speaks(&reading, STAGE_4, STAGE_6);
	reading.unfamiliar = 1000;
	assert_true(speaks(&reading, STAGE_4, STAGE_6) < known);
	assert_true(speaks(&reading, STAGE_4, STAGE_6) > 0);
}

static void no_word_is_no_word(void **state)
{
	(void)state;
	struct reading empty = {.stage = {PROBABILITY_ONE}}, even = says(STAGE_4, 1.0 / STAGE_HB);
	assert_true(fabs(speaks(&even, STAGE_4, STAGE_EB)) < 0.3);
	assert_true(isfinite(speaks(&empty, STAGE_4, STAGE_EB)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_hours_weigh_about_the_same),
	    cmocka_unit_test(one_frame_is_never_sure),
	    cmocka_unit_test(the_unfamiliar_says_less),
	    cmocka_unit_test(no_word_is_no_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
