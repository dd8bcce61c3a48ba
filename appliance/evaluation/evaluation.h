/* The evaluation itself: plain values, shared by evaluate.c that fills it and evaluation.c that tells it as JSON. */
#pragma once

#include "evaluation/anomalies.h"
#include "evaluation/evaluate.h"
#include "evaluation/events.h"
#include "evaluation/flags.h"
#include "evaluation/intervals.h"

struct evaluation {
	size_t points, read, empty;
	bool timed;
	int64_t last_time_s;       /* of the last frame with the embryo; TIME_UNKNOWN */
	int last_run;              /* -1 without one */
	enum insemination method;
	enum stage stage;          /* at the last frame with the embryo, marks included; STAGE_EMPTY without one */
	uint16_t stage_confidence, group_confidence; /* permille; 1000 where a person's mark decides */
	struct event events[STAGE_COUNT];
	struct interval intervals[INTERVALS_COUNT];
	struct flag flags[FLAG_COUNT];
	json_t *cells;             /* array of {"run", "cells"}: where the raw count changes; JSON null without one */
	char priors[24];           /* digest of the table of priors */
	json_t *profiles;          /* array of profile_result_json() */
	bool graded;
	struct gardner grade;
	size_t anomalies_count;
	struct anomaly anomalies[ANOMALIES_MAX];
};
