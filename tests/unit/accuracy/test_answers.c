/* What each method says, on tracks made by hand. */
#include "unit/unit.h"

#include "accuracy/answers.h"

static struct err err;
static struct priors *priors;

static int setup(void **state)
{
	(void)state;
	return priors_load(DAYBREAK_SOURCE_DIR "/appliance/evaluation/priors.json", &priors, &err) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	priors_free(priors);
	return 0;
}

/* Every picture is nearly sure of its stage. */
static struct sample *sample_of(
    struct dataset *dataset, const enum stage *said, size_t count, double first_h, double step_h)
{
	struct sample *sample = dataset_sample(dataset, "embryo", 1);
	for (size_t i = 0; i < count; i++) {
		struct track_point point = {.run = (int)i, .time_s = TIME_UNKNOWN, .read = true};
		if (step_h > 0)
			point.time_s = time_from_hours(first_h + (double)i * step_h);
		for (int k = 0; k < STAGE_COUNT; k++)
			point.reading.stage[k] = k == (int)said[i] ? PROBABILITY_ONE - 16 * 655 : 655;
		point.reading.occupied = PROBABILITY_ONE;
		point.reading.confidence = 900;
		must(sample_add(sample, &point, 1u << said[i], &err));
	}
	return sample;
}

static void a_still_is_what_its_picture_says(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	OWN(answers_done) struct answers answers = {0};
	must(dataset_init(&dataset, &err));
	const struct sample *sample = sample_of(&dataset, (const enum stage[]){STAGE_B}, 1, 0, 0);
	must(answers_make(sample, priors, STAGE_SB, &answers, &err));
	assert_int_equal(answers.stage[METHOD_READER][0], STAGE_B);
	assert_int_equal(answers.stage[METHOD_FRAME_ONLY][0], STAGE_B);
	assert_int_equal(answers.stage[METHOD_MAJORITY][0], STAGE_SB);
	assert_false(answers.has[METHOD_TIME_ONLY]);
	assert_false(answers.events[METHOD_READER][STAGE_B].there);
}

/* 24 h to 48 h by half hours: t2 from 27 h, one odd picture at 30 h, t4 from 38 h. */
static void a_film_is_decoded(void **state)
{
	(void)state;
	enum { POINTS = 49 };
	enum stage said[POINTS];
	OWN(dataset_done) struct dataset dataset = {0};
	OWN(answers_done) struct answers answers = {0};
	for (int i = 0; i < POINTS; i++)
		said[i] = i < 6 ? STAGE_PNF : i < 28 ? STAGE_2 : STAGE_4;
	said[12] = STAGE_5;
	must(dataset_init(&dataset, &err));
	struct sample *sample = sample_of(&dataset, said, POINTS, 24, 0.5);
	sample->film = true;
	must(answers_make(sample, priors, STAGE_2, &answers, &err));
	assert_int_equal(answers.stage[METHOD_FRAME_ONLY][12], STAGE_5);
	assert_int_equal(answers.stage[METHOD_READER][12], STAGE_2);
	assert_int_equal(answers.stage[METHOD_READER][48], STAGE_4);
	assert_true(answers.has[METHOD_TIME_ONLY]);
	assert_true(answers.events[METHOD_FRAME_ONLY][STAGE_5].there);
	assert_int_equal(answers.events[METHOD_FRAME_ONLY][STAGE_5].point, 12);
	assert_int_equal(answers.events[METHOD_FRAME_ONLY][STAGE_4].point, 28);
	assert_false(answers.events[METHOD_FRAME_ONLY][STAGE_M].there);
	/* The clock looks at no picture. */
	sample->track.points[12].reading.stage[STAGE_5] = 0;
	sample->track.points[12].reading.stage[STAGE_HB] = PROBABILITY_ONE;
	OWN(answers_done) struct answers again = {0};
	must(answers_make(sample, priors, STAGE_2, &again, &err));
	for (int i = 0; i < POINTS; i++)
		assert_int_equal(again.stage[METHOD_TIME_ONLY][i], answers.stage[METHOD_TIME_ONLY][i]);
}

static void the_commonest_stage(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	must(dataset_init(&dataset, &err));
	assert_int_equal(answers_majority(&dataset), STAGE_EMPTY);
	struct sample *sample = sample_of(
	    &dataset, (const enum stage[]){STAGE_3, STAGE_4, STAGE_4, STAGE_M, STAGE_M, STAGE_M}, 6, 0, 0);
	sample->truth[3] |= 1u << STAGE_9;    /* several stages open: not counted */
	sample->track.points[4].read = false; /* nor is what nobody could read */
	assert_int_equal(answers_majority(&dataset), STAGE_4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_still_is_what_its_picture_says),
	    cmocka_unit_test(a_film_is_decoded), cmocka_unit_test(the_commonest_stage)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
