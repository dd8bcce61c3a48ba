/* How well each stage agrees with one reading.
 *
 * The reader's probabilities are calibrated on its own kind of pictures. On another maker's optics it errs more often
 * than it says, and it errs for hours: neighbouring frames show the same debris, the same overlapping cells. So its word
 * is taken with two grains of salt.
 *
 * Doubt: a share of the frames is taken as the word of a reader that says "6 cells" with full confidence and means
 * whatever its confusion table says it means then (priors.h). This bounds how loudly one frame can speak.
 *
 * Weight: of a row of frames whose errors are alike, each counts for less than one witness. If what two frames of one
 * stage say beyond the truth has the correlation ALIKE * exp(-h / ALIKE_H) at h hours apart, frames a gap g apart carry
 *
 *   1 / (1 + 2 ALIKE / (exp(g / ALIKE_H) - 1))
 *
 * of an independent one each: a ninth at 15 minutes, two fifths at an hour. So the same hours of record weigh about
 * the same however often a picture was taken. ALIKE_H is how long the errors of a real classifier on 108 wells last (the
 * University of Adelaide's predictions, MIT licence). ALIKE and DOUBT were chosen on those wells, on rendered films and
 * on made-up readings of annotated embryos, good and bad ones, so that confidences hold; they were never held against
 * this product's own test films. */
#pragma once

#include "evaluation/priors.h"
#include "model/reading.h"

/* Share of an independent witness, 0..1, of a frame that is gap_hours from its neighbours. */
double likelihood_weight(double gap_hours);
/* Logarithm of the likelihood of STAGE_PB2 .. STAGE_HB, weighted; to[STAGE_EMPTY] is 0. */
void likelihood_of(const struct reading *reading, const struct priors *priors, double weight, double to[STAGE_COUNT]);
