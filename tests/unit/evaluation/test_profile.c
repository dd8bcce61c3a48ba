#include "evaluation/profile.h"

#include "base/buf.h"
#include "base/file.h"
#include "evaluation/profiles.h"
#include "model/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER DAYBREAK_SOURCE_DIR "/appliance/evaluation/profiles"

static struct profiles *profiles;

static int load_all(void **state)
{
	(void)state;
	struct err err;
	return profiles_load(FOLDER, &profiles, &err) ? 0 : -1;
}

static int free_all(void **state)
{
	(void)state;
	profiles_free(profiles);
	return 0;
}

static const struct profile *find(const char *id)
{
	for (size_t i = 0; i < profiles_count(profiles); i++)
		if (strcmp(profiles_get(profiles, i)->id, id) == 0)
			return profiles_get(profiles, i);
	fail_msg("no profile %s", id);
	return NULL;
}

static struct profile_input no_input(void)
{
	struct profile_input input = {.method = INSEMINATION_ICSI};
	for (int i = 0; i < STAGE_COUNT; i++)
		input.time_s[i] = TIME_UNKNOWN;
	memset(input.noted, -1, sizeof input.noted);
	return input;
}

/* Worked vectors, times in units of 36 s (0.01 h) so that they are exact; values from the printed table. */
static const struct vector {
	const char *name;
	int pnf, t2, t3, t4, t5, t8, sb, b;
	int cc2, s2;
	const char *ratio, *cs;
	const char *meseguer, *basile, *conaghan, *petersen, *campbell;
} vectors[] = {
    {"V1", 2330, 2570, 3740, 3820, 5230, 5490, 9200, 10400, 1170, 80, "0.5602", "0.8836", "B+", "A+", "Low", "5", "low"},
    {"V2", 2280, 2540, 3660, 3700, 5000, 5400, 9000, 10100, 1120, 40, "0.5447", "0.8462", "A+", "A+", "High", "5", "low"},
    {"V3", 2280, 2540, 2790, 3700, 4000, 5400, 9900, 11200, 250, 910, "0.8288", "0.1923", "E", "E", "Low", "1", "medium"},
    {"V4", 2800, 3100, 4350, 4500, 5800, 7000, 11000, 12300, 1250, 150, "0.5370", "0.6538", "D-", "D-", "Low", "2", "high"},
    {"V5", 2280, 2540, 3660, 3900, 5000, 5400, 9700, 10800, 1120, 240, "0.5447", "0.7762", "B+", "A+", "Low", "5", "medium"},
    {"V6", 2400, 2810, 4000, 4076, 5660, 6200, 9620, 12280, 1190, 76, "0.5825", "0.8183", "A+", "A-", "Low", "4", "medium"},
    {"V7", 2280, 2540, 3660, 3700, 3950, 5400, 9500, 10800, 1120, 40, "0.2057", "0.4790", "C+", "A-", "High", "3", "low"},
};

static struct profile_input vector_input(const struct vector *v)
{
	struct profile_input input = no_input();
	const int times[][2] = {{STAGE_PNF, v->pnf}, {STAGE_2, v->t2}, {STAGE_3, v->t3}, {STAGE_4, v->t4},
	    {STAGE_5, v->t5}, {STAGE_8, v->t8}, {STAGE_SB, v->sb}, {STAGE_B, v->b}};
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		input.time_s[times[i][0]] = times[i][1] * 36;
	return input;
}

static void check_value(const char *id, const struct profile_input *input, const char *value)
{
	struct profile_result result;
	profile_run(find(id), input, &result);
	assert_int_equal(result.state, PROFILE_VALUE);
	assert_string_equal(result.value, value);
}

static void test_worked_vectors(void **state)
{
	(void)state;
	static const char ratio_text[] =
	    "{\"format\":1,\"id\":\"r\",\"title\":\"r\",\"citation\":\"r\",\"version\":\"1\",\"verified\":true,"
	    "\"quantities\":{\"r\":{\"time\":[\"t5\",\"-t3\"],\"over\":[\"t5\",\"-t2\"]}},\"value\":\"r\"}";
	struct err err;
	OWN(profile_free) struct profile *ratio = NULL;
	assert_true(profile_parse(ratio_text, sizeof ratio_text - 1, &ratio, &err));
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		const struct vector *v = &vectors[i];
		struct profile_input input = vector_input(v);
		assert_int_equal(input.time_s[STAGE_3] - input.time_s[STAGE_2], v->cc2 * 36);
		assert_int_equal(input.time_s[STAGE_4] - input.time_s[STAGE_3], v->s2 * 36);
		check_value("cetinkaya-2015", &input, v->cs);
		check_value("meseguer-2011", &input, v->meseguer);
		check_value("basile-2015", &input, v->basile);
		check_value("conaghan-2013", &input, v->conaghan);
		check_value("petersen-2016", &input, v->petersen);
		check_value("campbell-2013", &input, v->campbell);
		struct profile_result result;
		profile_run(ratio, &input, &result);
		assert_string_equal(result.value, v->ratio);
	}
}

static void test_boundaries_to_the_second(void **state)
{
	(void)state;
	struct profile_input input = vector_input(&vectors[5]);
	check_value("meseguer-2011", &input, "A+");
	input.time_s[STAGE_5]++; /* t5 one second past 56.6 h */
	check_value("meseguer-2011", &input, "C+");
	input = vector_input(&vectors[5]);
	input.time_s[STAGE_2]--; /* cc2 one second past 11.9 h */
	check_value("meseguer-2011", &input, "A-");
	input.time_s[STAGE_SB]--;
	check_value("campbell-2013", &input, "low");
	input.time_s[STAGE_B] = 442440; /* 122.9 h */
	check_value("campbell-2013", &input, "high");
}

static void test_missing_is_not_late(void **state)
{
	(void)state;
	struct profile_result result;
	struct profile_input input = vector_input(&vectors[1]);
	input.time_s[STAGE_5] = TIME_UNKNOWN;
	profile_run(find("meseguer-2011"), &input, &result);
	assert_int_equal(result.state, PROFILE_NOT_COMPUTABLE);
	assert_string_equal(result.reason, "needs t5");
	input.time_s[STAGE_8] = TIME_UNKNOWN;
	profile_run(find("petersen-2016"), &input, &result);
	assert_string_equal(result.reason, "needs t5, t8");
	/* A row that is already decided does not need what later rows ask for. */
	input.time_s[STAGE_3] = 46 * 3600;
	check_value("petersen-2016", &input, "2");
	input = vector_input(&vectors[1]);
	input.method = INSEMINATION_UNKNOWN;
	input.time_s[STAGE_9] = 70 * 3600;
	profile_run(find("istanbul-2025-day-3"), &input, &result);
	assert_string_equal(result.reason, "needs the insemination method");
}

static void test_exclusion_and_noted(void **state)
{
	(void)state;
	struct profile_result result;
	struct profile_input input = vector_input(&vectors[1]);
	profile_run(find("petersen-2016"), &input, &result);
	assert_non_null(strstr(result.unchecked, "pronuclei"));
	input.noted[NOTED_PN_NOT_2] = 1;
	profile_run(find("petersen-2016"), &input, &result);
	assert_int_equal(result.state, PROFILE_EXCLUDED);
	assert_string_equal(result.reason, "the number of pronuclei is not two");
	input.noted[NOTED_UNEVEN_2] = 1;
	check_value("meseguer-2011", &input, "E");
}

static void test_steps_have_margins(void **state)
{
	(void)state;
	struct profile_result result;
	struct profile_input input = vector_input(&vectors[1]);
	profile_run(find("conaghan-2013"), &input, &result);
	assert_int_equal(result.steps_count, 2);
	assert_true(result.steps[0].fired);
	assert_int_equal(result.steps[0].margin, 900); /* 11.45 h - 11.20 h */
	OWN(json_decref) json_t *json = profile_result_json(find("conaghan-2013"), &result);
	json_t *step = json_array_get(json_object_get(json, "steps"), 0);
	assert_int_equal(json_int(step, "margin_s", 0), 900);
	assert_string_equal(json_text(json, "value", ""), "High");
}

/* What each broken file must be told. */
static const struct {
	const char *from, *to, *says;
} slips[] = {
    {"\"format\": 1", "\"format\": 2", "format"},
    {"\"id\": \"conaghan-2013\"", "\"id\": \"Conaghan 2013\"", "a-z"},
    {"\"verified\": false,", "", "verified"},
    {"\"9.33 h\"", "\"9.33\"", "ends in"},
    {"\"9.33 h\"", "\"9.3333 h\"", "whole number of seconds"},
    {"\"9.33 h\"", "\"-\"", "a bound is text"},
    {"\"9.33 h\"", "\"99.33 h\"", "above the upper"},
    {"\"from\": \"9.33 h\"", "\"least\": \"9.33 h\"", "least"},
    {"[\"t3\", \"-t2\"]", "[\"t3\", \"-t22\"]", "not an event"},
    {"[\"t3\", \"-t2\"]", "[]", "a sum is"},
    {"\"of\": \"P2\"", "\"of\": \"P9\"", "P9"},
    {"\"when\": [\"P2-high\"", "\"when\": [\"P2-hi\"", "P2-hi"},
    {"\"class\": \"Low\"", "\"class\": \"Lower\"", "Lower"},
    {"\"when\": []", "\"when\": [\"P2-high\"]", "last rule"},
    {"\"classes\": [\"High\", \"Low\"]", "\"classes\": [\"High\", \"High\"]", "twice"},
    {"\"classes\"", "\"kinds\"", "kinds"},
    {"{", "[", "JSON"},
};

static void test_slips_are_named(void **state)
{
	(void)state;
	OWN(buf_done) struct buf file = BUF_INIT(PROFILE_BYTES_MAX);
	struct err err;
	assert_true(file_read(FOLDER "/conaghan-2013.json", &file, &err));
	const char *good = buf_text(&file);
	for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
		const char *at = strstr(good, slips[i].from);
		assert_non_null(at);
		OWN(buf_done) struct buf bad = BUF_INIT(PROFILE_BYTES_MAX);
		buf_add(&bad, good, (size_t)(at - good));
		buf_print(&bad, "%s%s", slips[i].to, at + strlen(slips[i].from));
		struct profile *profile = NULL;
		assert_false(profile_parse(buf_text(&bad), bad.size, &profile, &err));
		if (!strstr(err.detail, slips[i].says))
			fail_msg("slip %zu says \"%s\"", i, err.detail);
	}
}

static void test_names_are_the_papers(void **state)
{
	(void)state;
	static const char *const marks[] = {"KIDScore", "iDAScore", "Eeva", "EEVA", "CHLOE", "Embryoly", "EmbryoScope"};
	OWN(json_decref) json_t *all = profiles_json(profiles);
	char *text = json_dumps(all, 0);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		assert_null(strstr(text, marks[i]));
	free(text);
	assert_int_equal(json_array_size(json_object_get(all, "rejected")), 0);
	assert_true(profiles_count(profiles) >= 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_worked_vectors),
	    cmocka_unit_test(test_boundaries_to_the_second),
	    cmocka_unit_test(test_missing_is_not_late),
	    cmocka_unit_test(test_exclusion_and_noted),
	    cmocka_unit_test(test_steps_have_margins),
	    cmocka_unit_test(test_slips_are_named),
	    cmocka_unit_test(test_names_are_the_papers),
	};
	return cmocka_run_group_tests(tests, load_all, free_all);
}
