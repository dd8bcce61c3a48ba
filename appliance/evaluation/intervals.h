/* Differences of event times, each with its formula: the literature uses "cc3" for two different ones, so a name
 * alone never stands. */
#pragma once

#include "evaluation/events.h"

enum { INTERVALS_COUNT = 14 };

struct interval {
	const char *name, *formula;
	int64_t value_s;    /* TIME_UNKNOWN when missing is set */
	char missing[EVENT_TEXT_MAX];
};

void intervals_make(const struct event events[STAGE_COUNT], struct interval intervals[INTERVALS_COUNT]);
