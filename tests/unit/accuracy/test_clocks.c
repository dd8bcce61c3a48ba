/* Annotations on another count of frames than the pictures. */
#include "unit/unit.h"

#include "accuracy/clocks.h"

#include <math.h>
#include <string.h>

static struct err err;

static const char table[] =
    "tPB2,1,20\ntPNa,21,80\ntPNf,81,95\nt2,96,130\nt3,131,136\nt4,137,180\nt5,181,190\nt6,191,200\n"
    "t7,201,210\nt8,211,260\nt9+,261,330\ntM,331,400\n";

/* A film whose pictures run on RUN = a * index + b: every picture half sure, and movement at every
 * division. */
static struct sample *film(struct dataset *dataset, struct clock_line line, int runs, struct phases *phases)
{
	must(dataset_init(dataset, &err));
	must(phases_parse(table, strlen(table), phases, &err));
	struct sample *sample = dataset_sample(dataset, "film", 1);
	sample->film = true;
	for (int run = 1; run <= runs; run++) {
		struct track_point point = {.run = run, .read = true, .time_s = TIME_UNKNOWN, .motion = 40};
		must(sample_add(sample, &point, 0, &err));
	}
	clocks_apply(phases, line, sample);
	for (size_t i = 0; i < sample->track.count; i++) {
		struct track_point *point = &sample->track.points[i];
		enum stage stage = sample->truth[i] ? stage_set_first(sample->truth[i]) : STAGE_PB2;
		for (int k = 0; k < STAGE_COUNT; k++)
			point->reading.stage[k] =
			    k == (int)stage ? PROBABILITY_ONE / 2 : PROBABILITY_ONE / 32;
		bool divides =
		    i > 0 && sample->truth[i] != sample->truth[i - 1] && stage >= STAGE_2 && stage <= STAGE_8;
		point->motion = divides ? 300 : 40;
	}
	return sample;
}

static void applies_a_line(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	struct phases phases;
	/* RUN = 0.5 x index + 10: index 96, where t2 begins, is RUN 58; the last, 400, is 210. */
	const struct sample *sample = film(&dataset, (struct clock_line){0.5, 10}, 220, &phases);
	assert_int_equal(sample->truth[57 - 1], 1u << STAGE_PNF);
	assert_int_equal(sample->truth[58 - 1], 1u << STAGE_2);
	assert_int_equal(sample->truth[210 - 1], 1u << STAGE_M);
	assert_int_equal(sample->truth[211 - 1], 0);
	assert_int_equal(sample->truth[9 - 1], 0);
}

static void fits_a_line(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	struct phases phases;
	struct clock_fit fit;
	const struct sample *sample = film(&dataset, (struct clock_line){0.8, -4}, 250, &phases);
	assert_false(phases_check(&phases, 250));
	assert_true(clocks_fit(&sample->track, &phases, &fit));
	assert_true(fabs(fit.line.a - 0.8) <= 0.02 && fabs(fit.line.b + 4) <= 3);
	assert_true(fit.better > CLOCKS_SUSPECT);
}

static void leaves_agreeing_clocks_alone(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	struct phases phases;
	struct clock_fit fit;
	const struct sample *sample = film(&dataset, (struct clock_line){1, 0}, 400, &phases);
	assert_true(clocks_fit(&sample->track, &phases, &fit));
	assert_true(fabs(fit.line.a - 1) <= 0.02 && fabs(fit.line.b) <= 3);
	assert_true(fit.better < CLOCKS_SUSPECT);
}

static void needs_divisions(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	struct phases phases;
	struct clock_fit fit;
	const struct sample *sample = film(&dataset, (struct clock_line){1, 0}, 30, &phases);
	assert_false(clocks_fit(&sample->track, &phases, &fit));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(applies_a_line), cmocka_unit_test(fits_a_line),
	    cmocka_unit_test(leaves_agreeing_clocks_alone), cmocka_unit_test(needs_divisions)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
