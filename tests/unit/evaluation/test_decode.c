#include "evaluation/decode.h"

#include "unit/evaluation/shipped.h"
#include "unit/evaluation/tracks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void decode_track(const struct track *track, struct decoded *decoded)
{
	OWN(signals_done) struct signals signals = {0};
	struct err err;
	assert_true(signals_make(track, shipped_priors(), &signals, &err));
	assert_true(decode(&signals, shipped_priors(), decoded, &err));
}

static void decode_plan(const struct track_plan *plan, struct decoded *decoded)
{
	struct track track = track_make(plan);
	decode_track(&track, decoded);
	free(track.points);
}

static int off_by(const struct track_plan *plan, const struct decoded *decoded, enum stage event)
{
	return abs((int)decoded->events[event].point - (int)track_point_of(plan, event));
}

static void test_t2_within_three_frames(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 12; seed++) {
		for (int timed = 0; timed <= 1; timed++) {
			struct track_plan plan = plan_textbook;
			struct decoded decoded;
			plan.seed = seed;
			plan.timed = timed;
			decode_plan(&plan, &decoded);
			assert_int_equal(decoded.events[STAGE_2].place, PLACE_PLACED);
			assert_true(off_by(&plan, &decoded, STAGE_2) <= 3);
			assert_true(decoded.events[STAGE_2].confidence >= 700);
			assert_true(decoded.events[STAGE_2].earliest < decoded.events[STAGE_2].point);
			assert_true(decoded.events[STAGE_2].latest >= decoded.events[STAGE_2].point);
		}
	}
}

static void test_groups_come_out(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 6; seed++) {
		struct track_plan plan = plan_textbook;
		struct decoded decoded;
		plan.seed = seed;
		decode_plan(&plan, &decoded);
		assert_int_equal(decoded.events[STAGE_M].place, PLACE_PLACED);
		assert_int_equal(decoded.events[STAGE_SB].place, PLACE_PLACED);
		assert_true(off_by(&plan, &decoded, STAGE_M) <= 16);
		assert_true(off_by(&plan, &decoded, STAGE_SB) <= 16);
		assert_int_equal(stage_group(decoded.last_stage), GROUP_BLASTOCYST);
	}
}

/* Stages of less than an hour may not be told apart, but nothing is misplaced. */
static void test_a_counting_reader_places_most_divisions(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct decoded decoded;
	int placed = 0;
	plan.counts_cells = true;
	decode_plan(&plan, &decoded);
	for (int j = STAGE_2; j <= STAGE_9; j++) {
		if (decoded.events[j].place != PLACE_PLACED)
			continue;
		assert_true(off_by(&plan, &decoded, (enum stage)j) <= 6);
		placed++;
	}
	assert_true(placed >= 5);
}

/* What is placed must be right as often as its confidence says, or nearly so, over many embryos. */
static void test_confidence_is_honest(void **state)
{
	(void)state;
	int placed = 0, right = 0;
	double claimed = 0;
	for (unsigned seed = 1; seed <= 16; seed++) {
		struct track_plan plan = plan_textbook;
		struct decoded decoded;
		plan.seed = seed;
		plan.noise = 0.3 + 0.03 * seed;
		for (int j = STAGE_PNA; j <= STAGE_HB; j++)
			plan.event_h[j] *= 0.94 + 0.008 * seed;
		decode_plan(&plan, &decoded);
		for (int j = STAGE_2; j <= STAGE_SB; j++) {
			if (decoded.events[j].place != PLACE_PLACED)
				continue;
			placed++;
			claimed += decoded.events[j].confidence / 1000.0;
			right += off_by(&plan, &decoded, (enum stage)j) <= 12;
		}
	}
	printf("%d events placed, %.0f %% claimed, %d %% within 3 h\n", placed, 100 * claimed / placed,
	    100 * right / placed);
	assert_true(right >= placed * 85 / 100);
}

static void test_priors_alone_place_nothing(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	struct decoded decoded;
	for (size_t i = 0; i < track.count; i++) {
		track_no_opinion(&track.points[i].reading);
		track.points[i].motion = 20;
	}
	decode_track(&track, &decoded);
	for (int j = STAGE_PNA; j <= STAGE_HB; j++)
		assert_int_not_equal(decoded.events[j].place, PLACE_PLACED);
	free(track.points);
}

static void test_before_and_not_reached(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct decoded decoded;
	plan.first_h = 30;
	plan.last_h = 45;
	decode_plan(&plan, &decoded);
	assert_int_equal(decoded.events[STAGE_PNF].place, PLACE_BEFORE);
	assert_int_equal(decoded.events[STAGE_2].place, PLACE_BEFORE);
	assert_int_equal(decoded.events[STAGE_M].place, PLACE_NOT_REACHED);
	assert_int_equal(decoded.events[STAGE_EB].place, PLACE_NOT_REACHED);
	assert_int_equal(stage_group(decoded.last_stage), GROUP_CLEAVAGE);
}

static void test_one_frame(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct decoded decoded;
	plan.first_h = plan.last_h = 113;
	decode_plan(&plan, &decoded);
	assert_int_equal(stage_group(decoded.last_stage), GROUP_BLASTOCYST);
	assert_int_equal(decoded.events[STAGE_2].place, PLACE_BEFORE);
}

static void test_single_odd_frames_change_nothing(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	struct decoded calm, odd;
	decode_track(&track, &calm);
	for (size_t i = 20; i < track.count; i += 45) {
		struct reading *reading = &track.points[i].reading;
		memset(reading->stage, 0, sizeof reading->stage);
		reading->stage[i % 2 ? STAGE_EB : STAGE_PNA] = PROBABILITY_ONE;
	}
	decode_track(&track, &odd);
	assert_true(abs((int)calm.events[STAGE_2].point - (int)odd.events[STAGE_2].point) <= 1);
	assert_int_equal(stage_group(odd.last_stage), GROUP_BLASTOCYST);
	free(track.points);
}

/* Real readers err for hours: a zygote is taken for four cells and comes back. The motion and what follows decide. */
static void test_a_long_streak_of_errors(void **state)
{
	(void)state;
	for (int timed = 0; timed <= 1; timed++) {
		struct track_plan plan = plan_textbook;
		struct decoded decoded;
		plan.timed = timed;
		struct track track = track_make(&plan);
		for (size_t i = 50; i < 75; i++)
			track.points[i].reading = track.points[170].reading;
		decode_track(&track, &decoded);
		free(track.points);
		assert_int_equal(decoded.events[STAGE_2].place, PLACE_PLACED);
		assert_true(off_by(&plan, &decoded, STAGE_2) <= 3);
	}
}

/* A well that is re-positioned moves the picture more than any division, for one frame. */
static void test_a_jump_is_no_division(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	struct decoded decoded;
	track.points[80].motion = 900;
	decode_track(&track, &decoded);
	free(track.points);
	assert_true(off_by(&plan, &decoded, STAGE_2) <= 3);
}

/* Damaged frames, missing times and an emptied well are stepped over. */
static void test_holes(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	for (size_t i = 0; i < track.count; i++) {
		track.points[i].read = i % 9 != 4;
		if (i % 13 == 5)
			track.points[i].time_s = TIME_UNKNOWN;
		if (i >= 400) {
			track.points[i].radius_permille = 0;
			track.points[i].reading = (struct reading){.confidence = 900};
			track.points[i].reading.stage[STAGE_EMPTY] = PROBABILITY_ONE;
		}
	}
	OWN(signals_done) struct signals signals = {0};
	struct err err;
	assert_true(signals_make(&track, shipped_priors(), &signals, &err));
	assert_true(signals.timed);
	assert_true(signals.empty[400] && !signals.empty[399]);
	struct decoded decoded;
	decode_track(&track, &decoded);
	assert_true(off_by(&plan, &decoded, STAGE_2) <= 3);
	assert_true(track.points[decoded.events[STAGE_2].point].read);
	free(track.points);
}

static void test_one_odd_frame_does_not_empty_a_well(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	track.points[200].reading = (struct reading){0};
	track.points[200].reading.stage[STAGE_EMPTY] = PROBABILITY_ONE;
	OWN(signals_done) struct signals signals = {0};
	struct err err;
	assert_true(signals_make(&track, shipped_priors(), &signals, &err));
	assert_false(signals.empty[200]);
	assert_int_equal(signals.count, track.count - 1);
	free(track.points);
}

/* A slide of which every sixth frame or so was kept: a frame weighs more there, and one that shows a morula late is not
 * talked into a blastocyst by the clock. */
static void test_sparse_frames_weigh_more(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct decoded decoded;
	plan.counts_cells = true;
	plan.step_h = 1.4;
	plan.event_h[STAGE_SB] = plan.event_h[STAGE_B] = plan.event_h[STAGE_EB] = 0;
	plan.last_h = 118;
	decode_plan(&plan, &decoded);
	assert_int_equal(decoded.last_stage, STAGE_M);
	assert_true(decoded.stage[STAGE_M] >= 800);
	assert_int_equal(decoded.events[STAGE_M].place, PLACE_PLACED);
	assert_true(off_by(&plan, &decoded, STAGE_M) <= 2);
	/* Three and five to seven cells lie between two frames: nothing tells t3 from t4, and that is said. */
	assert_int_not_equal(decoded.events[STAGE_3].place, PLACE_PLACED);
}

/* A reader that sees pronuclei has them placed. */
static void test_pronuclei(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 6; seed++) {
		struct track_plan plan = plan_textbook;
		struct decoded decoded;
		plan.seed = seed;
		plan.counts_cells = true;
		decode_plan(&plan, &decoded);
		for (int j = STAGE_PNA; j <= STAGE_PNF; j++) {
			assert_int_equal(decoded.events[j].place, PLACE_PLACED);
			assert_true(off_by(&plan, &decoded, (enum stage)j) <= 6);
		}
	}
}

/* No frame shows three cells, the reader says two and then four: t4 is placed, t3 is not. */
static void test_a_skipped_stage(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct decoded decoded;
	plan.counts_cells = true;
	plan.event_h[STAGE_3] = plan.event_h[STAGE_4];
	decode_plan(&plan, &decoded);
	assert_int_equal(decoded.events[STAGE_4].place, PLACE_PLACED);
	assert_true(off_by(&plan, &decoded, STAGE_4) <= 2);
	if (decoded.events[STAGE_3].place == PLACE_PLACED)
		assert_true(decoded.events[STAGE_3].confidence < decoded.events[STAGE_4].confidence);
}

static size_t stages_right(const struct track_plan *plan, const struct track *track, enum witness witness)
{
	enum stage *stages = calloc(track->count, sizeof *stages);
	struct err err;
	size_t right = 0;
	assert_true(decode_stages(track, witness, shipped_priors(), stages, &err));
	for (size_t i = 0; i < track->count; i++) {
		assert_true(i == 0 || stages[i] >= stages[i - 1]);
		right += stages[i] == track_stage(plan, plan->first_h + plan->step_h * (double)i);
	}
	free(stages);
	return right;
}

static void test_stages_of_every_point(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	plan.counts_cells = true;
	struct track track = track_make(&plan);
	track.points[0].read = track.points[100].read = false; /* have the stage of their neighbours */
	assert_true(stages_right(&plan, &track, WITNESS_ALL) * 100 >= track.count * 92);
	size_t by_clock = stages_right(&plan, &track, WITNESS_CLOCK);
	assert_true(by_clock * 100 >= track.count * 50);
	/* The clock does not look at readings. */
	for (size_t i = 0; i < track.count; i++)
		track.points[i].reading = (struct reading){0};
	assert_int_equal(stages_right(&plan, &track, WITNESS_CLOCK), by_clock);
	free(track.points);
}

static void test_stages_of_an_emptied_well(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	enum stage *stages = calloc(track.count, sizeof *stages);
	struct err err;
	for (size_t i = 400; i < track.count; i++) {
		track.points[i].radius_permille = 0;
		track.points[i].reading = (struct reading){0};
		track.points[i].reading.stage[STAGE_EMPTY] = PROBABILITY_ONE;
	}
	assert_true(decode_stages(&track, WITNESS_ALL, shipped_priors(), stages, &err));
	assert_int_equal(stages[track.count - 1], STAGE_EMPTY);
	assert_int_equal(stages[400], STAGE_EMPTY);
	assert_int_equal(stage_group(stages[399]), GROUP_BLASTOCYST);
	free(stages);
	free(track.points);
}

/* The locator has found an embryo in each of these frames; a network that sees none is not asked further. */
static void test_an_outline_is_no_empty_well(void **state)
{
	(void)state;
	struct track_plan plan = plan_textbook;
	struct track track = track_make(&plan);
	enum stage *stages = calloc(track.count, sizeof *stages);
	struct err err;
	for (size_t i = 400; i < track.count; i++) {
		track.points[i].reading = (struct reading){0};
		track.points[i].reading.stage[STAGE_EMPTY] = PROBABILITY_ONE;
	}
	assert_true(decode_stages(&track, WITNESS_ALL, shipped_priors(), stages, &err));
	assert_int_equal(stage_group(stages[track.count - 1]), GROUP_BLASTOCYST);
	free(stages);
	free(track.points);
}

static void test_nothing_to_decode(void **state)
{
	(void)state;
	struct decoded decoded;
	struct track track = {0};
	decode_track(&track, &decoded);
	assert_int_equal(decoded.last_stage, STAGE_EMPTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_t2_within_three_frames),
	    cmocka_unit_test(test_groups_come_out),
	    cmocka_unit_test(test_a_counting_reader_places_most_divisions),
	    cmocka_unit_test(test_confidence_is_honest),
	    cmocka_unit_test(test_priors_alone_place_nothing),
	    cmocka_unit_test(test_before_and_not_reached),
	    cmocka_unit_test(test_one_frame),
	    cmocka_unit_test(test_single_odd_frames_change_nothing),
	    cmocka_unit_test(test_a_long_streak_of_errors),
	    cmocka_unit_test(test_a_jump_is_no_division),
	    cmocka_unit_test(test_holes),
	    cmocka_unit_test(test_one_odd_frame_does_not_empty_a_well),
	    cmocka_unit_test(test_sparse_frames_weigh_more),
	    cmocka_unit_test(test_pronuclei),
	    cmocka_unit_test(test_a_skipped_stage),
	    cmocka_unit_test(test_stages_of_every_point),
	    cmocka_unit_test(test_stages_of_an_emptied_well),
	    cmocka_unit_test(test_an_outline_is_no_empty_well),
	    cmocka_unit_test(test_nothing_to_decode),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
