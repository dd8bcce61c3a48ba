#include "unit/unit.h"

#include "evaluation/fit.h"
#include "evaluation/priors.h"
#include "unit/evaluation/shipped.h"

#include <string.h>

enum { EMBRYOS = 21 };

static struct err err;

static json_t *fit(const struct timeline *timelines, size_t count, const struct fit_words *words)
{
	OWN(json_decref) json_t *before = NULL;
	json_t *fitted = NULL;
	static const struct fit_source source = {.name = "a table", .embryos = EMBRYOS};
	must(json_load(DAYBREAK_SOURCE_DIR "/appliance/evaluation/priors.json", 1 << 20, &before, &err));
	struct fit_input input = {timelines, count, words, &source, 1, before};
	must(fit_priors(&input, &fitted, &err));
	return fitted;
}

static const json_t *stage_of(const json_t *fitted, enum stage stage)
{
	return json_array_get(json_object_get(fitted, "stages"), (size_t)stage - 1);
}

/* t2 at 20, 21, ... 40 h, each lasting eleven hours but for two odd ones. */
static void make(struct timeline timelines[EMBRYOS])
{
	for (int i = 0; i < EMBRYOS; i++) {
		timelines[i] = (struct timeline){0};
		for (int k = 0; k < STAGE_COUNT; k++)
			timelines[i].begins_min[k] = timelines[i].lasts_min[k] = MINUTES_UNKNOWN;
		timelines[i].begins_min[STAGE_2] = (20 + i) * 60;
		timelines[i].lasts_min[STAGE_2] = i == 3 ? 20 : i == 4 ? 4000 : 660;
		timelines[i].skipped[STAGE_3] = i % 3 == 0;
	}
}

static void medians_and_shares(void **state)
{
	(void)state;
	struct timeline timelines[EMBRYOS];
	make(timelines);
	OWN(json_decref) json_t *fitted = fit(timelines, EMBRYOS, NULL);
	const json_t *two = stage_of(fitted, STAGE_2), *begins = json_object_get(two, "begins");
	assert_int_equal(json_int(begins, "embryos", 0), EMBRYOS);
	assert_int_equal(json_int(begins, "median_min", 0), 30 * 60);
	assert_int_equal(json_int(begins, "spread_min", 0), 408); /* 6.8 h: half of 23.2 .. 36.8 h */
	const json_t *lasts = json_object_get(two, "lasts");
	assert_int_equal(json_int(lasts, "median_min", 0), 660);
	assert_int_equal(json_int(lasts, "spread_permille", 0), 100); /* odd ones move nothing; the least spread */
	assert_int_equal(json_int(two, "shown", 0), EMBRYOS);
	assert_int_equal(json_int(stage_of(fitted, STAGE_3), "skipped", 0), 7);
	assert_string_equal(json_text(json_array_get(json_object_get(fitted, "sources"), 0), "file", ""), "a table");
}

static void few_embryos_change_nothing(void **state)
{
	(void)state;
	struct timeline timelines[EMBRYOS];
	make(timelines);
	OWN(json_decref) json_t *fitted = fit(timelines, FIT_LEAST - 1, NULL);
	const json_t *begins = json_object_get(stage_of(fitted, STAGE_2), "begins");
	assert_int_equal(json_int(begins, "embryos", -1), 0);
	assert_int_equal(json_int(begins, "median_min", 0), priors_timing(shipped_priors(), STAGE_2)->begins_min);
}

static void words_of_a_reader(void **state)
{
	(void)state;
	static struct fit_words words;
	struct reading sure = {0}, torn = {0}, empty = {0};
	sure.stage[STAGE_4] = PROBABILITY_ONE;
	torn.stage[STAGE_4] = torn.stage[STAGE_3] = PROBABILITY_ONE / 2;
	empty.stage[STAGE_EMPTY] = PROBABILITY_ONE;
	fit_words_add(&words, STAGE_4, &sure);
	fit_words_add(&words, STAGE_4, &torn);
	fit_words_add(&words, STAGE_4, &empty);
	OWN(json_decref) json_t *fitted = fit(NULL, 0, &words);
	const json_t *read = json_object_get(stage_of(fitted, STAGE_4), "read");
	const json_t *as = json_object_get(read, "as");
	assert_int_equal(json_int(read, "frames", 0), 2);
	assert_int_equal(json_integer_value(json_array_get(as, STAGE_4 - 1)), 750);
	assert_int_equal(json_integer_value(json_array_get(as, STAGE_3 - 1)), 250);
	assert_null(json_object_get(stage_of(fitted, STAGE_5), "read"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(medians_and_shares),
	    cmocka_unit_test(few_embryos_change_nothing),
	    cmocka_unit_test(words_of_a_reader),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
