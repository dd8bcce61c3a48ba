/* Evaluation: from the readings of one embryo to what an embryologist can use, with the reasons beside it.
 *
 *   track ──▶ decode ──▶ events ──▶ intervals ──▶ flags ──▶ profiles ──▶ evaluation ──▶ JSON
 *                          ▲                                   ▲           │
 *              annotations ┘ (beside, never over) observations ┘  grade ───┘      rank (siblings)
 *
 * The room is pure: the same track, words, profiles and priors give the same evaluation. It reads no clock, no
 * database and, but for profiles and priors when they are loaded, no file.
 *
 *   signals.c     what the decoder listens to: usable points, motion, emptiness, the raw count of cells
 *   likelihood.c  how well each stage agrees with one reading
 *   decode.c      where along the track each event lies, how surely, or why it cannot be placed
 *   priors.c      plausible limits and reference medians with their sources; the fitted times of stages (a data file)
 *   fit.c         from annotated embryos to the numbers of priors.json
 *   events.c      the automatic value and people's marks side by side; which one is used
 *   intervals.c   differences of events, each named with its formula
 *   flags.c       irregular divisions, by guarded rules
 *   profile.c     reads one rule profile (a JSON data file); profile_run.c applies it; profiles.c loads a folder
 *   anomalies.c   what is odd about the record itself
 *   evaluation.c  the evaluation as JSON
 *   rank.c        the order among siblings, in sentences
 *
 * Grading gives one embryo a score, ranking puts siblings in an order of use, selection is a person's choice. This
 * room grades and ranks; it never selects, and never suggests to discard. A result is a value, or "not computable"
 * with what it needs, or "excluded" with the reason; never a guess. A missing event is not a late event. Embryo times
 * are whole seconds since insemination and are compared with whole seconds: with t3 = 40.0 h and t2 = 28.1 h the
 * binary fraction t3 - t2 passes "at most 11.9 h" only by luck, the integers pass by rule. */
#pragma once

#include "base/json.h"
#include "evaluation/priors.h"
#include "evaluation/profiles.h"
#include "model/gardner.h"
#include "model/milestone.h"
#include "model/observation.h"
#include "model/track.h"

struct evaluation;

/* The tables that an evaluation goes by; read-only, any number of threads may share them. */
struct rules {
	const struct profiles *profiles; /* NULL: no rule profile is applied */
	const struct priors *priors;
};

/* What people know of the embryo. Annotations in any order. Of observations of one kind the last is used; outcomes are
 * not looked at. */
struct told {
	const struct annotation *annotations;
	size_t annotations_count;
	const struct observation *observations;
	size_t observations_count;
	const struct gardner *grade; /* NULL: none */
	enum insemination method;
};

/* track->points in order of run, as many as there are frames. ERR_BAD_INPUT when runs are not strictly rising. */
bool evaluate(const struct track *track, const struct told *told, const struct rules *rules,
    struct evaluation **ret_evaluation, struct err *err);
void evaluation_free(struct evaluation *evaluation);
OWN_DEFINE(struct evaluation *, evaluation_free)

/* Those of the events that have a value, in order of stage; returns how many. */
size_t evaluation_milestones(const struct evaluation *evaluation, struct milestone ret_list[STAGE_COUNT]);
/* A new reference, NULL without memory. */
json_t *evaluation_json(const struct evaluation *evaluation);
