/* One annotated embryo: when its stages began and how long they lasted, as far as the annotation tells. */
#pragma once

#include "base/limits.h"
#include "model/stage.h"

enum { MINUTES_UNKNOWN = -1 };

struct timeline {
	char embryo[LIMIT_NAME];
	int begins_min[STAGE_COUNT]; /* since insemination; MINUTES_UNKNOWN */
	int lasts_min[STAGE_COUNT];  /* until the next stage that was seen; MINUTES_UNKNOWN */
	bool skipped[STAGE_COUNT];   /* passed between two frames: neither of them shows it */
};
