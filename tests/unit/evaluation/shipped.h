/* The tables as they are shipped, loaded once. */
#pragma once

#include "evaluation/priors.h"

static inline const struct priors *shipped_priors(void)
{
	static struct priors *priors;
	struct err err;
	if (!priors && !priors_load(DAYBREAK_SOURCE_DIR "/appliance/evaluation/priors.json", &priors, &err))
		abort();
	return priors;
}
