/* Temporal decoding: where along a track each event lies.
 *
 * A hidden semi-Markov chain over the stages tPB2 .. tHB, left to right. The unknowns are the 15 points at which the
 * events tPNa .. tHB are first seen, e1 <= e2 <= ... ; equal ones mean that no frame shows the stage between. Their
 * score is
 *
 *   sum over stages:  what the readings say of the stage between its two events   (likelihood.h)
 *                   + how long the stage usually lasts, or that it is skipped     (priors.h, only with times)
 *   sum over events:  when the event usually happens, a little weaker             (priors.h, only with times)
 *                   + whether the embryo moved there as in a division             (signals.h)
 *
 * An event happens somewhere in the gap before the frame that first shows it. Where frames are close that hardly
 * matters; where they are hours apart, the score of a length is the probability of the whole gap, and a short stage may
 * well lie between two frames.
 *
 * Each event depends on the one before only, so the best chain (Viterbi) and the probability of every point for
 * every event (forward-backward) both cost points^2 x stages: some tens of milliseconds for a full culture. The
 * best chain, corrected by the likeliest points, gives the point; the probabilities give its interval (5 % .. 95 %)
 * and its confidence: that the stage is seen, and begins near that point.
 *
 * Priors alone must never place an event. Beside a confidence of one half, an event needs evidence: the readings
 * and the motion near the point, without priors, must speak for the change. Without times only the order of the
 * runs is used. Nothing comes before tPB2, so no change shows it, and it is never placed. Doubles are fine here:
 * evaluation runs at home, only readings must be the same everywhere. */
#pragma once

#include "evaluation/priors.h"
#include "evaluation/signals.h"

enum place {
	PLACE_UNSEEN,      /* not computable: the readings do not show it */
	PLACE_PLACED,
	PLACE_BEFORE,      /* before the first frame */
	PLACE_NOT_REACHED, /* not by the last frame */
	PLACE_MERGED,      /* seen, but not told from the next event: its stage is skipped or too short to see */
	PLACE_COUNT
};

/* Indices are those of the track's points; void unless placed. */
struct placement {
	enum place place;
	size_t point;
	size_t earliest, latest; /* the event lies after frame earliest and not after frame latest */
	uint16_t confidence;     /* permille: probability that it lies within priors.h's tolerance of point */
};

struct decoded {
	struct placement events[STAGE_COUNT]; /* STAGE_PB2 .. STAGE_HB */
	uint16_t stage[STAGE_COUNT];          /* permille, at the last usable point */
	enum stage last_stage;                /* the likeliest there; STAGE_EMPTY without a usable point */
};

/* Both void without usable points: no event is placed, last_stage is STAGE_EMPTY. */
bool decode(const struct signals *signals, const struct priors *priors, struct decoded *ret_decoded, struct err *err);

/* Who may speak: readings, motion, times and priors; or, as a baseline to measure against, priors and times alone. */
enum witness { WITNESS_ALL, WITNESS_CLOCK };

/* The decoded stage of every point, ret_stages[track->count]; it only rises along the track. STAGE_EMPTY where no
 * embryo is in the well (never by the clock alone). A point without a reading has the stage of its neighbour. */
bool decode_stages(const struct track *track, enum witness witness, const struct priors *priors,
    enum stage *ret_stages, struct err *err);
