/* What the decoder listens to: the usable points of a track (read, with an embryo in sight), how well each stage
 * agrees with each of them, and where the embryo moved. */
#pragma once

#include "base/err.h"
#include "base/own.h"
#include "evaluation/priors.h"
#include "model/track.h"

struct signals {
	size_t count;       /* usable points */
	size_t *point;      /* their indices in the track */
	int *run;
	bool timed;         /* time_s is known for (nearly) all and never runs backwards */
	bool clock_odd;     /* times are there but run backwards or lie outside any culture */
	int64_t *time_s;    /* when timed; interpolated by run where one is missing */
	/* Sum over the points before p of the log likelihood of each stage (likelihood.h): [count + 1]. */
	double (*sum)[STAGE_COUNT];
	/* Log likelihood ratio "a division" : "none" of the change into each point, -3 .. 5. */
	double *motion;
	/* The same for a division that ends there: it may have stirred the embryo for half an hour before. */
	double *ending;
	double *step; /* as motion, before one burst was made one peak */
	/* Per point of the track. */
	bool *empty;        /* the well is empty there, smoothed over single odd frames */
	size_t empty_count, unread_count;
	/* The count of cells at each usable point, smoothed over its neighbours only: it may fall, where the list of events
	 * never does. 0: none to count (compacted). */
	uint8_t *cells;
	bool counts_cells; /* the reader names a count, with confidence, for most points that show cleavage */
};

bool signals_make(const struct track *track, const struct priors *priors, struct signals *ret_signals, struct err *err);
/* As if no picture had been looked at: every point is usable, and all that is known of it is its time. */
bool signals_make_blind(const struct track *track, struct signals *ret_signals, struct err *err);
/* Frames are missing between usable point i > 0 and the one before: their difference is no motion. */
bool signals_gap(const struct track *track, const struct signals *signals, size_t i);
/* Hours between two usable points; without times, as if a run took 15 minutes. */
double signals_hours(const struct signals *signals, size_t from, size_t to);
void signals_done(struct signals *signals);
static inline void signals_done_owned(struct signals *signals)
{
	signals_done(signals);
}
