#include "model/gardner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_grades(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int neqsi, bqs;
		bool good;
	} rows[] = {
	    {"1", 0, 0, false}, {"2", 0, 0, false}, {"3BB", 6, 12, true}, {"4BB", 7, 16, true}, {"4AA", 9, 36, true},
	    {"5AB", 9, 30, true}, {"6AA", 11, 54, true}, {"4AC", 7, 12, false}, {"3CC", 4, 3, false},
	    {"4AD", 0, 0, false}, {"5DD", 0, 0, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct gardner grade;
		struct err err;
		char text[GARDNER_TEXT_MAX];
		assert_true(gardner_parse(rows[i].text, &grade, &err));
		gardner_format(text, &grade);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(gardner_neqsi(&grade), rows[i].neqsi);
		assert_int_equal(gardner_bqs(&grade), rows[i].bqs);
		assert_int_equal(gardner_is_good(&grade), rows[i].good);
	}
}

static void test_neqsi_range(void **state)
{
	(void)state;
	/* 1CC would be 2 by the formula, but Gardner gives no letters below 3: the range in use is 4 .. 11. */
	struct gardner best = {6, 'A', 'A'}, lowest = {1, 'C', 'C'};
	struct err err;
	assert_int_equal(gardner_neqsi(&best), 11);
	assert_int_equal(gardner_neqsi(&lowest), 2);
	assert_false(gardner_check(&lowest, &err));
}

static void test_what_is_no_grade(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "4", "3A", "1AA", "2BB", "7AA", "0", "4AE", "4aa", "4AAA", "AA4", "-1"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct gardner grade;
		struct err err = {0};
		assert_false(gardner_parse(bad[i], &grade, &err));
		assert_int_equal(err.code, ERR_BAD_INPUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grades),
	    cmocka_unit_test(test_neqsi_range),
	    cmocka_unit_test(test_what_is_no_grade),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
