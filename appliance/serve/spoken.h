/* The sentences of the evaluation in the language of the screen (Accept-Language), by the table that reports are told by. */
#pragma once

#include "serve/call.h"

/* Changes the strings named reasons, attention, reason, missing and text, at any depth of what the machine said. Not for
 * people's words, which stay as they were said. */
void spoken(const struct call *call, json_t *value);
