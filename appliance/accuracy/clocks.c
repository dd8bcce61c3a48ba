#include "accuracy/clocks.h"

#include <math.h>

enum {
	DIVISIONS_MIN = 4,     /* fewer fit any line */
	MOTION_AFTER = 3,      /* frames in which a division shows */
	MOTION_BEFORE = 5,     /* frames that say how still it was before */
	MOTION_FLOOR = 30,     /* permille: below, two frames differ by noise */
	SHIFT_MAX = 30,        /* runs */
};

/* By how much the picture moves more from this point on than before, natural log; negative where it calms down. */
static double step_at(const struct track *track, size_t i)
{
	double before = 0, after = 0;
	if (i < MOTION_BEFORE + 1 || i + MOTION_AFTER > track->count)
		return 0;
	for (size_t k = i - MOTION_BEFORE; k < i; k++)
		before += track->points[k].motion / (double)MOTION_BEFORE;
	for (size_t k = i; k < i + MOTION_AFTER; k++)
		after += track->points[k].motion / (double)MOTION_AFTER;
	return log((after + MOTION_FLOOR) / (before + MOTION_FLOOR));
}

/* The strongest step within a frame of a run; 0 outside the film. */
static double step_near(const struct track *track, double run)
{
	double best = 0;
	for (size_t i = 0; i < track->count; i++)
		if (fabs(track->points[i].run - run) <= 1.5)
			best = fmax(best, step_at(track, i));
	/* A well that is moved jumps more than any division: such a step counts as one division, no more. */
	return fmin(best, 1.2);
}

static double score(const struct track *track, const struct phases *phases, struct clock_line line, int *ret_inside)
{
	double sum = 0;
	*ret_inside = 0;
	for (size_t i = 0; i < phases->count; i++) {
		const struct phase *phase = &phases->list[i];
		double run = line.a * phase->first + line.b;
		if (phase->stage < STAGE_2 || phase->stage > STAGE_8 || run > track->points[track->count - 1].run ||
		    run < track->points[0].run)
			continue;
		++*ret_inside;
		sum += step_near(track, run);
	}
	return sum;
}

bool clocks_fit(const struct track *track, const struct phases *phases, struct clock_line *ret_line)
{
	struct clock_line best = {0};
	double top = 0, sum_a = 0, sum_b = 0;
	int ties = 0;
	if (track->count == 0)
		return false;
	for (int a = 40; a <= 160; a++) {
		for (int b = -SHIFT_MAX; b <= SHIFT_MAX; b++) {
			const struct clock_line line = {a / 100.0, b};
			int inside;
			double here = score(track, phases, line, &inside);
			if (inside < DIVISIONS_MIN || here < top - 1e-9)
				continue;
			if (here > top + 1e-9) {
				top = here;
				sum_a = sum_b = 0;
				ties = 0;
			}
			sum_a += line.a;
			sum_b += line.b;
			ties++;
		}
	}
	if (ties == 0 || top < DIVISIONS_MIN * 0.5)
		return false;
	best.a = sum_a / ties;
	best.b = sum_b / ties;
	*ret_line = best;
	return true;
}

void clocks_apply(const struct phases *phases, struct clock_line line, struct sample *sample)
{
	for (size_t i = 0; i < sample->track.count; i++) {
		double index = (sample->track.points[i].run - line.b) / line.a;
		sample->truth[i] = 0;
		for (size_t k = 0; k < phases->count; k++) {
			const struct phase *phase = &phases->list[k];
			if (index >= phase->first - 0.5 && index < phase->last + 0.5)
				sample->truth[i] = 1u << phase->stage;
		}
	}
}
