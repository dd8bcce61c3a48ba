/* Every figure against numbers worked out by hand. */
#include "unit/unit.h"

#include "accuracy/metrics.h"

#include <math.h>
#include <string.h>

static struct err err;

enum { LONGEST = 16 };

/* An embryo of a few frames half an hour apart, and what the reader says of them. */
struct case_of {
	struct dataset dataset;
	struct sample *sample;
	struct answers answers;
};

static void case_make(
    struct case_of *it, const stage_set *truth, const enum stage *said, size_t count, bool film)
{
	*it = (struct case_of){0};
	must(dataset_init(&it->dataset, &err));
	it->sample = dataset_sample(&it->dataset, "embryo", 1);
	it->sample->film = film;
	for (int m = 0; m < METHOD_COUNT; m++)
		it->answers.stage[m] = calloc(LONGEST, sizeof *it->answers.stage[m]);
	it->answers.has[METHOD_READER] = it->answers.has[METHOD_FRAME_ONLY] = true;
	for (size_t i = 0; i < count; i++) {
		struct track_point point = {.run = (int)i, .time_s = (int64_t)i * 1800, .read = true};
		point.reading.confidence = READING_UNKNOWN;
		must(sample_add(it->sample, &point, truth[i], &err));
		it->answers.stage[METHOD_READER][i] = it->answers.stage[METHOD_FRAME_ONLY][i] = said[i];
	}
	if (film)
		sample_find_events(it->sample);
}

static void case_done(struct case_of *it)
{
	answers_done(&it->answers);
	dataset_done(&it->dataset);
}

#define SET(stage) (1u << (stage))

/* 10 frames of t2 t2 t2 t2 t3 t3 t4 t4 t4 t4. The fourth is said to be t3, the last t5. */
static void make_first(struct case_of *it)
{
	static const stage_set truth[] = {SET(STAGE_2), SET(STAGE_2), SET(STAGE_2), SET(STAGE_2),
	    SET(STAGE_3), SET(STAGE_3), SET(STAGE_4), SET(STAGE_4), SET(STAGE_4), SET(STAGE_4)};
	static const enum stage said[] = {
	    STAGE_2, STAGE_2, STAGE_2, STAGE_3, STAGE_3, STAGE_3, STAGE_4, STAGE_4, STAGE_4, STAGE_5};
	case_make(it, truth, said, 10, true);
	it->answers.events[METHOD_READER][STAGE_3] = (struct answer_event){true, 3};
	it->answers.events[METHOD_READER][STAGE_4] = (struct answer_event){true, 6};
	it->answers.events[METHOD_READER][STAGE_5] = (struct answer_event){true, 9};
}

/* 5 frames: t2 or t3, a blastocyst, an empty well, no label, and one that was not read. */
static void make_second(struct case_of *it)
{
	static const enum stage said[] = {STAGE_3, STAGE_B, STAGE_2, STAGE_9, STAGE_9};
	stage_set truth[] = {SET(STAGE_2) | SET(STAGE_3), 0, SET(STAGE_EMPTY), 0, SET(STAGE_9)};
	assert_true(stage_set_parse("blastocyst", &truth[1]));
	case_make(it, truth, said, 5, false);
	it->sample->track.points[4].read = false;
}

static void near(double value, double expected)
{
	if (!(fabs(value - expected) < 1e-9))
		fail_msg("%.12f, expected %.12f", value, expected);
}

static void counts_one_embryo(void **state)
{
	(void)state;
	struct case_of it;
	struct tally tally;
	make_second(&it);
	tally_make(it.sample, &it.answers, &tally);
	assert_int_equal(tally.frames, 4);
	assert_int_equal(tally.labelled, 3);
	assert_int_equal(tally.single, 1);
	assert_int_equal(tally.grouped, 3);
	assert_int_equal(tally.settled, 3);
	assert_int_equal(tally.by[METHOD_READER].consistent, 2);
	assert_int_equal(tally.by[METHOD_READER].group, 2);
	assert_int_equal(tally.by[METHOD_READER].occupied, 2);
	assert_int_equal(tally.by[METHOD_READER].within_one, 0); /* empty has no neighbour */
	assert_int_equal(tally.by[METHOD_READER].confusion[STAGE_EMPTY][STAGE_2], 1);
	case_done(&it);
}

static void figures_of_two_embryos(void **state)
{
	(void)state;
	struct case_of first, second;
	struct tally tallies[2];
	struct figures figures;
	size_t embryos;
	make_first(&first);
	make_second(&second);
	tally_make(first.sample, &first.answers, &tallies[0]);
	tally_make(second.sample, &second.answers, &tallies[1]);
	must(figures_make(tallies, NULL, 2, &figures, &err));
	near(figures.metric[METRIC_FRAME_ACCURACY][METHOD_READER], 8.0 / 11);
	near(figures.metric[METRIC_WITHIN_ONE][METHOD_READER], 10.0 / 11);
	near(figures.metric[METRIC_CONSISTENT][METHOD_READER], 10.0 / 13);
	near(figures.metric[METRIC_GROUP_ACCURACY][METHOD_READER], 12.0 / 13);
	near(figures.metric[METRIC_OCCUPIED_ACCURACY][METHOD_READER], 12.0 / 13);
	/* empty: 0; t2: 3 right of 4 true and 4 said; t3: 2 of 2 and 3; t4: 3 of 4 and 3; t5 does not
	 * occur. */
	near(figures.metric[METRIC_MACRO_F1][METHOD_READER], (0 + 6.0 / 8 + 4.0 / 5 + 6.0 / 7) / 4);
	assert_true(isnan(figures.metric[METRIC_FRAME_ACCURACY][METHOD_TIME_ONLY]));
	assert_int_equal(metric_base(tallies, 2, METRIC_FRAME_ACCURACY, &embryos), 11);
	assert_int_equal(embryos, 2);
	assert_int_equal(metric_base(tallies, 2, METRIC_CONSISTENT, &embryos), 13);
	assert_true(isnan(figures.gain[METRIC_FRAME_ACCURACY]));
	/* With a clock that says t2 of every frame: 4 of 11. */
	first.answers.has[METHOD_TIME_ONLY] = second.answers.has[METHOD_TIME_ONLY] = true;
	for (int i = 0; i < 10; i++)
		first.answers.stage[METHOD_TIME_ONLY][i] = second.answers.stage[METHOD_TIME_ONLY][i] = STAGE_2;
	tally_make(first.sample, &first.answers, &tallies[0]);
	tally_make(second.sample, &second.answers, &tallies[1]);
	must(figures_make(tallies, NULL, 2, &figures, &err));
	near(figures.gain[METRIC_FRAME_ACCURACY], 8.0 / 11 - 4.0 / 11);
	/* The first embryo alone, drawn three times: nothing but its own share. */
	must(figures_make(tallies, (const uint32_t[]){3, 0}, 2, &figures, &err));
	near(figures.metric[METRIC_FRAME_ACCURACY][METHOD_READER], 0.8);
	near(figures.metric[METRIC_MACRO_F1][METHOD_READER], (6.0 / 7 + 4.0 / 5 + 6.0 / 7) / 3);
	case_done(&first);
	case_done(&second);
}

/* t3 half an hour early, t4 right, t5 said though the film ends before it. */
static void scores_events(void **state)
{
	(void)state;
	struct case_of it;
	struct tally tally;
	struct figures figures;
	size_t embryos;
	make_first(&it);
	tally_make(it.sample, &it.answers, &tally);
	assert_int_equal(tally.known[STAGE_2], EVENT_UNKNOWN);
	assert_int_equal(tally.known[STAGE_3], EVENT_SEEN);
	assert_int_equal(tally.known[STAGE_5], EVENT_ABSENT);
	assert_true(tally.by[METHOD_READER].events[STAGE_3].said);
	near(tally.by[METHOD_READER].events[STAGE_3].error_min, -30);
	assert_int_equal(tally.by[METHOD_READER].events[STAGE_3].error_frames, -1);
	assert_int_equal(metric_base(&tally, 1, METRIC_EVENT_F1, &embryos), 2);
	must(figures_make(&tally, NULL, 1, &figures, &err));
	/* 2 hits, 3 said, 2 seen */
	near(figures.metric[METRIC_EVENT_F1][METHOD_READER], 4.0 / 5);
	near(figures.median_min[METHOD_READER][STAGE_3], 30);
	near(figures.median_min[METHOD_READER][STAGE_4], 0);
	assert_true(isnan(figures.median_min[METHOD_READER][STAGE_5]));
	/* The picture alone said no event: nothing found. */
	near(figures.metric[METRIC_EVENT_F1][METHOD_FRAME_ONLY], 0);

	/* Two hours late is no hit any more: 1 hit. */
	it.answers.events[METHOD_READER][STAGE_3].point = 8;
	tally_make(it.sample, &it.answers, &tally);
	must(figures_make(&tally, NULL, 1, &figures, &err));
	near(figures.metric[METRIC_EVENT_F1][METHOD_READER], 2.0 / 5);

	/* Without times an event has no error in minutes, and there is no F1. */
	it.sample->track.points[0].time_s = TIME_UNKNOWN;
	tally_make(it.sample, &it.answers, &tally);
	must(figures_make(&tally, NULL, 1, &figures, &err));
	assert_true(isnan(figures.metric[METRIC_EVENT_F1][METHOD_READER]));
	case_done(&it);
}

static void medians_of_errors(void **state)
{
	(void)state;
	struct tally tallies[3] = {0};
	struct figures figures;
	static const double errors[] = {-30, 0, 90};
	for (int i = 0; i < 3; i++) {
		tallies[i].timed = tallies[i].has[METHOD_READER] = true;
		tallies[i].known[STAGE_2] = EVENT_SEEN;
		tallies[i].by[METHOD_READER].events[STAGE_2] =
		    (struct event_outcome){true, true, errors[i], 0};
	}
	must(figures_make(tallies, NULL, 3, &figures, &err));
	near(figures.median_min[METHOD_READER][STAGE_2], 30);
	must(figures_make(tallies, NULL, 2, &figures, &err));
	near(figures.median_min[METHOD_READER][STAGE_2], 15);
	must(figures_make(tallies, (const uint32_t[]){0, 1, 2}, 3, &figures, &err));
	near(figures.median_min[METHOD_READER][STAGE_2], 90);
}

/* Said 0.9 twice and right once; said 0.25 and wrong; one frame that says nothing of its confidence. */
static void measures_calibration(void **state)
{
	(void)state;
	static const stage_set truth[] = {SET(STAGE_2), SET(STAGE_2), SET(STAGE_4), SET(STAGE_4)};
	static const enum stage said[] = {STAGE_2, STAGE_3, STAGE_5, STAGE_4};
	static const uint16_t confidence[] = {900, 900, 250, READING_UNKNOWN};
	struct case_of it;
	struct tally tally;
	struct figures figures;
	case_make(&it, truth, said, 4, false);
	for (int i = 0; i < 4; i++)
		it.sample->track.points[i].reading.confidence = confidence[i];
	tally_make(it.sample, &it.answers, &tally);
	assert_int_equal(tally.bins[9].count, 2);
	assert_int_equal(tally.bins[9].right, 1);
	assert_int_equal(tally.bins[2].count, 1);
	must(figures_make(&tally, NULL, 1, &figures, &err));
	near(figures.ece, (0.8 + 0.25) / 3); /* |1 - 1.8| + |0 - 0.25|, of 3 frames */
	case_done(&it);
}

static void one_frame(struct tally *tally, bool right)
{
	*tally = (struct tally){.frames = 1, .single = 1, .labelled = 1};
	tally->has[METHOD_READER] = true;
	tally->by[METHOD_READER].confusion[STAGE_2][right ? STAGE_2 : STAGE_3] = 1;
}

static void draws_embryos(void **state)
{
	(void)state;
	struct tally tallies[40];
	struct figures low, high, low_again, high_again;
	/* Two embryos, one right and one wrong: a quarter of the draws has both times the same one. */
	one_frame(&tallies[0], true);
	one_frame(&tallies[1], false);
	must(figures_bootstrap(tallies, 2, &low, &high, &err));
	near(low.metric[METRIC_FRAME_ACCURACY][METHOD_READER], 0);
	near(high.metric[METRIC_FRAME_ACCURACY][METHOD_READER], 1);
	assert_true(isnan(low.metric[METRIC_FRAME_ACCURACY][METHOD_MAJORITY]));
	/* One embryo: no interval. */
	must(figures_bootstrap(tallies, 1, &low, &high, &err));
	assert_true(isnan(low.metric[METRIC_FRAME_ACCURACY][METHOD_READER]));
	/* Forty embryos, half right: 0.5 +- 1.96 sqrt(0.25 / 40) = 0.345 .. 0.655, in steps of 1/40. */
	for (int i = 0; i < 40; i++)
		one_frame(&tallies[i], i % 2);
	must(figures_bootstrap(tallies, 40, &low, &high, &err));
	assert_true(fabs(low.metric[METRIC_FRAME_ACCURACY][METHOD_READER] - 0.345) <= 0.025);
	assert_true(fabs(high.metric[METRIC_FRAME_ACCURACY][METHOD_READER] - 0.655) <= 0.025);
	/* The same seed, the same interval. */
	must(figures_bootstrap(tallies, 40, &low_again, &high_again, &err));
	near(low_again.metric[METRIC_FRAME_ACCURACY][METHOD_READER],
	    low.metric[METRIC_FRAME_ACCURACY][METHOD_READER]);
	near(high_again.metric[METRIC_FRAME_ACCURACY][METHOD_READER],
	    high.metric[METRIC_FRAME_ACCURACY][METHOD_READER]);
}

/* Four of four right leaves room for doubt: 0.025^(1/4) = 0.3976. */
static void doubts_perfection(void **state)
{
	(void)state;
	struct tally tallies[4];
	struct figures low, high;
	for (int i = 0; i < 4; i++)
		one_frame(&tallies[i], true);
	must(figures_bootstrap(tallies, 4, &low, &high, &err));
	assert_true(fabs(low.metric[METRIC_FRAME_ACCURACY][METHOD_READER] - 0.3976) < 0.0001);
	near(high.metric[METRIC_FRAME_ACCURACY][METHOD_READER], 1);
	for (int i = 0; i < 4; i++)
		one_frame(&tallies[i], false);
	must(figures_bootstrap(tallies, 4, &low, &high, &err));
	near(low.metric[METRIC_FRAME_ACCURACY][METHOD_READER], 0);
	assert_true(fabs(high.metric[METRIC_FRAME_ACCURACY][METHOD_READER] - 0.6024) < 0.0001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(counts_one_embryo),
	    cmocka_unit_test(figures_of_two_embryos), cmocka_unit_test(scores_events),
	    cmocka_unit_test(medians_of_errors), cmocka_unit_test(measures_calibration),
	    cmocka_unit_test(draws_embryos), cmocka_unit_test(doubts_perfection)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
