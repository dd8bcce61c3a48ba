/* Sets of stages, and which events a truth knows. */
#include "unit/unit.h"

#include "accuracy/dataset.h"

static struct err err;

static stage_set set(const char *text)
{
	stage_set stages = 0;
	assert_true(stage_set_parse(text, &stages));
	return stages;
}

static void parses_stages_and_words(void **state)
{
	(void)state;
	stage_set stages = 99;
	assert_int_equal(set("t4"), 1u << STAGE_4);
	assert_int_equal(set("p9+"), 1u << STAGE_9);
	assert_int_equal(set("tPNa|tPNf"), 1u << STAGE_PNA | 1u << STAGE_PNF);
	assert_int_equal(set("zygote"), 1u << STAGE_PB2 | 1u << STAGE_PNA | 1u << STAGE_PNF);
	assert_int_equal(stage_set_count(set("blastocyst")), 4);
	assert_int_equal(set("occupied|empty"), STAGE_SET_ALL);
	assert_int_equal(stage_set_first(set("t3|tM")), STAGE_3);
	assert_int_equal(stage_set_last(set("t3|tM")), STAGE_M);
	assert_false(stage_set_parse("", &stages));
	assert_false(stage_set_parse("t4|", &stages));
	assert_false(stage_set_parse("t10", &stages));
	assert_int_equal(stages, 99);
}

/* "" is a frame without a label. */
static struct sample *film(struct dataset *dataset, const char *const *truths, size_t count)
{
	struct sample *sample = dataset_sample(dataset, "film", 1);
	sample->film = true;
	for (size_t i = 0; i < count; i++) {
		const struct track_point point = {.run = (int)i, .read = true};
		must(sample_add(sample, &point, truths[i][0] ? set(truths[i]) : 0, &err));
	}
	sample_find_events(sample);
	return sample;
}

static void check(const struct sample *sample, enum stage event, enum event_known known, size_t point)
{
	assert_int_equal(sample->events[event].known, known);
	if (known == EVENT_SEEN)
		assert_int_equal(sample->events[event].point, point);
}

static void finds_events(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	must(dataset_init(&dataset, &err));
	/* t3 is skipped; cells fuse back once; the film ends in t5. */
	const struct sample *sample =
	    film(&dataset, (const char *const[]){"", "tPB2", "tPNa", "t2", "t4", "t2", "t4", "t5"}, 8);
	check(sample, STAGE_PB2, EVENT_SEEN, 1);
	check(sample, STAGE_PNA, EVENT_SEEN, 2);
	check(sample, STAGE_PNF, EVENT_ABSENT, 0);
	check(sample, STAGE_2, EVENT_SEEN, 3);
	check(sample, STAGE_3, EVENT_ABSENT, 0);
	check(sample, STAGE_4, EVENT_SEEN, 4);
	check(sample, STAGE_5, EVENT_SEEN, 7);
	check(sample, STAGE_8, EVENT_ABSENT, 0);
	check(sample, STAGE_HB, EVENT_ABSENT, 0);
	assert_int_equal(sample_labelled(sample), 7);
}

static void leaves_open_what_the_truth_leaves_open(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	must(dataset_init(&dataset, &err));
	/* Begun before the film; told apart up to a set; a gap; the end without a label. */
	const struct sample *sample =
	    film(&dataset, (const char *const[]){"tPNa", "t2", "t3|t4", "t5", "", "t8", "t8", ""}, 8);
	check(sample, STAGE_PB2, EVENT_UNKNOWN, 0);
	check(sample, STAGE_PNA, EVENT_UNKNOWN, 0);
	check(sample, STAGE_2, EVENT_SEEN, 1);
	check(sample, STAGE_3, EVENT_UNKNOWN, 0);
	check(sample, STAGE_4, EVENT_UNKNOWN, 0);
	check(sample, STAGE_5, EVENT_SEEN, 3);
	check(sample, STAGE_6, EVENT_UNKNOWN, 0);
	check(sample, STAGE_8, EVENT_UNKNOWN, 0);
	check(sample, STAGE_9, EVENT_UNKNOWN, 0);
}

static void an_emptied_well_ends_the_film(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	must(dataset_init(&dataset, &err));
	const struct sample *sample = film(&dataset, (const char *const[]){"t4", "t5", "empty", "empty"}, 4);
	check(sample, STAGE_5, EVENT_SEEN, 1);
	check(sample, STAGE_6, EVENT_ABSENT, 0);
	check(sample, STAGE_PB2, EVENT_UNKNOWN, 0);
}

static void keeps_samples_apart(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	must(dataset_init(&dataset, &err));
	for (int i = 0; i < 100; i++)
		assert_non_null(dataset_sample(&dataset, i % 2 ? "odd" : "even", i % 5));
	assert_int_equal(dataset.count, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(parses_stages_and_words),
	    cmocka_unit_test(finds_events), cmocka_unit_test(leaves_open_what_the_truth_leaves_open),
	    cmocka_unit_test(an_emptied_well_ends_the_film), cmocka_unit_test(keeps_samples_apart)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
