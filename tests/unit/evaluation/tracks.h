/* Synthetic tracks: what a coarse reader says of an embryo whose events are known. Errors come in streaks, as real
 * ones do; the same seed gives the same track. */
#pragma once

#include "model/track.h"

#include <math.h>
#include <stdlib.h>

struct track_plan {
	double event_h[STAGE_COUNT]; /* 0: does not happen; equal ones: skipped */
	double first_h, last_h, step_h;
	double noise;                /* 0 perfect .. 1 hopeless */
	bool counts_cells;           /* false: only knows groups, and cell counts hardly at all */
	bool timed;
	unsigned seed;
};

/* tPB2 .. tHB of a textbook embryo. */
static const struct track_plan plan_textbook = {
    .event_h = {0, 3, 7, 22.8, 25.4, 36.6, 37.4, 49, 50.5, 52, 54, 66, 88, 97, 105, 111, 0},
    .first_h = 1, .last_h = 116, .step_h = 0.25, .noise = 0.35, .timed = true, .seed = 1,
};

static inline double track_random(unsigned *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) / 16777216.0;
}

/* A reading that favours no stage. */
static inline void track_no_opinion(struct reading *reading)
{
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		reading->stage[j] = PROBABILITY_ONE / STAGE_HB;
	reading->stage[STAGE_EMPTY] = 0;
}

static inline enum stage track_stage(const struct track_plan *plan, double hour)
{
	enum stage stage = STAGE_PB2;
	for (int j = STAGE_PNA; j <= STAGE_HB; j++)
		if (plan->event_h[j] > 0 && plan->event_h[j] <= hour)
			stage = (enum stage)j;
	return stage;
}

static inline void track_reading(const struct track_plan *plan, enum stage stage, double streak, unsigned *state,
    struct reading *ret)
{
	*ret = (struct reading){.occupied = 65000, .confidence = 800};
	double weight[STAGE_COUNT] = {0.01}, sum = 0;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		double far = stage_group((enum stage)j) == stage_group(stage)
		    ? (plan->counts_cells ? 2.0 * abs(j - (int)stage) : 0.15 * abs(j - (int)stage))
		    : 2.0 + 0.3 * abs(j - (int)stage);
		/* A streak of errors leans towards later or earlier stages. */
		far -= plan->noise * streak * (j - (int)stage) * 0.5;
		weight[j] = exp(-1.4 * far + plan->noise * (track_random(state) - 0.5));
	}
	for (int j = 0; j < STAGE_COUNT; j++)
		sum += weight[j];
	int left = PROBABILITY_ONE;
	for (int j = STAGE_COUNT - 1; j > 0; j--) {
		ret->stage[j] = (uint16_t)(PROBABILITY_ONE * weight[j] / sum);
		left -= ret->stage[j];
	}
	ret->stage[STAGE_EMPTY] = (uint16_t)left;
	int top = STAGE_PB2;
	for (int j = STAGE_PNA; j <= STAGE_HB; j++)
		top = ret->stage[j] > ret->stage[top] ? j : top;
	ret->cells = (uint16_t)stage_cells((enum stage)top);
	ret->cells_confidence = plan->counts_cells ? 800 : 200;
}

/* The caller frees track.points. */
static inline struct track track_make(const struct track_plan *plan)
{
	size_t count = (size_t)((plan->last_h - plan->first_h) / plan->step_h) + 1;
	struct track track = {calloc(count, sizeof *track.points), count};
	unsigned state = plan->seed * 7919u + 1;
	double streak = 0, burst = 0;
	for (size_t i = 0; i < count; i++) {
		struct track_point *point = &track.points[i];
		double hour = plan->first_h + plan->step_h * (double)i;
		enum stage stage = track_stage(plan, hour);
		streak = 0.9 * streak + 1.2 * (track_random(&state) - 0.5);
		point->run = (int)i + 1;
		point->time_s = plan->timed ? lround(hour * 3600) : TIME_UNKNOWN;
		point->read = true;
		point->radius_permille = 300;
		track_reading(plan, stage, streak, &state, &point->reading);
		/* Two levels of calm, as real frames have; a division is a jump that dies down over two hours. */
		double motion = (track_random(&state) < 0.5 ? 40 : 100) * (0.8 + 0.4 * track_random(&state));
		enum stage before = track_stage(plan, hour - plan->step_h);
		if (i > 0 && before != stage && stage_group(stage) == GROUP_CLEAVAGE)
			burst = 1;
		motion += 230 * burst * (0.8 + 0.4 * track_random(&state));
		burst *= 0.85;
		if (track_random(&state) < 0.01)
			motion += 200; /* a bump on the bench */
		point->motion = i ? (uint16_t)motion : 0;
	}
	return track;
}

/* The point at which the event is first seen. */
static inline size_t track_point_of(const struct track_plan *plan, enum stage event)
{
	return (size_t)ceil((plan->event_h[event] - plan->first_h) / plan->step_h - 1e-9);
}
