#include "unit/unit.h"

#include "serve/cover.h"

#include <string.h>

static json_t *parse(const char *text)
{
	struct err err;
	json_t *value;
	must(json_parse(text, strlen(text), &value, &err));
	return value;
}

static void equals(const json_t *value, const char *expected)
{
	OWN(json_decref) json_t *wanted = parse(expected);
	OWN(free) char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!json_equal(value, wanted))
		fail_msg("%s", text);
}

/* 77 and "secret" are what nobody but others may see. */
static const char evaluation_text[] =
    "{\"engine\":\"e\",\"priors\":\"p\",\"method\":\"ICSI\",\"points\":9,\"read\":9,\"empty\":77,\"timing\":\"exact\","
    "\"stage\":\"secret\",\"stage_group\":\"secret\",\"group_confidence\":77,\"last_time_s\":77,\"news\":\"secret\","
    "\"events\":["
    "{\"event\":\"t2\",\"automatic\":{\"run\":77},\"human\":[{\"author\":\"secret\",\"run\":77,\"time_s\":77,\"absent\":false},"
    "{\"author\":\"anna\",\"run\":3,\"time_s\":900,\"absent\":false}],\"used\":{\"source\":\"human\",\"run\":77,\"time_s\":77},"
    "\"plausibility\":\"secret\",\"missing\":\"secret\",\"reference_s\":90000},"
    "{\"event\":\"t3\",\"automatic\":{\"run\":77},\"human\":[],\"used\":{\"source\":\"automatic\",\"run\":77,\"time_s\":77},"
    "\"plausibility\":\"ok\",\"missing\":null,\"reference_s\":120000},"
    "{\"event\":\"t4\",\"automatic\":null,\"human\":[{\"author\":\"anna\",\"run\":null,\"time_s\":null,\"absent\":true}],"
    "\"used\":null,\"plausibility\":\"ok\",\"missing\":null,\"reference_s\":130000}],"
    "\"intervals\":[{\"name\":\"secret\"}],\"flags\":[{\"flag\":\"secret\"}],\"profiles\":[{\"id\":\"secret\"}],"
    "\"grade\":{\"state\":\"value\",\"gardner\":\"secret\"},\"anomalies\":[{\"text\":\"secret\"}],\"cells\":[{\"run\":77}]}";

static void test_a_blind_reader_sees_the_own_words_alone(void **state)
{
	(void)state;
	struct cover cover = {.covered = true, .blind = true, .since_us = 1};
	OWN(json_decref) json_t *evaluation = parse(evaluation_text);
	OWN(json_decref) json_t *left = cover_evaluation(evaluation, &cover, "anna");
	OWN(free) char *text = json_dumps(left, JSON_COMPACT);
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "77"));
	equals(left,
	    "{\"engine\":\"e\",\"priors\":\"p\",\"method\":\"ICSI\",\"points\":9,\"read\":9,\"empty\":0,\"timing\":\"exact\","
	    "\"stage\":\"\",\"stage_group\":\"\",\"events\":["
	    "{\"event\":\"t2\",\"automatic\":null,\"human\":[{\"author\":\"anna\",\"run\":3,\"time_s\":900,\"absent\":false}],"
	    "\"used\":{\"source\":\"human\",\"run\":3,\"time_s\":900},\"plausibility\":\"unknown\",\"missing\":null,"
	    "\"reference_s\":90000},"
	    "{\"event\":\"t3\",\"automatic\":null,\"human\":[],\"used\":null,\"plausibility\":\"unknown\",\"missing\":null,"
	    "\"reference_s\":120000},"
	    "{\"event\":\"t4\",\"automatic\":null,\"human\":[{\"author\":\"anna\",\"run\":null,\"time_s\":null,\"absent\":true}],"
	    "\"used\":null,\"plausibility\":\"unknown\",\"missing\":null,\"reference_s\":130000}],"
	    "\"intervals\":[],\"flags\":[],\"profiles\":[],\"anomalies\":[],\"cells\":null,\"grade\":{\"state\":\"covered\"}}");
}

static void test_covered_are_scores_alone(void **state)
{
	(void)state;
	struct cover cover = {.covered = true};
	OWN(json_decref) json_t *evaluation = parse(evaluation_text);
	OWN(json_decref) json_t *before = json_deep_copy(evaluation);
	OWN(json_decref) json_t *left = cover_evaluation(evaluation, &cover, "anna");
	equals(json_object_get(left, "profiles"), "[]");
	equals(json_object_get(left, "grade"), "{\"state\":\"covered\"}");
	assert_true(json_equal(json_object_get(left, "events"), json_object_get(before, "events")));
	assert_true(json_equal(evaluation, before));
}

static void test_nothing_to_hide(void **state)
{
	(void)state;
	struct cover open = {.graded = true}, blind = {.covered = true, .blind = true};
	OWN(json_decref) json_t *evaluation = parse(evaluation_text);
	OWN(json_decref) json_t *left = cover_evaluation(evaluation, &open, "anna");
	assert_true(json_equal(left, evaluation));
	OWN(json_decref) json_t *none = json_null();
	OWN(json_decref) json_t *still_none = cover_evaluation(none, &blind, "anna");
	assert_true(json_is_null(still_none));
}

static void test_a_run_keeps_its_picture(void **state)
{
	(void)state;
	OWN(json_decref) json_t *run =
	    parse("{\"run\":4,\"time_s\":60,\"planes\":[0],\"read\":true,\"stage\":\"t2\",\"cells\":2,\"confidence\":900,\"area\":5,"
	          "\"best\":0,\"damaged\":false}");
	const char *name;
	json_t *value;
	cover_run(run);
	equals(json_object_get(run, "planes"), "[0]");
	equals(json_object_get(run, "best"), "0");
	json_object_foreach(run, name, value)
		if (!strstr("run time_s planes read best damaged", name))
			assert_true(json_is_null(value));
}

static void test_words_of_others_go(void **state)
{
	(void)state;
	OWN(json_decref) json_t *words = parse("[{\"author\":\"ben\"},{\"author\":\"anna\",\"n\":1},{\"author\":\"Anna\"},{}]");
	cover_words(words, "anna");
	equals(words, "[{\"author\":\"anna\",\"n\":1}]");
	cover_words(words, "ben");
	equals(words, "[]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_blind_reader_sees_the_own_words_alone),
	    cmocka_unit_test(test_covered_are_scores_alone),
	    cmocka_unit_test(test_nothing_to_hide),
	    cmocka_unit_test(test_a_run_keeps_its_picture),
	    cmocka_unit_test(test_words_of_others_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
