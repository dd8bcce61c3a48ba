#include "unit/unit.h"

#include "models/ranges.h"

#include <math.h>

static struct range range;

static void fresh(void)
{
	range = (struct range){0};
}

static void nothing_but_zeros(void **state)
{
	(void)state;
	const float zeros[4] = {0, -0.0f, NAN, INFINITY};
	fresh();
	range_add(&range, zeros, 4);
	struct step step = range_step(&range);
	assert_int_equal(step.zero, 0);
	assert_true(step.scale > 0);
}

/* Evenly spread values lose nothing by keeping the whole range. */
static void even_values(void **state)
{
	(void)state;
	fresh();
	for (int i = 0; i <= 1000; i++) {
		float value = (float)(i - 200) / 100;
		range_add(&range, &value, 1);
	}
	struct step step = range_step(&range);
	assert_float_equal(step.scale, 10.0 / 255, 0.001);
	assert_int_equal(step.zero, lround(2.0 / step.scale));
}

/* The reach grows as values come: the order changes nothing that matters. */
static void in_any_order(void **state)
{
	(void)state;
	fresh();
	for (int i = 1; i <= 4096; i++) {
		float value = (float)i;
		range_add(&range, &value, 1);
	}
	double up = range_step(&range).scale;
	fresh();
	for (int i = 4096; i >= 1; i--) {
		float value = (float)i;
		range_add(&range, &value, 1);
	}
	assert_float_equal(range_step(&range).scale, up, up / 100);
	assert_float_equal(range.high, 4096, 0);
}

static void one_outlier_does_not_make_all_coarse(void **state)
{
	(void)state;
	float value = 3;
	fresh();
	range_add(&range, &value, 1);
	for (int i = 0; i < 1000000; i++) {
		value = (float)(i % 1000) / 1000;
		range_add(&range, &value, 1);
	}
	assert_true(range_step(&range).scale * 255 < 2.5);
	assert_int_equal(range_step(&range).zero, 0);
}

static void only_below_zero(void **state)
{
	(void)state;
	fresh();
	for (int i = 0; i < 100; i++) {
		float value = -(float)i;
		range_add(&range, &value, 1);
	}
	struct step step = range_step(&range);
	assert_int_equal(step.zero, 255);
	assert_float_equal(step.scale, 99.0 / 255, 0.02);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_but_zeros),
	    cmocka_unit_test(even_values),
	    cmocka_unit_test(in_any_order),
	    cmocka_unit_test(one_outlier_does_not_make_all_coarse),
	    cmocka_unit_test(only_below_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
