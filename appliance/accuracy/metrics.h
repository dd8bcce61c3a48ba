/* Counts and figures. A tally is one embryo's; figures are made of the sum over embryos, so that every
 * frame counts the same, and their intervals come from drawing embryos with replacement (Efron &
 * Tibshirani 1993, percentile bootstrap); where all embryos are right or all wrong, from the exact
 * binomial over embryos. */
#pragma once

#include "accuracy/answers.h"

/* Published figures beside ours: 57-70 % of frames right on the Gomez set (doi 10.1016/j.dib.2022.108258), and
 * an event F1 of 66.3 % over 11 events of 278 embryos (PMC11584792), whose windows of time are its own: ours
 * are stated with each figure, so the two are near each other, not the same measure. */
enum metric {
	METRIC_FRAME_ACCURACY, /* one stage is known, and it is said */
	METRIC_WITHIN_ONE,     /* ... it or a neighbour is said; empty has no neighbour */
	METRIC_MACRO_F1,   /* mean over the stages that occur of the harmonic mean of precision and recall */
	METRIC_CONSISTENT, /* what is said is among the stages left open, on every frame with a label */
	METRIC_GROUP_ACCURACY, /* the group is known (stage_group: zygote, cleavage ...), and it is said */
	METRIC_OCCUPIED_ACCURACY, /* it is known whether an embryo is there, and it is said */
	METRIC_EVENT_F1,          /* events within METRICS_NEAR_MIN, all events and embryos together */
	METRIC_EVENT_F1_EXPERT, /* events within prior_of(event)->within_min: about how far experts differ */
	METRIC_COUNT
};
const char *metric_name(enum metric metric); /* "frame_accuracy", ... */

enum {
	METRICS_BINS = 10,
	METRICS_NEAR_MIN = 60,
	METRICS_RESAMPLES = 2000,
	METRICS_SEED = 1,
};

/* What one method made of one event of one embryo. */
struct event_outcome {
	bool said;
	bool timed;       /* error_min is known */
	double error_min; /* said - true; with said and a true time */
	int error_frames; /* in points of the track */
};

struct tally {
	/* Frames that were read: all; one stage is known; anything; the group; whether an embryo is there. */
	uint32_t frames, single, labelled, grouped, settled;
	enum event_known known[STAGE_COUNT];
	bool timed;
	bool has[METHOD_COUNT];
	struct {
		uint32_t within_one, consistent, group, occupied;
		uint32_t confusion[STAGE_COUNT][STAGE_COUNT]; /* [true][said], where one stage is known */
		struct event_outcome events[STAGE_COUNT];
	} by[METHOD_COUNT];
	struct {
		uint32_t count, right;
		double said;  /* sum of confidences, 0..1 */
	} bins[METRICS_BINS]; /* of the picture's own confidence, by tenths */
};

void tally_make(const struct sample *sample, const struct answers *answers, struct tally *ret_tally);

/* Every figure at once. NAN: it cannot be computed from these embryos. */
struct figures {
	double metric[METRIC_COUNT][METHOD_COUNT];
	double gain[METRIC_COUNT]; /* the reader's figure less the clock's, of the same embryos */
	double median_min[METHOD_COUNT][STAGE_COUNT]; /* median absolute error of an event, minutes */
	double ece; /* expected calibration error: mean gap of said and right over frames (Guo et al. 2017) */
};

/* times[i]: how often embryo i counts; NULL: each once. ERR_NO_MEMORY. */
bool figures_make(const struct tally *tallies, const uint32_t *times, size_t count,
    struct figures *ret_figures, struct err *err);
/* The 2.5 and 97.5 percentiles over METRICS_RESAMPLES draws from METRICS_SEED; NAN with fewer than two
 * embryos, or where most draws give nothing. */
bool figures_bootstrap(const struct tally *tallies, size_t count, struct figures *ret_low,
    struct figures *ret_high, struct err *err);

/* Frames (events for METRIC_EVENT_*) that a metric is made of, and embryos that contribute. */
size_t metric_base(const struct tally *tallies, size_t count, enum metric metric, size_t *ret_embryos);
