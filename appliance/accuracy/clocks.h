/* Two clocks of one film: the index that an annotator counted by and the RUN number of the pictures. In
 * one film of twenty they are not the same, and nobody noticed. */
#pragma once

#include "accuracy/dataset.h"
#include "intake/phases.h"

/* RUN = a * index + b. */
struct clock_line {
	double a, b;
};

/* The line on which the annotations agree best with what the pictures show: the readings' stages, and
 * movement at the divisions. It is good to a few runs. The reader has a part in it, so figures on that
 * line would flatter the reader: it is shown to a person, never taken by itself. False: too little to go
 * by. better: by how much it agrees better than RUN = index, natural log; CLOCKS_SUSPECT and more is no
 * chance. */
struct clock_fit {
	struct clock_line line;
	double better;
};
#define CLOCKS_SUSPECT 8.0
bool clocks_fit(const struct track *track, const struct phases *phases, struct clock_fit *ret_fit);

/* Gives the sample's points the stages of the phases on this line; points outside have no truth. */
void clocks_apply(const struct phases *phases, struct clock_line line, struct sample *sample);
