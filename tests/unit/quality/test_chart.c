#include "unit/unit.h"

#include "quality/chart.h"

/* Montgomery's cans of orange juice: 30 samples of 50, 347 that leak; limits 0.0524 and 0.4102. */
static void test_montgomery(void **state)
{
	(void)state;
	static const int leaking[30] = {12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12,
	    7, 13, 9, 6};
	struct chart_point points[30];
	int middle;
	for (int i = 0; i < 30; i++)
		points[i] = (struct chart_point){.numerator = leaking[i], .denominator = 50};
	chart_limits(points, 30, &middle);
	assert_int_equal(middle, 231);
	for (int i = 0; i < 30; i++) {
		assert_int_equal(points[i].low_permille, 52);
		assert_int_equal(points[i].high_permille, 410);
		assert_int_equal(points[i].out, i == 14 || i == 22);
	}
}

/* p = 30 / 120; 0.25 +- 3 sqrt(0.1875 / n): n 100 gives 0.120 .. 0.380, n 20 below zero .. 0.540. */
static void test_limits_of_unlike_months(void **state)
{
	(void)state;
	struct chart_point points[] = {{.numerator = 20, .denominator = 100}, {.numerator = 10, .denominator = 20}, {0}};
	int middle;
	chart_limits(points, 3, &middle);
	assert_int_equal(middle, 250);
	assert_int_equal(points[0].low_permille, 120);
	assert_int_equal(points[0].high_permille, 380);
	assert_false(points[0].out);
	assert_int_equal(points[1].low_permille, 0);
	assert_int_equal(points[1].high_permille, 540);
	assert_false(points[1].out);
	assert_false(points[2].out);
}

static void test_edges(void **state)
{
	(void)state;
	struct chart_point none[] = {{0}, {0}}, all[] = {{.numerator = 7, .denominator = 7}, {.numerator = 3, .denominator = 3}};
	int middle;
	chart_limits(none, 2, &middle);
	assert_int_equal(middle, -1);
	chart_limits(all, 2, &middle);
	assert_int_equal(middle, 1000);
	assert_false(all[0].out);
	assert_int_equal(chart_permille(1, 3), 333);
	assert_int_equal(chart_permille(2, 3), 667);
	assert_int_equal(chart_permille(0, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_montgomery), cmocka_unit_test(test_limits_of_unlike_months),
	    cmocka_unit_test(test_edges)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
