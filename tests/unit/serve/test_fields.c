#include "unit/unit.h"

#include "serve/fields.h"

static void test_paths_mean_one_thing(void **state)
{
	(void)state;
	assert_true(fields_path_is_plain("/"));
	assert_true(fields_path_is_plain("/api/embryos/12/frames/3/-15"));
	assert_true(fields_path_is_plain("/assets/index-BhX_12.js"));
	static const char *const bad[] = {"", "api", "/a/../b", "/..", "/.git/config", "/a//b", "/a%2e", "/a b", "/a?b",
	    "/a\\b", "/a;b", "/\xc3\xa4", "http://x/"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (fields_path_is_plain(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

static void test_cookie(void **state)
{
	(void)state;
	char value[8];
	assert_true(fields_cookie("a=1; session=xyz; b=2", "session", value, sizeof value));
	assert_string_equal(value, "xyz");
	assert_true(fields_cookie("session=xyz", "session", value, sizeof value));
	assert_true(fields_cookie("session=", "session", value, sizeof value));
	assert_string_equal(value, "");
	assert_false(fields_cookie("other_session=xyz", "session", value, sizeof value));
	assert_false(fields_cookie("sessions=xyz", "session", value, sizeof value));
	assert_false(fields_cookie("session=12345678", "session", value, sizeof value));
	assert_false(fields_cookie("session", "session", value, sizeof value));
	assert_false(fields_cookie(";;; ;", "session", value, sizeof value));
	assert_false(fields_cookie("", "session", value, sizeof value));
}

static void test_query(void **state)
{
	(void)state;
	char value[16];
	assert_true(fields_query("since=3&name=a%20b+c", "name", value, sizeof value));
	assert_string_equal(value, "a b c");
	assert_true(fields_query("name=%C3%A4", "name", value, sizeof value));
	assert_string_equal(value, "\xc3\xa4");
	assert_true(fields_query("name=%41", "name", value, sizeof value));
	assert_string_equal(value, "A");
	static const char *const bad[] = {"", "name", "names=1", "name=%", "name=%4", "name=%4g", "name=%00", "name=a%00b",
	    "xname=1", "name=0123456789abcdef"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (fields_query(bad[i], "name", value, sizeof value))
			fail_msg("taken: %s", bad[i]);
}

static void test_percent_encoding(void **state)
{
	(void)state;
	char value[8];
	assert_true(fields_decode("Zo%C3%A9", value, sizeof value));
	assert_string_equal(value, "Zo\xc3\xa9");
	assert_true(fields_decode("a%20%2B", value, sizeof value));
	assert_string_equal(value, "a +");
	assert_false(fields_decode("%zz", value, sizeof value));
	assert_false(fields_decode("%00", value, sizeof value));
	assert_false(fields_decode("12345678", value, sizeof value));
}

static void test_entity_tags(void **state)
{
	(void)state;
	assert_true(fields_etag_matches("\"abc\"", "\"abc\""));
	assert_true(fields_etag_matches("W/\"abc\"", "\"abc\""));
	assert_true(fields_etag_matches("\"x\", \"abc\" ,\"y\"", "\"abc\""));
	assert_true(fields_etag_matches("*", "\"abc\""));
	assert_false(fields_etag_matches("", "\"abc\""));
	assert_false(fields_etag_matches("\"abcd\"", "\"abc\""));
	assert_false(fields_etag_matches("abc", "\"abc\""));
}

static void test_lengths_are_digits(void **state)
{
	(void)state;
	assert_true(fields_is_digits("0"));
	assert_true(fields_is_digits("17179869184"));
	static const char *const bad[] = {"", "+5", "-5", " 5", "5 ", "5,5", "0x5", "5;", "9999999999999999999"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (fields_is_digits(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths_mean_one_thing),
	    cmocka_unit_test(test_cookie),
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_percent_encoding),
	    cmocka_unit_test(test_entity_tags),
	    cmocka_unit_test(test_lengths_are_digits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
