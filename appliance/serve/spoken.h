/* What the machine says, in the language of the screen (Accept-Language). */
#pragma once

#include "base/phrases.h"
#include "serve/call.h"

/* Of the evaluation, by the table that reports are told by: changes the strings named reasons, attention, reason, missing and
 * text, at any depth of what the machine said. Not for people's words, which stay as they were said. */
void spoken(const struct call *call, json_t *value);
/* Answers 200 with what planner, agent and updater say, by the table of console_phrases.c: the strings named reason, next, why,
 * text, sentence and problem. Takes the reference. */
void reply_spoken(const struct call *call, json_t *value);

extern const struct phrase console_phrases[];
extern const size_t console_phrases_count;
