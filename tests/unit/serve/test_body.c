#include "unit/unit.h"

#include "serve/body.h"

#include <string.h>

static json_t *parse(const char *text)
{
	struct err err;
	json_t *value;
	must(json_parse(text, strlen(text), &value, &err));
	return value;
}

static void test_unknown_members_are_refused(void **state)
{
	(void)state;
	struct err err;
	OWN(json_decref) json_t *body = parse("{\"name\":\"a\",\"nam\":1}");
	must(body_only(body, "nam name", &err));
	must_fail(body_only(body, "name", &err), ERR_BAD_INPUT);
	must_fail(body_only(body, "names nam", &err), ERR_BAD_INPUT);
	must_fail(body_only(body, "", &err), ERR_BAD_INPUT);
}

static void test_texts(void **state)
{
	(void)state;
	struct err err;
	char to[4];
	OWN(json_decref) json_t *body =
	    parse("{\"a\":\"abc\",\"long\":\"abcd\",\"null\":null,\"n\":1,\"line\":\"a\\nb\",\"nul\":\"a\\u0001\"}");
	must(body_text(body, "a", true, to, sizeof to, &err));
	assert_string_equal(to, "abc");
	must(body_text(body, "null", false, to, sizeof to, &err));
	assert_string_equal(to, "");
	must(body_text(body, "missing", false, to, sizeof to, &err));
	must_fail(body_text(body, "missing", true, to, sizeof to, &err), ERR_BAD_INPUT);
	must_fail(body_text(body, "null", true, to, sizeof to, &err), ERR_BAD_INPUT);
	must_fail(body_text(body, "long", true, to, sizeof to, &err), ERR_BAD_INPUT);
	must_fail(body_text(body, "n", false, to, sizeof to, &err), ERR_BAD_INPUT);
	must_fail(body_text(body, "line", true, to, sizeof to, &err), ERR_BAD_INPUT);
	must_fail(body_text(body, "nul", true, to, sizeof to, &err), ERR_BAD_INPUT);
}

static void test_numbers(void **state)
{
	(void)state;
	struct err err;
	int64_t value;
	OWN(json_decref) json_t *body = parse("{\"one\":1,\"real\":1.0,\"text\":\"1\",\"big\":9223372036854775807}");
	must(body_int(body, "one", 1, 6, &value, &err));
	assert_int_equal(value, 1);
	must(body_int(body, "big", 1, INT64_MAX, &value, &err));
	assert_true(value == INT64_MAX);
	must_fail(body_int(body, "one", 2, 6, &value, &err), ERR_BAD_INPUT);
	must_fail(body_int(body, "real", 1, 6, &value, &err), ERR_BAD_INPUT);
	must_fail(body_int(body, "text", 1, 6, &value, &err), ERR_BAD_INPUT);
	must_fail(body_int(body, "missing", 1, 6, &value, &err), ERR_BAD_INPUT);
}

static void test_runs(void **state)
{
	(void)state;
	struct err err;
	int run;
	OWN(json_decref) json_t *body = parse("{\"run\":7}");
	OWN(json_decref) json_t *none = parse("{}");
	OWN(json_decref) json_t *wrong = parse("{\"run\":-1}");
	OWN(json_decref) json_t *null = parse("{\"run\":null}");
	must(body_run(body, &run, &err));
	assert_int_equal(run, 7);
	must(body_run(none, &run, &err));
	assert_int_equal(run, -1);
	must_fail(body_run(wrong, &run, &err), ERR_BAD_INPUT);
	must_fail(body_run(null, &run, &err), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unknown_members_are_refused),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
