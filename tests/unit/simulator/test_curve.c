#include "simulator/curve.h"
#include "unit/unit.h"

#include <math.h>

static void test_sine(void **state)
{
	(void)state;
	for (double x = -900; x < 900; x += 0.137) {
		assert_true(fabs(curve_sin(x) - sin(x)) < 1e-6);
		assert_true(fabs(curve_cos(x) - cos(x)) < 1e-6);
	}
}

static void test_step(void **state)
{
	(void)state;
	assert_true(curve_step(2, 4, 1) == 0 && curve_step(2, 4, 5) == 1 && curve_step(2, 4, 3) == 0.5);
	assert_true(curve_step(4, 2, 1) == 1 && curve_step(4, 2, 5) == 0);
	assert_true(curve_step(2, 2, 1.9) == 0 && curve_step(2, 2, 2) == 1);
	for (double x = 0; x < 6; x += 0.01)
		assert_true(curve_step(2, 4, x) <= curve_step(2, 4, x + 0.01));
}

static void test_cube_root(void **state)
{
	(void)state;
	for (double x = 0.001; x < 1e6; x *= 1.7)
		assert_true(fabs(curve_cube_root(x) / cbrt(x) - 1) < 1e-9);
	assert_true(curve_cube_root(0) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_sine), cmocka_unit_test(test_step),
	    cmocka_unit_test(test_cube_root)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
