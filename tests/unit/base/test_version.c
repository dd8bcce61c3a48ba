#include "unit/unit.h"

#include "base/version.h"

#include <string.h>

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

static void in_debian_s_order(void **state)
{
	(void)state;
	/* each is older than the next; a line with two is a pair of equals */
	static const char *const rising[] = {"0", "0.1~rc1", "0.1~rc2", "0.1", "0.1.0", "0.1.1", "0.1.1+b1", "0.2", "0.9",
	    "0.10", "0.10a", "0.10b", "0.10+1", "1.0~~", "1.0~", "1.0", "1.0+2", "1.0+10", "1.0.1", "10.0"};
	enum { COUNT = sizeof rising / sizeof *rising };
	for (int i = 0; i < COUNT; i++)
		for (int j = 0; j < COUNT; j++)
			if (sign(version_compare(rising[i], rising[j])) != sign(i - j)) {
				print_error("%s against %s\n", rising[i], rising[j]);
				fail();
			}
	assert_int_equal(version_compare("1.01", "1.1"), 0);
	assert_int_equal(version_compare("0.1.0", "0.01.00"), 0);
	assert_true(version_compare("2", "18446744073709551616") < 0);
}

static void what_a_version_is(void **state)
{
	(void)state;
	static const char *const good[] = {"0", "0.1.0", "1.2~rc1+b2"};
	static const char *const bad[] = {"", "v1", "1/2", "1 2", "1:2", "1-2", "../1", "1\n", ".1",
	    "1234567890123456789012345678901234567890123456789012345678901234"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(version_valid(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(version_valid(bad[i]));
}

static void runs(void **state, const char *text, const char *expected)
{
	struct err err;
	char path[LIMIT_PATH], version[VERSION_SIZE];
	must(folder_path(*state, "os-release", path, &err));
	must(file_write(path, text, strlen(text), 0600, &err));
	version_running(path, version);
	assert_string_equal(version, expected);
}

static void what_runs(void **state)
{
	char version[VERSION_SIZE];
	runs(state, "ID=debian\nIMAGE_ID=daybreak\nIMAGE_VERSION=1.2.3\n", "1.2.3");
	runs(state, "IMAGE_VERSION=\"1.2.4\"", "1.2.4");
	runs(state, "ID=debian\nVERSION_ID=\"12\"\n", DAYBREAK_VERSION);
	runs(state, "IMAGE_VERSION=x\n", DAYBREAK_VERSION);
	version_running("/nonexistent/os-release", version);
	assert_string_equal(version, DAYBREAK_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_debian_s_order),
	    cmocka_unit_test(what_a_version_is),
	    cmocka_unit_test(what_runs),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
