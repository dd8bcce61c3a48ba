/* What is checked and changed in one transaction, so that nobody comes in between: all of it or nothing. */
#pragma once

#include "serve/call.h"

typedef bool whole_handler(struct call *call, void *word, struct err *err);

bool whole_do(struct call *call, whole_handler *handler, void *word, struct err *err);
/* The same, answered with 204. */
bool whole_answer(struct call *call, whole_handler *handler, void *word, struct err *err);
