/* What the decoder listens to: the usable points of a track (read, with an embryo in sight), how well each stage
 * agrees with each of them, and where the embryo moved. */
#pragma once

#include "base/err.h"
#include "base/own.h"
#include "model/track.h"

struct signals {
	size_t count;       /* usable points */
	size_t *point;      /* their indices in the track */
	bool timed;         /* time_s is known for (nearly) all and never runs backwards */
	bool clock_odd;     /* times are there but run backwards or lie outside any culture */
	int64_t *time_s;    /* when timed; interpolated by run where one is missing */
	/* Sum over the points before p of the tempered log likelihood of each stage: [count + 1]. */
	double (*sum)[STAGE_COUNT];
	/* Log likelihood ratio "a division" : "none" of the change into each point, -3 .. 5. */
	double *motion;
	double *step; /* the same before one burst was made one peak */
	/* Per point of the track. */
	bool *empty;        /* the well is empty there, smoothed over single odd frames */
	size_t empty_count, unread_count;
	/* How sharply the reader tells stages apart: mean over cleavage points of the top stage's share of its group,
	 * permille. A reader that only knows groups has 125; one that guesses counts has about 600. */
	int sharpness;
	bool counts_cells; /* sharp enough that its count of cells means something */
};

bool signals_make(const struct track *track, struct signals *ret_signals, struct err *err);
/* As if no picture had been looked at: every point is usable, and all that is known of it is its time. */
bool signals_make_blind(const struct track *track, struct signals *ret_signals, struct err *err);
/* Frames are missing between usable point i > 0 and the one before: their difference is no motion. */
bool signals_gap(const struct track *track, const struct signals *signals, size_t i);
void signals_done(struct signals *signals);
static inline void signals_done_owned(struct signals *signals)
{
	signals_done(signals);
}
