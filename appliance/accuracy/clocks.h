/* Two clocks of one film: the index that an annotator counted by and the RUN number of the pictures. In one film of twenty
 * they are not the same, and nobody noticed. */
#pragma once

#include "accuracy/dataset.h"
#include "intake/phases.h"

/* RUN = a * index + b. */
struct clock_line {
	double a, b;
};

/* The line on which the divisions among the phases fall where the embryo moved most, from the motion between frames alone:
 * what the reader says of stages has no part in it, so that no reader can be fitted to its own test. False: too few
 * divisions, or no line stands out. */
bool clocks_fit(const struct track *track, const struct phases *phases, struct clock_line *ret_line);

/* Gives the sample's points the stages of the phases on this line; points outside have no truth. */
void clocks_apply(const struct phases *phases, struct clock_line line, struct sample *sample);
