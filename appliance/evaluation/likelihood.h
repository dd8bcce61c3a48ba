/* How well each stage agrees with one reading.
 *
 * The reader's probabilities are calibrated on its own kind of pictures. On another maker's optics it errs more often
 * than it says, and it errs for hours: neighbouring frames show the same debris, the same overlapping cells. So its word
 * is taken with two grains of salt.
 *
 * Doubt: a share of the frames is taken as the word of a reader that says "6 cells" with full confidence and means
 * whatever its confusion table says it means then (priors.h). This bounds how loudly one frame can speak.
 *
 * Weight: of a row of frames whose errors are alike, each counts for less than one witness. Two frames of one stage that
 * are h hours apart err alike with a correlation of about ALIKE * exp(-h / ALIKE_H); frames a gap g apart then carry
 *
 *   1 / (1 + 2 ALIKE / (exp(g / ALIKE_H) - 1))
 *
 * of an independent one each: an eleventh at 15 minutes, half at two hours. Sparse frames weigh more, so that the same
 * hours of record weigh about the same however often a picture was taken. Both constants were measured on the errors of
 * a classifier on 108 wells (the University of Adelaide's predictions, MIT licence). */
#pragma once

#include "evaluation/priors.h"
#include "model/reading.h"

/* Share of an independent witness, 0..1, of a frame that is gap_hours from its neighbours. */
double likelihood_weight(double gap_hours);
/* Logarithm of the likelihood of STAGE_PB2 .. STAGE_HB, weighted; to[STAGE_EMPTY] is 0. */
void likelihood_of(const struct reading *reading, const struct priors *priors, double weight, double to[STAGE_COUNT]);
