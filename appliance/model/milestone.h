/* An event of an evaluation as numbers: what the machine says, and what is used. */
#pragma once

#include "model/stage.h"

#include <stdint.h>

enum milestone_source { MILESTONE_NONE, MILESTONE_AUTOMATIC, MILESTONE_HUMAN, MILESTONE_SOURCE_COUNT };

struct milestone {
	enum stage event;
	int64_t used_s;                 /* since insemination; TIME_UNKNOWN */
	enum milestone_source source;   /* of the value used */
	int64_t automatic_s;            /* TIME_UNKNOWN */
	int confidence;                 /* of the automatic one, permille; 0 without */
};
