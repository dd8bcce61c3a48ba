/* What logits are worth: whole-number powers of two against the library's, tables between their steps, and
 * what a reading says of cells. */
#include "unit/unit.h"

#include "reading/calibrate.h"
#include "unit/reading/networks.h"

#include <math.h>

static void probabilities_are_those_of_a_softmax(void **state)
{
	(void)state;
	uint32_t random = 4;
	for (int round = 0; round < 200; round++) {
		int32_t logits[STAGE_COUNT];
		uint16_t probabilities[STAGE_COUNT];
		double sum = 0;
		uint32_t given = 0;
		for (int i = 0; i < STAGE_COUNT; i++) {
			logits[i] = (int32_t)(network_random(&random) % 4000) - 2000;
			sum += exp2(logits[i] / 256.0);
		}
		calibrate_softmax(logits, STAGE_COUNT, probabilities);
		for (int i = 0; i < STAGE_COUNT; i++) {
			/* The top one takes what the others' rounding leaves over. */
			assert_true(fabs(probabilities[i] -
			                PROBABILITY_ONE * exp2(logits[i] / 256.0) / sum) < STAGE_COUNT);
			given += probabilities[i];
		}
		assert_int_equal(given, PROBABILITY_ONE);
	}
}

static void extremes_stay_in_range(void **state)
{
	(void)state;
	static const int32_t logits[3] = {INT32_MIN, 0, INT32_MAX};
	uint16_t probabilities[3];
	calibrate_softmax(logits, 3, probabilities);
	assert_int_equal(probabilities[2], PROBABILITY_ONE);
	assert_int_equal(probabilities[0], 0);
	assert_int_equal(calibrate_logistic(INT32_MIN), 0);
	assert_int_equal(calibrate_logistic(0), 500);
	assert_int_equal(calibrate_logistic(INT32_MAX), 1000);
	/* Odds of two to one. */
	assert_int_equal(calibrate_logistic(NETWORK_LOGIT_ONE), 667);
}

static void confidence_is_straight_between_steps(void **state)
{
	(void)state;
	uint16_t steps[NETWORK_CONFIDENCE_STEPS];
	for (int i = 0; i < NETWORK_CONFIDENCE_STEPS; i++)
		steps[i] = (uint16_t)(i < 8 ? 0 : 100 * (i - 7));
	assert_int_equal(calibrate_confidence(steps, 0), 0);
	assert_int_equal(calibrate_confidence(steps, PROBABILITY_ONE), 900);
	assert_int_equal(calibrate_confidence(steps, PROBABILITY_ONE / 2 + 1), 100);
	assert_int_equal(calibrate_confidence(steps, (uint32_t)(PROBABILITY_ONE * 9.5 / 16)), 250);
}

static void unfamiliar_counts_quantiles(void **state)
{
	(void)state;
	uint64_t steps[NETWORK_UNFAMILIAR_STEPS];
	for (uint64_t i = 0; i < NETWORK_UNFAMILIAR_STEPS; i++)
		steps[i] = 1000 + 100 * i;
	assert_int_equal(calibrate_unfamiliar(steps, 0), 0);
	assert_int_equal(calibrate_unfamiliar(steps, 1000), 0);
	assert_int_equal(calibrate_unfamiliar(steps, 3000), 500);
	assert_int_equal(calibrate_unfamiliar(steps, 3050), 512);
	assert_int_equal(calibrate_unfamiliar(steps, 5000), 1000);
	assert_int_equal(calibrate_unfamiliar(steps, UINT64_MAX), 1000);
	/* Steps of one height. */
	memset(steps, 0, sizeof steps);
	assert_int_equal(calibrate_unfamiliar(steps, 0), 0);
	assert_int_equal(calibrate_unfamiliar(steps, 1), 1000);
}

/* The head's logits as a network would leave them. */
static void set_logits(
    const struct network_ready *ready, enum network_output_kind kind, int top, int32_t value)
{
	size_t count;
	int32_t *logits =
	    (int32_t *)(uintptr_t)network_logits(ready->network, ready->scratch, kind, &count);
	memset(logits, 0, count * sizeof *logits);
	logits[top] = value;
}

static void cells_come_with_what_can_be_told_of_them(void **state)
{
	(void)state;
	OWN(network_ready_done) struct network_ready ready;
	struct reading reading = {0};
	network_make(1, true, &ready);
	memset(ready.scratch, 0, network_scratch_size(ready.network));
	set_logits(&ready, NETWORK_STAGE, STAGE_4, 8 * NETWORK_LOGIT_ONE);
	set_logits(&ready, NETWORK_FRAGMENTATION, 2, 20 * NETWORK_LOGIT_ONE);
	set_logits(&ready, NETWORK_UNEVEN, 0, -NETWORK_LOGIT_ONE);
	set_logits(&ready, NETWORK_MULTINUCLEATED, 0, 20 * NETWORK_LOGIT_ONE);
	calibrate(ready.network, ready.scratch, &reading);
	assert_int_equal(reading_top_stage(&reading), STAGE_4);
	assert_int_equal(reading.cells, 4);
	assert_int_equal(reading.fragmentation_permille, 150);
	assert_int_equal(reading.fragmentation_confidence, 1000);
	assert_int_equal(reading.uneven, 333);
	assert_int_equal(reading.multinucleated, 1000);
	assert_true(reading.confidence > 800 && reading.cells_confidence >= reading.confidence);
}

static void zygotes_are_one_cell_and_morulae_none(void **state)
{
	(void)state;
	OWN(network_ready_done) struct network_ready ready;
	struct reading reading = {.fragmentation_permille = READING_UNKNOWN, .uneven = READING_UNKNOWN};
	network_make(1, true, &ready);
	memset(ready.scratch, 0, network_scratch_size(ready.network));
	set_logits(&ready, NETWORK_STAGE, STAGE_M, 8 * NETWORK_LOGIT_ONE);
	calibrate(ready.network, ready.scratch, &reading);
	assert_int_equal(reading.cells, 0);
	assert_int_equal(reading.cells_confidence, 0);
	assert_int_equal(reading.fragmentation_permille, READING_UNKNOWN);
	assert_int_equal(reading.uneven, READING_UNKNOWN);
	set_logits(&ready, NETWORK_STAGE, STAGE_PNA, 8 * NETWORK_LOGIT_ONE);
	calibrate(ready.network, ready.scratch, &reading);
	assert_int_equal(reading.cells, 1);
	assert_true(reading.occupied > 60000);
	set_logits(&ready, NETWORK_STAGE, STAGE_EMPTY, 20 * NETWORK_LOGIT_ONE);
	calibrate(ready.network, ready.scratch, &reading);
	assert_int_equal(reading.occupied, PROBABILITY_ONE - reading.stage[STAGE_EMPTY]);
	assert_true(reading.occupied < 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(probabilities_are_those_of_a_softmax),
	    cmocka_unit_test(extremes_stay_in_range),
	    cmocka_unit_test(confidence_is_straight_between_steps),
	    cmocka_unit_test(unfamiliar_counts_quantiles),
	    cmocka_unit_test(cells_come_with_what_can_be_told_of_them),
	    cmocka_unit_test(zygotes_are_one_cell_and_morulae_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
