/* What a network's answers are worth: logits to probabilities, probabilities to how often they were right,
 * an embedding to how unfamiliar the picture is. Whole numbers throughout, so that the bits are the same
 * everywhere. */
#pragma once

#include "reading/network.h"

/* Probabilities of the logits (1/256 bit each) that sum to PROBABILITY_ONE; what is left over of the
 * division goes to the top one. count is 1..STAGE_COUNT. */
void calibrate_softmax(const int32_t *logits, size_t count, uint16_t *ret_probabilities);
/* Permille of one yes-or-no logit. */
uint16_t calibrate_logistic(int32_t logit);
/* Linear between the 17 steps. */
uint16_t calibrate_confidence(const uint16_t steps[NETWORK_CONFIDENCE_STEPS], uint32_t probability);
/* Where a distance lies among the steps: 0 at the first, 1000 from the last on. */
uint16_t calibrate_unfamiliar(const uint64_t steps[NETWORK_UNFAMILIAR_STEPS], uint64_t distance);

/* Fills in what comes from the network, after network_run. */
void calibrate(const struct network *network, const void *scratch, struct reading *reading);
