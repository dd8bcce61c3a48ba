/* The conversation on a terminal: every answer in its order, with what it is for, what it is now, and what is
 * wrong with a new one. */
#pragma once

#include "setup/answers.h"

#include <stdio.h>

/* ERR_CONFLICT: the person stopped; nothing was changed. */
bool ask_all(struct answers *answers, FILE *in, FILE *out, struct err *err);
