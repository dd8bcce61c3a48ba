#include "unit/unit.h"

#include "quality/kappa.h"

#include <math.h>

static void assert_close(double value, double expected, double within)
{
	if (fabs(value - expected) > within)
		fail_msg("%.6f, not %.6f", value, expected);
}

/* Cohen 1968, Table 1: 200 cases, three diagnoses; unweighted kappa .492. */
static void test_cohen_1968(void **state)
{
	(void)state;
	struct kappa_table table = {3, false, {{88, 14, 18}, {10, 40, 10}, {2, 6, 12}}};
	struct kappa kappa;
	kappa_of(&table, &kappa);
	assert_true(kappa.computable);
	assert_int_equal(kappa.ratings, 200);
	assert_int_equal(kappa.same, 140);
	assert_close(kappa.value, 0.4915, 0.00005);
	assert_close(kappa.error, 0.0510, 0.00005);
}

/* Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, Table 18.1: kappa .68, error .087. */
static void test_fleiss(void **state)
{
	(void)state;
	struct kappa_table table = {3, false, {{75, 1, 4}, {5, 4, 1}, {0, 0, 10}}};
	struct kappa kappa;
	kappa_of(&table, &kappa);
	assert_close(kappa.value, 0.6765, 0.00005);
	assert_close(kappa.error, 0.0877, 0.00005);
	assert_close(kappa.low, 0.6765 - 1.96 * 0.0877, 0.0002);
	assert_close(kappa.high, 0.6765 + 1.96 * 0.0877, 0.0002);
}

/* Agresti's 91 couples, as the R package vcd prints them: unweighted 0.1293 (0.06860), linear weights 0.2374 (0.07832). */
static void test_linear_weights(void **state)
{
	(void)state;
	struct kappa_table table = {4, false, {{7, 7, 2, 3}, {2, 8, 3, 7}, {1, 5, 4, 9}, {2, 8, 9, 14}}};
	struct kappa kappa;
	kappa_of(&table, &kappa);
	assert_close(kappa.value, 0.1293, 0.00005);
	assert_close(kappa.error, 0.06860, 0.000005);
	table.ordered = true;
	kappa_of(&table, &kappa);
	assert_close(kappa.value, 0.2374, 0.00005);
	assert_close(kappa.error, 0.07832, 0.000005);
}

/* Two of two classes: weights make no difference. By hand: seen 0.7, chance 0.5. */
static void test_two_classes(void **state)
{
	(void)state;
	for (int ordered = 0; ordered < 2; ordered++) {
		struct kappa_table table = {2, ordered, {{20, 5}, {10, 15}}};
		struct kappa kappa;
		kappa_of(&table, &kappa);
		assert_close(kappa.value, 0.4, 1e-9);
	}
}

static void test_edges(void **state)
{
	(void)state;
	struct kappa_table none = {3, true, {{0}}}, one_class = {2, false, {{12, 0}, {0, 0}}}, perfect = {2, false, {{5, 0}, {0, 5}}};
	struct kappa kappa;
	kappa_of(&none, &kappa);
	assert_false(kappa.computable);
	kappa_of(&one_class, &kappa);
	assert_false(kappa.computable);
	assert_int_equal(kappa.same, 12);
	kappa_of(&perfect, &kappa);
	assert_true(kappa.computable);
	assert_close(kappa.value, 1, 1e-9);
	assert_close(kappa.error, 0, 1e-9);
	assert_close(kappa.high, 1, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cohen_1968), cmocka_unit_test(test_fleiss),
	    cmocka_unit_test(test_linear_weights), cmocka_unit_test(test_two_classes), cmocka_unit_test(test_edges)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
