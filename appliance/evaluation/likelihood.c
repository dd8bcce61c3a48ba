#include "evaluation/likelihood.h"

#include <math.h>

static const double ALIKE = 0.4, ALIKE_H = 2.5;
/* Share of frames whose probabilities do not mean what they say: of familiar pictures, of ones unlike any known. */
static const double DOUBT = 0.1, DOUBT_UNFAMILIAR = 0.6;

double likelihood_weight(double gap_hours)
{
	double apart = exp(fmax(gap_hours, 0.02) / ALIKE_H) - 1;
	return 1 / (1 + 2 * ALIKE / apart);
}

void likelihood_of(const struct reading *reading, const struct priors *priors, double weight, double to[STAGE_COUNT])
{
	double present = 0, said[STAGE_COUNT] = {0};
	double doubt = DOUBT + (DOUBT_UNFAMILIAR - DOUBT) * fmin(reading->unfamiliar, 1000) / 1000;
	for (int k = STAGE_PB2; k < STAGE_COUNT; k++)
		present += reading->stage[k];
	for (int k = STAGE_PB2; k < STAGE_COUNT; k++)
		said[k] = present > 0 ? reading->stage[k] / present : 1.0 / (STAGE_COUNT - 1);
	/* Where little of an embryo is seen, little is said of its stage. */
	weight *= fmin(present / PROBABILITY_ONE, 1);
	to[STAGE_EMPTY] = 0;
	for (int k = STAGE_PB2; k < STAGE_COUNT; k++) {
		double meant = 0;
		for (int j = STAGE_PB2; j < STAGE_COUNT; j++)
			meant += said[j] * priors_said(priors, (enum stage)k, (enum stage)j);
		to[k] = weight * log((1 - doubt) * said[k] + doubt * meant);
	}
}
