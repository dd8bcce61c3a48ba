/* From features to stage probabilities: one small network (features -> hidden -> classes) with
 * whole-number weights in stage_table.h, fitted by train/fit.py. All sums are integers, so all
 * machines agree to the bit. */
#pragma once

#include "reading/features.h"

/* What the table tells apart. Several stages share a class where one picture cannot tell them
 * apart; the class's probability is then dealt out by stage_share. */
enum { CLASS_COUNT = 14 };

struct stage_estimate {
	uint16_t probability[CLASS_COUNT]; /* sum to PROBABILITY_ONE */
	uint16_t unfamiliar; /* permille of the fitted pictures that look more usual than this one */
};

void stage_estimate(const struct features *features, struct stage_estimate *ret_estimate);
/* Deals the classes out to stages; they sum to PROBABILITY_ONE. */
void stage_share(const uint16_t probability[CLASS_COUNT], uint16_t ret_stage[STAGE_COUNT]);
/* How often a group with this probability was right on pictures kept out of the fit, permille. */
uint16_t stage_confidence(uint32_t group_probability);
/* For the reader's digest. */
void stage_table_digest(uint8_t ret_digest[32]);
