#include "simulator/random.h"
#include "unit/unit.h"

static void test_streams(void **state)
{
	(void)state;
	struct random a, b, c;
	random_start(&a, 7, 1);
	random_start(&b, 7, 1);
	random_start(&c, 7, 2);
	int equal = 0;
	for (int i = 0; i < 100; i++) {
		uint64_t drawn = random_u64(&a);
		assert_int_equal(drawn, random_u64(&b));
		equal += drawn == random_u64(&c);
	}
	assert_int_equal(equal, 0);
}

static void test_shapes(void **state)
{
	(void)state;
	struct random random;
	random_start(&random, 1, 1);
	double sum = 0, square = 0;
	for (int i = 0; i < 20000; i++) {
		double unit = random_unit(&random), normal = random_normal(&random, 3, 2);
		assert_true(unit >= 0 && unit < 1);
		sum += normal;
		square += (normal - 3) * (normal - 3);
		int dice = random_int(&random, 1, 6);
		assert_in_range(dice, 1, 6);
		float d[3];
		random_direction(&random, d);
		assert_true(d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > 0.999f);
		assert_true(d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < 1.001f);
	}
	assert_true(sum / 20000 > 2.95 && sum / 20000 < 3.05);
	assert_true(square / 20000 > 3.8 && square / 20000 < 4.2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_streams), cmocka_unit_test(test_shapes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
