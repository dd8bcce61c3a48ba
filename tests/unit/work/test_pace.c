#include "unit/unit.h"

#include "work/pace.h"

/* A wrong start is forgotten, in the product of both factors soon. */
static void test_learns(void **state)
{
	(void)state;
	struct pace pace;
	pace_start(&pace, 2, 10e3, 400e3);
	for (int i = 0; i < 600; i++)
		pace_step(&pace, 16, 16 * 20e3, 16, 16 * 100e3);
	double both = (pace.cut_us + pace.read_us) * pace.slow;
	assert_true(both > 115e3 && both < 125e3);
	for (int i = 0; i < 20000; i++)
		pace_step(&pace, 16, 16 * 20e3, 16, 16 * 100e3);
	assert_true(pace.read_us > 99e3 && pace.read_us < 101e3);
	assert_true(pace.cut_us > 19e3 && pace.cut_us < 21e3);
	assert_true(pace.slow > 0.99 && pace.slow < 1.01);
}

/* While the box is slow and only cuts, its reading is known to be slower, too; afterwards the usual pace is still known. */
static void test_slow_is_slow_at_both(void **state)
{
	(void)state;
	struct pace pace;
	pace_start(&pace, 1, 20e3, 100e3);
	for (int i = 0; i < 600; i++)
		pace_step(&pace, 16, 16 * 40e3, 0, 0);
	assert_true(pace.slow > 1.5);
	assert_true(pace.read_us == 100e3);
	for (int i = 0; i < 600; i++)
		pace_step(&pace, 16, 16 * 20e3, 0, 0);
	assert_true(pace.slow < 1.1);
}

static void test_nothing_is_no_step(void **state)
{
	(void)state;
	struct pace pace;
	pace_start(&pace, 0, 20e3, 100e3);
	pace_step(&pace, 0, 0, 0, 0);
	pace_step(&pace, 5, 0, 0, 0);
	assert_true(pace.slow == 1 && pace.cut_us == 20e3 && pace.slots == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_learns),
	    cmocka_unit_test(test_slow_is_slow_at_both),
	    cmocka_unit_test(test_nothing_is_no_step),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
