/* What is known about timing before looking: one row per event, one table for the room.
 *
 * Three uses, kept apart: the decoder takes dwell times as soft priors; events.c judges plausibility by the limits;
 * the reference medians are only ever shown and compared within one insemination method (ICSI and IVF differ by
 * one to two hours and are never merged). */
#pragma once

#include "model/clinic.h"
#include "model/stage.h"

#include <stdint.h>

struct prior {
	/* The stage that the event begins, until the next event: median in minutes, spread as the standard deviation
	 * of the natural logarithm in permille (500: two thirds of all within a factor of 1.65). */
	int dwell_min, dwell_spread;
	/* Share of embryos in which no frame shows the stage, permille. */
	int skip;
	/* When the event happens, hours, and how widely embryos differ. */
	int at_h, at_spread_h;
	/* Plausibility limits, hours: outside soft is worth a look, outside hard is rejected or asked. -1: none. */
	int soft_low_h, soft_high_h, hard_low_h, hard_high_h;
	/* Median of the Istanbul Consensus 2025, hours; -1: not printed. */
	int median_icsi_h, median_ivf_h;
	/* How much a division at this event moves the picture, permille of a full division. */
	int motion;
	/* An automatic placement counts as right within so many minutes: human annotators differ by 0.5 h for the
	 * first divisions to 5.4 h for late events (standard deviations collected in PMC11584792). */
	int within_min;
};

/* event STAGE_PB2 .. STAGE_HB */
const struct prior *prior_of(enum stage event);
/* TIME_UNKNOWN where the method is unknown or nothing is printed. */
int64_t prior_median_s(enum stage event, enum insemination method);
