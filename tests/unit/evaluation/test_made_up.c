/* Made-up readers of annotated embryos: the event times of 64 real embryos, read by readers that err as real ones do, for
 * hours and with much confidence. What the decoder claims must hold. The table is not part of the project; without it
 * the test says so and passes. (priors.json was fitted to these embryos among others; the constants of the decoder were
 * chosen with a fit to one half of them and readings of the other.) */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/text.h"
#include "evaluation/decode.h"
#include "unit/evaluation/shipped.h"
#include "unit/evaluation/tracks.h"

#include <string.h>

enum { COLUMN_FIRST = 3, EMBRYOS_MAX = 64, EVERY = 3 /* a third of them is enough, and quick */ };

static double event_h[EMBRYOS_MAX][STAGE_COUNT]; /* 0: not annotated */
static int embryos;

struct reader_plan {
	double right;    /* share of frames */
	double sure;     /* what it claims */
	double step_h;
	unsigned state;  /* of chance */
};

static double normal(unsigned *state)
{
	double sum = 0;
	for (int i = 0; i < 12; i++)
		sum += track_random(state);
	return sum - 6;
}

/* Which stage is said for one that is true, u in 0..1: low ones for earlier stages, high ones for later. */
static enum stage said_for(enum stage truth, double right, double u)
{
	double share[STAGE_COUNT] = {0}, sum = 0;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		sum += share[j] = j == (int)truth ? 0 : pow(0.4, abs(j - (int)truth)) + 0.005;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		u -= j == (int)truth ? right : (1 - right) * share[j] / sum;
		if (u < 0)
			return (enum stage)j;
	}
	return STAGE_HB;
}

static void say(enum stage said, double sure, struct reading *reading)
{
	double share[STAGE_COUNT] = {0}, sum = 0;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		sum += share[j] = j == (int)said ? 0 : pow(0.45, abs(j - (int)said)) + 0.002;
	*reading = (struct reading){.occupied = PROBABILITY_ONE};
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		reading->stage[j] = (uint16_t)(PROBABILITY_ONE * (j == (int)said ? sure : (1 - sure) * share[j] / sum));
	reading->cells = (uint16_t)stage_cells(said);
	reading->cells_confidence = (uint16_t)(1000 * sure);
}

static enum stage true_stage(const double *events, double hour)
{
	int first = STAGE_PB2;
	while (first < STAGE_HB && events[first] <= 0)
		first++;
	enum stage stage = first > STAGE_PB2 ? (enum stage)(first - 1) : STAGE_PB2;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		if (events[j] > 0 && events[j] <= hour)
			stage = (enum stage)j;
	return stage;
}

/* Errors: a part of each stays for the whole stage, most of it for some hours, a quarter is of the frame alone. */
static struct track make(const double *events, struct reader_plan *plan)
{
	double last = 0, drift = normal(&plan->state), bias[STAGE_COUNT];
	for (int j = 0; j < STAGE_COUNT; j++) {
		last = fmax(last, events[j]);
		bias[j] = normal(&plan->state);
	}
	size_t count = (size_t)((last + 4) / plan->step_h);
	struct track track = {calloc(count, sizeof *track.points), count};
	double keep = exp(-plan->step_h / 2.5), burst = 0;
	for (size_t i = 0; i < count; i++) {
		struct track_point *point = &track.points[i];
		double hour = 0.5 + plan->step_h * (double)i;
		enum stage truth = true_stage(events, hour), before = true_stage(events, hour - plan->step_h);
		drift = keep * drift + sqrt(1 - keep * keep) * normal(&plan->state);
		double z = sqrt(0.15) * bias[truth] + sqrt(0.6) * drift + sqrt(0.25) * normal(&plan->state);
		point->run = 1 + (int)lround(4 * plan->step_h * (double)i);
		point->time_s = lround(3600 * hour);
		point->read = true;
		say(said_for(truth, plan->right, 0.5 * erfc(-z / sqrt(2))), plan->sure, &point->reading);
		burst = i > 0 && before != truth && stage_group(truth) == GROUP_CLEAVAGE ? 1 : 0.85 * burst;
		point->motion = (uint16_t)((40 + 60 * track_random(&plan->state)) + 230 * burst);
	}
	return track;
}

struct score {
	size_t frames, raw, decoded;
	int events, placed, right;
	double claimed;
};

static void score_events(const double *events, const struct track *track, struct score *score)
{
	OWN(signals_done) struct signals signals = {0};
	struct decoded decoded;
	struct err err;
	must(signals_make(track, shipped_priors(), &signals, &err) && decode(&signals, shipped_priors(), &decoded, &err));
	for (int j = STAGE_PNA; j <= STAGE_HB; j++) {
		score->events += events[j] > 0;
		if (decoded.events[j].place != PLACE_PLACED)
			continue;
		double off = track->points[decoded.events[j].point].time_s / 60.0 - events[j] * 60;
		score->placed++;
		score->claimed += decoded.events[j].confidence / 1000.0;
		score->right += events[j] > 0 && fabs(off) <= prior_of((enum stage)j)->within_min;
	}
}

static void score_embryo(const double *events, struct reader_plan *plan, struct score *score)
{
	struct track track = make(events, plan);
	enum stage *stages = calloc(track.count, sizeof *stages);
	struct err err;
	must(decode_stages(&track, WITNESS_ALL, shipped_priors(), stages, &err));
	for (size_t i = 0; i < track.count; i++) {
		enum stage truth = true_stage(events, (double)track.points[i].time_s / 3600);
		score->frames++;
		score->raw += reading_top_stage(&track.points[i].reading) == truth;
		score->decoded += stages[i] == truth;
	}
	score_events(events, &track, score);
	free(stages);
	free(track.points);
}

static struct score score_reader(const char *name, struct reader_plan plan)
{
	struct score score = {0};
	for (int i = 0; i < embryos; i += EVERY)
		score_embryo(event_h[i], &plan, &score);
	printf("%s: frames right %.1f %% alone, %.1f %% decoded; of %d events %d placed, %.0f %% of them within tolerance, "
	       "%.0f %% claimed\n",
	    name, 100.0 * score.raw / score.frames, 100.0 * score.decoded / score.frames, score.events, score.placed,
	    100.0 * score.right / score.placed, 100 * score.claimed / score.placed);
	return score;
}

/* Claims may be too low, but hardly too high. */
static void holds(const struct score *score, double frames, double events)
{
	assert_true(score->decoded >= frames * score->frames);
	assert_true(score->decoded > score->raw);
	assert_true(score->placed >= events * score->events);
	assert_true(score->right >= score->claimed - 0.08 * score->placed);
}

static bool load(void)
{
	const char *folder = getenv("DAYBREAK_DATA");
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf table = BUF_INIT(1 << 20);
	struct err err;
	path_join(path, sizeof path, folder ? folder : DAYBREAK_SOURCE_DIR "/../shared/data", "labels/nantes_event_times.csv");
	if (!file_exists(path))
		return false;
	must(file_read(path, &table, &err));
	char *rest = (char *)buf_text(&table), *line = strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) && *text_trim(line) && embryos < EMBRYOS_MAX) {
		int column = 0;
		for (char *cell = strsep(&line, ","); cell; cell = strsep(&line, ","), column++) {
			int event = column - COLUMN_FIRST + STAGE_PB2;
			if (event >= STAGE_PB2 && event <= STAGE_HB)
				text_to_f64(cell, &event_h[embryos][event]);
		}
		embryos++;
	}
	return embryos > 0;
}

static void claims_hold(void **state)
{
	(void)state;
	if (!load()) {
		printf("skipped: no table of annotated embryos here\n");
		return;
	}
	struct score good = score_reader("a good reader", (struct reader_plan){0.88, 0.85, 0.25, 1});
	struct score fair = score_reader("a fair reader", (struct reader_plan){0.70, 0.7, 0.25, 2});
	struct score poor = score_reader("a poor and boastful reader", (struct reader_plan){0.50, 0.85, 0.25, 3});
	struct score sparse = score_reader("a fair reader of sparse frames", (struct reader_plan){0.70, 0.7, 1.5, 4});
	holds(&good, 0.94, 0.75);
	holds(&fair, 0.88, 0.7);
	holds(&poor, 0.78, 0.6);
	holds(&sparse, 0.82, 0.55);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(claims_hold)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
