#include "unit/unit.h"

#include "quality/differences.h"

/* Bland and Altman 1986: peak flow of 17 people by two meters; mean difference -2.1, standard deviation 38.8 l/min. */
static void test_bland_altman(void **state)
{
	(void)state;
	static const int wright[] = {494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427};
	static const int mini[] = {512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451};
	int64_t list[17];
	struct differences differences;
	for (int i = 0; i < 17; i++)
		list[i] = 10 * (wright[i] - mini[i]); /* in tenths, as the result is whole numbers */
	differences_of(list, 17, &differences);
	assert_int_equal(differences.count, 17);
	assert_int_equal(differences.mean_s, -21);
	assert_int_equal(differences.median_s, -80);
	assert_true(differences.spread);
	assert_int_equal(differences.sd_s, 388);
	assert_int_equal(differences.low_s, -781);
	assert_int_equal(differences.high_s, 739);
}

static void test_few(void **state)
{
	(void)state;
	int64_t two[] = {-600, 1200}, one[] = {900};
	struct differences differences;
	differences_of(two, 2, &differences);
	assert_int_equal(differences.median_s, 300);
	assert_int_equal(differences.mean_s, 300);
	assert_int_equal(differences.sd_s, 1273); /* 900 times the root of 2 */
	differences_of(one, 1, &differences);
	assert_int_equal(differences.median_s, 900);
	assert_false(differences.spread);
	differences_of(NULL, 0, &differences);
	assert_int_equal(differences.count, 0);
	assert_false(differences.spread);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_bland_altman), cmocka_unit_test(test_few)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
