/* Fitting: from annotated embryos to the numbers of priors.json. Medians and the 16 % and 84 % quantiles, so that a few
 * odd embryos or slips of an annotator move nothing. Where fewer than FIT_LEAST embryos tell, the numbers that were
 * there before stay, with a count of zero. */
#pragma once

#include "base/json.h"
#include "model/reading.h"
#include "model/timeline.h"

#include <stddef.h>

enum { FIT_LEAST = 8 };

/* What the fit rests on; goes into the file as it is. */
struct fit_source {
	const char *name;
	char digest[65]; /* of the file; "" for a store */
	size_t embryos;
};

/* What a reader said of frames whose stage is known: sums of its probabilities by true stage. */
struct fit_words {
	int frames[STAGE_COUNT];
	double said[STAGE_COUNT][STAGE_COUNT]; /* [truth][said] */
};

void fit_words_add(struct fit_words *words, enum stage truth, const struct reading *reading);

struct fit_input {
	const struct timeline *timelines;
	size_t timelines_count;
	const struct fit_words *words; /* NULL: the confusion table stays as it is in before */
	const struct fit_source *sources;
	size_t sources_count;
	const json_t *before; /* a parsed priors.json */
};

/* A new reference. */
bool fit_priors(const struct fit_input *input, json_t **ret_priors, struct err *err);
