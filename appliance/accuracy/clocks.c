#include "accuracy/clocks.h"

#include <math.h>

enum {
	DIVISIONS_MIN = 3, /* within the film; fewer fit any line */
	MOTION_AFTER = 3,  /* frames in which a division shows */
	MOTION_BEFORE = 5, /* frames that say how still it was before */
	MOTION_FLOOR = 30, /* permille: below, two frames differ by noise */
	SHIFT_MAX = 20,    /* runs */
	SLOPE_MIN = 50,
	SLOPE_MAX = 200, /* hundredths */
};

/* Neighbouring frames repeat each other's errors: each is a tenth of a witness. */
static const double FRAME_WEIGHT = 0.1, MOTION_WEIGHT = 2;
/* A well that is moved jumps more than any division: such a step counts as one division, no more. */
static const double STEP_MAX = 1.2;

/* Films are taken at a picture each 12, 15 or 20 minutes, so a count made at another step runs slower or
 * faster by one of these; and it begins within a few frames of the first picture. */
static const double STEP_RATIOS[] = {12.0 / 20, 15.0 / 20, 12.0 / 15, 1, 15.0 / 12, 20.0 / 15, 20.0 / 12};
static const double RATIO_SPREAD = 0.02, SHIFT_SPREAD = 6;

/* What speaks for a line, per point of the track. */
struct witness {
	size_t count;
	double (*stage)[STAGE_COUNT]; /* log probability of each stage; [STAGE_EMPTY]: of no label */
	double *step;                 /* by how much more it moves from here on than before, natural log */
};

static void witness_done(struct witness *witness)
{
	free(witness->stage);
	free(witness->step);
}

static double step_at(const struct track *track, size_t i)
{
	double before = 0, after = 0;
	if (i < MOTION_BEFORE + 1 || i + MOTION_AFTER > track->count)
		return 0;
	for (size_t k = i - MOTION_BEFORE; k < i; k++)
		before += track->points[k].motion / (double)MOTION_BEFORE;
	for (size_t k = i; k < i + MOTION_AFTER; k++)
		after += track->points[k].motion / (double)MOTION_AFTER;
	return fmin(log((after + MOTION_FLOOR) / (before + MOTION_FLOOR)), STEP_MAX);
}

/* Half by the group, so that a reader that is one cell off still speaks. */
static bool witness_make(const struct track *track, struct witness *witness)
{
	static const double floor_of = 0.01;
	witness->count = track->count;
	witness->stage = calloc(track->count + 1, sizeof *witness->stage);
	witness->step = calloc(track->count + 1, sizeof *witness->step);
	if (!witness->stage || !witness->step)
		return false;
	for (size_t i = 0; i < track->count; i++) {
		const struct reading *reading = &track->points[i].reading;
		witness->step[i] = step_at(track, i);
		for (int k = 0; k < STAGE_COUNT && track->points[i].read; k++) {
			double group = reading_group_probability(reading, stage_group((enum stage)k)) /
			    (double)PROBABILITY_ONE;
			double alone = reading->stage[k] / (double)PROBABILITY_ONE;
			witness->stage[i][k] = FRAME_WEIGHT * log(group / 8 + alone / 2 + floor_of);
		}
		witness->stage[i][STAGE_EMPTY] = FRAME_WEIGHT * log(1.0 / STAGE_COUNT);
	}
	return true;
}

/* The strongest step within a frame of a run; 0 outside the film. */
static double step_near(const struct track *track, const struct witness *witness, double run)
{
	double best = 0;
	for (size_t i = 0; i < track->count; i++)
		if (fabs(track->points[i].run - run) <= 1.5)
			best = fmax(best, witness->step[i]);
	return best;
}

static const struct phase *phase_at(const struct phases *phases, struct clock_line line, int run)
{
	double index = (run - line.b) / line.a;
	for (size_t k = 0; k < phases->count; k++)
		if (index >= phases->list[k].first - 0.5 && index < phases->list[k].last + 0.5)
			return &phases->list[k];
	return NULL;
}

/* What is likely before looking, natural log. */
static double expected(struct clock_line line)
{
	double odd = 0.02;
	for (size_t i = 0; i < sizeof STEP_RATIOS / sizeof STEP_RATIOS[0]; i++)
		odd += exp(-pow((line.a - STEP_RATIOS[i]) / RATIO_SPREAD, 2) / 2);
	return log(odd) - pow(line.b / SHIFT_SPREAD, 2) / 2;
}

/* False: fewer than DIVISIONS_MIN divisions fall into the film on this line. */
static bool agree(const struct track *track, const struct phases *phases, const struct witness *witness,
    struct clock_line line, double *ret_score)
{
	double sum = expected(line);
	int inside = 0;
	for (size_t i = 0; i < phases->count; i++) {
		const struct phase *phase = &phases->list[i];
		double run = line.a * phase->first + line.b;
		if (phase->stage < STAGE_2 || phase->stage > STAGE_8 ||
		    run > track->points[track->count - 1].run || run < track->points[0].run)
			continue;
		inside++;
		sum += MOTION_WEIGHT * step_near(track, witness, run);
	}
	for (size_t i = 0; i < track->count; i++) {
		const struct phase *phase = phase_at(phases, line, track->points[i].run);
		sum += witness->stage[i][phase ? phase->stage : STAGE_EMPTY];
	}
	*ret_score = sum;
	return inside >= DIVISIONS_MIN;
}

/* What is being fitted, and the best line so far. */
struct search {
	const struct track *track;
	const struct phases *phases;
	struct witness witness;
	struct clock_line best;
	double top;
};

static void search_around(struct search *search, int a_from, int a_to, int b_from, int b_to, int step)
{
	for (int a = a_from; a <= a_to; a += step) {
		for (int b = b_from; b <= b_to; b += step) {
			const struct clock_line line = {a / 100.0, b};
			double score;
			bool usable = agree(search->track, search->phases, &search->witness, line, &score);
			if (!usable || score <= search->top)
				continue;
			search->top = score;
			search->best = line;
		}
	}
}

bool clocks_fit(const struct track *track, const struct phases *phases, struct clock_fit *ret_fit)
{
	enum { COARSE = 2 };
	struct search search = {.track = track, .phases = phases, .top = -INFINITY};
	double plain = 0;
	if (track->count > 0 && witness_make(track, &search.witness))
		search_around(&search, SLOPE_MIN, SLOPE_MAX, -SHIFT_MAX, SHIFT_MAX, COARSE);
	bool found = !isinf(search.top);
	if (found) {
		int a = (int)lround(100 * search.best.a), b = (int)lround(search.best.b);
		search_around(&search, a - COARSE, a + COARSE, b - COARSE, b + COARSE, 1);
		agree(track, phases, &search.witness, (struct clock_line){1, 0}, &plain);
		*ret_fit = (struct clock_fit){search.best, search.top - plain};
	}
	witness_done(&search.witness);
	return found;
}

void clocks_apply(const struct phases *phases, struct clock_line line, struct sample *sample)
{
	for (size_t i = 0; i < sample->track.count; i++) {
		const struct phase *phase = phase_at(phases, line, sample->track.points[i].run);
		sample->truth[i] = phase ? 1u << phase->stage : 0;
	}
}
