/* What is known about timing before looking.
 *
 * Two tables, kept apart because they have two kinds of sources.
 *
 * `struct prior` comes from the literature and is part of the program: plausibility limits and reference medians. The
 * medians are only ever shown and compared within one insemination method (ICSI and IVF differ by one to two hours and
 * are never merged).
 *
 * `struct priors` is fitted to annotated embryos and is a data file, priors.json, with its sources and counts: how long
 * each stage lasts, how often no frame shows it, when it begins. It guides the decoder, softly. The shipped file was
 * made by `daybreak priors fit` from two public tables: event times of 64 embryos (Gomez et al. 2022, doi
 * 10.1016/j.dib.2022.108258, CC BY 4.0) and labels of wells (University of Adelaide, MIT licence), without the wells on
 * which the decoder is proven, and the confusion table of the shipped reader from its cross-validation on pictures of 220
 * embryos. A clinic can fit its own, which then takes its place:
 *
 *   {"sources": [{"file", "digest", "embryos"}],
 *    "stages":  [{"stage": "t2", "begins": {"embryos", "median_min", "spread_min"},
 *                 "lasts": {"embryos", "median_min", "spread_permille"}, "shown", "skipped",
 *                 "read": {"frames", "as": [permille of tPB2 .. tHB]}}, ...]}
 *
 * "read" is the confusion table of the reader: what it said, on pictures kept out of its training, of frames that truly
 * show the stage. It may be missing. */
#pragma once

#include "base/json.h"
#include "model/clinic.h"
#include "model/stage.h"

#include <stdint.h>

struct prior {
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

/* One stage of the fitted table. */
struct timing {
	int begins_count, begins_min, begins_spread_min; /* embryos; median and spread of the event, minutes */
	/* Embryos in which its length is known; median, minutes; standard deviation of the natural logarithm, permille
	 * (500: two thirds of all lie within a factor of 1.65). */
	int lasts_count, lasts_min, lasts_spread;
	int shown, skipped; /* embryos that passed the stage in sight, and past sight between two frames */
};

struct priors;

/* ERR_BAD_INPUT, with the member's name, when it is no such file. */
bool priors_load(const char *path, struct priors **ret_priors, struct err *err);
/* The clinic's own <store_folder>/priors.json if there is one, else the shipped file. store_folder may be NULL. */
bool priors_open(const char *store_folder, struct priors **ret_priors, struct err *err);
void priors_free(struct priors *priors);
OWN_DEFINE(struct priors *, priors_free)

/* stage STAGE_PB2 .. STAGE_HB; borrowed. */
const struct timing *priors_timing(const struct priors *priors, enum stage stage);
/* Probability that the reader says `said` of a frame that truly shows `stage`, both STAGE_PB2 .. STAGE_HB; never zero.
 * Few frames are helped out by what is alike: neighbouring stages, and one cell without pronuclei before and after. */
double priors_said(const struct priors *priors, enum stage stage, enum stage said);
/* First digits of the file's SHA-256: which table an evaluation was made with. */
const char *priors_digest(const struct priors *priors);
