#include "unit/unit.h"

#include "model/time.h"
#include "quality/reference.h"

#include <string.h>

/* Type 7 by hand: of 10, 20, 30, 40 the quarter lies at 1 + 3 / 4 = 1.75 of the way: 17.5. */
static void test_percentiles(void **state)
{
	(void)state;
	static const int64_t values[] = {100, 200, 300, 400};
	assert_int_equal(reference_percentile(values, 4, 0), 100);
	assert_int_equal(reference_percentile(values, 4, 25), 175);
	assert_int_equal(reference_percentile(values, 4, 50), 250);
	assert_int_equal(reference_percentile(values, 4, 90), 370);
	assert_int_equal(reference_percentile(values, 4, 100), 400);
	assert_int_equal(reference_percentile(values, 1, 90), 100);
}

static void test_fifty(void **state)
{
	(void)state;
	int64_t times[51];
	struct reference reference;
	for (int i = 0; i < 51; i++)
		times[i] = 3600 * (50 - i); /* falling */
	reference_of(times, 49, 40, &reference);
	assert_false(reference.enough);
	assert_int_equal(reference.embryos, 49);
	reference_of(times, 51, 40, &reference);
	assert_true(reference.enough);
	assert_int_equal(reference.automatic, 40);
	assert_int_equal(reference.p10_s, 5 * 3600);
	assert_int_equal(reference.p25_s, 45000); /* 12.5 h */
	assert_int_equal(reference.p50_s, 25 * 3600);
	assert_int_equal(reference.p75_s, 135000);
	assert_int_equal(reference.p90_s, 45 * 3600);
}

static void test_who_is_taken(void **state)
{
	(void)state;
	struct subject subject = {0};
	for (int j = 0; j < STAGE_COUNT; j++)
		subject.events[j].used_s = TIME_UNKNOWN;
	subject.events[STAGE_SB].used_s = 350000;
	assert_false(reference_takes(&subject));
	subject.events[STAGE_EB].used_s = 390000;
	assert_true(reference_takes(&subject));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_percentiles), cmocka_unit_test(test_fifty), cmocka_unit_test(test_who_is_taken)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
