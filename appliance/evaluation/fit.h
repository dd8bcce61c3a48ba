/* Fitting: from annotated embryos to the numbers of priors.json. Medians and the 16 % and 84 % quantiles, so that a few
 * odd embryos or slips of an annotator move nothing. Where fewer than FIT_LEAST embryos tell, the numbers that were
 * there before stay, with a count of zero. */
#pragma once

#include "base/json.h"
#include "model/timeline.h"

#include <stddef.h>

enum { FIT_LEAST = 8 };

/* What the fit rests on; goes into the file as it is. */
struct fit_source {
	const char *name;
	char digest[65]; /* of the file; "" for a store */
	size_t embryos;
};

/* before: a parsed priors.json; its stages are written anew, all else ("read") stays. A new reference. */
bool fit_priors(const struct timeline *timelines, size_t count, const struct fit_source *sources, size_t sources_count,
    const json_t *before, json_t **ret_priors, struct err *err);
