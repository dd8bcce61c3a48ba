/* A track without readings worth decoding, and people's marks on it: for tests of what follows the decoder. */
#pragma once

#include "base/text.h"
#include "unit/evaluation/tracks.h"

/* Frames every step_h from 0.25 h on, all read, all without an opinion. The caller frees points. */
static inline struct track track_blank(size_t count, double step_h)
{
	struct track track = {calloc(count, sizeof *track.points), count};
	for (size_t i = 0; i < count; i++) {
		struct track_point *point = &track.points[i];
		point->run = (int)i + 1;
		point->time_s = lround(3600 * (0.25 + step_h * (double)i));
		point->read = true;
		point->motion = 20;
		point->reading.occupied = PROBABILITY_ONE;
		track_no_opinion(&point->reading);
	}
	return track;
}

static inline struct annotation mark_run(enum stage event, int run, const char *author, int64_t made_us)
{
	struct annotation mark = {.event = event, .run = run, .time_s = TIME_UNKNOWN, .made_us = made_us};
	text_copy(mark.author, sizeof mark.author, author);
	return mark;
}

static inline struct annotation mark_time(enum stage event, int64_t time_s)
{
	struct annotation mark = {.event = event, .run = -1, .time_s = time_s, .author = "Ada", .made_us = 1};
	return mark;
}
