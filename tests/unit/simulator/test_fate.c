#include "simulator/fate.h"
#include "unit/unit.h"

enum { COHORT = 3000 };

static void draw(struct fate *fate, int i)
{
	struct random random;
	random_start(&random, 42, (uint64_t)i);
	fate_draw(fate, &random, INSEMINATION_ICSI, STAGE_EMPTY);
}

static void test_events_are_ordered(void **state)
{
	(void)state;
	for (int i = 0; i < COHORT; i++) {
		struct fate fate;
		draw(&fate, i);
		double last = 0;
		for (int stage = STAGE_PB2; stage < STAGE_COUNT; stage++) {
			double t = fate.event_h[stage];
			if (t == FATE_NEVER)
				continue;
			assert_true(t >= last);
			assert_true(t < fate.arrest_h);
			last = t;
		}
		for (int split = 1; split < fate.splits; split++)
			assert_true(fate.split_h[split] >= fate.split_h[split - 1]);
	}
}

static double median_of(enum stage stage)
{
	double times[COHORT];
	int count = 0;
	for (int i = 0; i < COHORT; i++) {
		struct fate fate;
		draw(&fate, i);
		if (fate.event_h[stage] == FATE_NEVER)
			continue;
		int at = count++;
		for (; at > 0 && times[at - 1] > fate.event_h[stage]; at--)
			times[at] = times[at - 1];
		times[at] = fate.event_h[stage];
	}
	assert_true(count > COHORT / 3);
	return times[count / 2];
}

/* Istanbul 2025, Table 1, ICSI, rounded there to the hour. */
static void test_medians(void **state)
{
	(void)state;
	static const struct {
		enum stage stage;
		double median, within;
	} known[] = {{STAGE_PNF, 23, 1},  {STAGE_2, 26, 1},  {STAGE_4, 38, 1.5}, {STAGE_8, 57, 1.5},
	    {STAGE_M, 89, 2.5}, {STAGE_B, 108, 2.5}, {STAGE_EB, 113, 2.5}};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		double median = median_of(known[i].stage), off = median - known[i].median;
		print_message("%-5s median %.1f h, published %.0f h\n", stage_name(known[i].stage), median,
		    known[i].median);
		assert_true(off <= known[i].within && off >= -known[i].within);
	}
}

static void test_shares(void **state)
{
	(void)state;
	int blastocysts = 0, direct = 0, reverse = 0;
	for (int i = 0; i < COHORT; i++) {
		struct fate fate;
		draw(&fate, i);
		blastocysts += fate.event_h[STAGE_B] != FATE_NEVER;
		direct += fate.event_h[STAGE_2] == FATE_NEVER && fate.event_h[STAGE_3] != FATE_NEVER;
		reverse += fate.reverse_h < fate.arrest_h && fate.reverse_h != FATE_NEVER;
	}
	assert_in_range(blastocysts, COHORT * 45 / 100, COHORT * 65 / 100);
	assert_in_range(direct, COHORT * 2 / 100, COHORT * 9 / 100);
	assert_in_range(reverse, COHORT * 2 / 100, COHORT * 9 / 100);
}

static void test_reach(void **state)
{
	(void)state;
	for (int stage = STAGE_PB2; stage < STAGE_COUNT; stage++) {
		struct random random;
		random_start(&random, 5, (uint64_t)stage);
		struct fate fate;
		fate_draw(&fate, &random, INSEMINATION_IVF, (enum stage)stage);
		assert_true(fate.event_h[stage] != FATE_NEVER);
	}
}

/* Whatever goes wrong, the sizes still fit into each other. */
static void test_trouble(void **state)
{
	(void)state;
	int fragmented = 0, several = 0;
	for (int i = 0; i < COHORT; i++) {
		struct fate fate;
		struct random random;
		draw(&fate, i);
		random_start(&random, 43, (uint64_t)i);
		fate_trouble(&fate, &random);
		assert_true(fate.zona_inner_um > fate.radius_um && fate.expansion_um > fate.zona_inner_um + 12);
		assert_true(fate.fragmentation >= 0 && fate.fragmentation < 0.65);
		fragmented += fate.fragmentation > 0.25;
		several += fate.multinucleated > 0;
	}
	assert_in_range(fragmented, COHORT / 5, COHORT / 2);
	assert_in_range(several, COHORT / 4, COHORT / 2);
}

/* 1 to 4 at once: three divisions in one hour. */
static void test_chaos(void **state)
{
	(void)state;
	int chaotic = 0;
	for (int i = 0; i < COHORT; i++) {
		struct fate fate;
		draw(&fate, i);
		if (fate.event_h[STAGE_3] != FATE_NEVER || fate.event_h[STAGE_4] == FATE_NEVER)
			continue;
		chaotic++;
		assert_true(fate.splits >= 3 && fate.split_h[0] == fate.split_h[2]);
		assert_true(fate.split_h[0] == fate.event_h[STAGE_4]);
	}
	assert_in_range(chaotic, COHORT / 200, COHORT / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_events_are_ordered), cmocka_unit_test(test_medians),
	    cmocka_unit_test(test_shares), cmocka_unit_test(test_reach),
	    cmocka_unit_test(test_trouble), cmocka_unit_test(test_chaos)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
