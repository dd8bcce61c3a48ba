/* The trial of a version that nobody has confirmed, before its daemon touches the real data: on a copy of the database,
 * with the pictures and the clinic's models readable only, the daemon migrates, starts, answers, is found healthy, and the
 * model in use reads the known batch as it did in the version before. */
#pragma once

#include "update/updater.h"

/* ERR_UNAVAILABLE and others: what was found wrong, as a sentence. The copy is gone afterwards. */
bool trial_prove(const struct updater *updater, struct err *err);
