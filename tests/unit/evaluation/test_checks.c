/* The check windows of the Istanbul Consensus 2025, by method. */
#include "evaluation/checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int64_t at(double hours)
{
	return time_from_hours(hours);
}

static const char *due(enum insemination method, double hours)
{
	struct check check;
	return checks_due(method, at(hours), &check) ? check.name : "";
}

static void test_now(void **state)
{
	(void)state;
	struct check check;
	assert_true(checks_due(INSEMINATION_ICSI, at(43), &check));
	assert_string_equal(check.name, "4-cell");
	assert_int_equal(check.from_s, at(42));
	assert_int_equal(check.to_s, at(44));
	assert_string_equal(due(INSEMINATION_ICSI, 16), "PN");
	assert_string_equal(due(INSEMINATION_ICSI, 17), "PN");
	assert_string_equal(due(INSEMINATION_ICSI, 108.5), "full blastocyst");
	assert_string_equal(due(INSEMINATION_IVF, 113), "expanded blastocyst");
}

static void test_methods_apart(void **state)
{
	(void)state;
	struct check check;
	/* an hour after the ICSI window ends, that of IVF is open */
	assert_string_equal(due(INSEMINATION_ICSI, 65), "");
	assert_string_equal(due(INSEMINATION_IVF, 65), "8-cell");
	assert_string_equal(due(INSEMINATION_UNKNOWN, 62.5), "8-cell");
	assert_true(checks_due(INSEMINATION_IVF, at(30.5), &check));
	assert_int_equal(check.from_s, at(31));
	assert_true(checks_due(INSEMINATION_UNKNOWN, at(62.5), &check));
	assert_int_equal(check.to_s, at(66));
}

static void test_soon_and_never(void **state)
{
	(void)state;
	assert_string_equal(due(INSEMINATION_ICSI, 13.9), "");
	assert_string_equal(due(INSEMINATION_ICSI, 14), "PN");
	assert_string_equal(due(INSEMINATION_ICSI, 109.2), "expanded blastocyst");
	assert_string_equal(due(INSEMINATION_ICSI, 112.1), "");
	assert_string_equal(due(INSEMINATION_ICSI, -30), "");
	struct check check;
	assert_false(checks_due(INSEMINATION_ICSI, TIME_UNKNOWN, &check));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_now),
	    cmocka_unit_test(test_methods_apart),
	    cmocka_unit_test(test_soon_and_never),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
