/* What is odd about the record itself: said, never repaired. */
#pragma once

#include "evaluation/signals.h"

enum { ANOMALIES_MAX = 24, ANOMALY_TEXT_MAX = 200 };

enum anomaly_kind {
	ANOMALY_WELL_EMPTY, /* the embryo leaves the well, or arrives late */
	ANOMALY_CLOCK,      /* times run backwards or lie outside any culture */
	ANOMALY_MOVED,      /* the picture jumps: a well re-positioned, a focus changed */
	ANOMALY_DAMAGED,    /* frames without a reading */
	ANOMALY_GAP,        /* no frames for a while */
};

struct anomaly {
	enum anomaly_kind kind;
	int run;
	char text[ANOMALY_TEXT_MAX];
};

const char *anomaly_name(enum anomaly_kind kind);
/* Returns how many; in order of kind, then run. */
size_t anomalies_find(const struct track *track, const struct signals *signals,
    struct anomaly anomalies[ANOMALIES_MAX]);
