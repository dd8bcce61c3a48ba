/* What evaluation looks at: the readings of one embryo in order of run, with times, and what people said. */
#pragma once

#include "model/clinic.h"
#include "model/reading.h"

struct track_point {
	int run;
	int64_t time_s;       /* since insemination; TIME_UNKNOWN */
	bool read;            /* false: the frame is damaged or not read yet; reading is void */
	struct reading reading;
	uint16_t motion;      /* change against the point before, permille; 0 at the first point */
	uint16_t radius_permille; /* of the cut */
};

struct track {
	struct track_point *points;
	size_t count;
};

/* A person's word on an event. It stands beside the automatic value, never over it. */
struct annotation {
	enum stage event;     /* STAGE_PB2 .. STAGE_HB */
	bool absent;          /* "did not happen" */
	int run;              /* -1: given as a time only */
	int64_t time_s;
	char author[LIMIT_NAME];
	int64_t made_us;
};
