/* Events with both their words: the decoder's and people's, side by side. `used` says which one the rest of the
 * evaluation takes: the newest human mark if there is one, else the automatic value. Nothing is overwritten. */
#pragma once

#include "evaluation/decode.h"

enum { EVENT_MARKS_MAX = 16 }; /* annotators of one event; the newest are kept */
enum { EVENT_TEXT_MAX = 160 };

enum used_source { USED_NONE, USED_AUTOMATIC, USED_HUMAN };
enum plausibility { PLAUSIBLE, PLAUSIBLE_SOFT, PLAUSIBLE_HARD, PLAUSIBLE_UNKNOWN, PLAUSIBLE_COUNT };
const char *plausibility_name(enum plausibility plausibility); /* "ok", "soft", "hard", "unknown" */

struct event {
	struct {
		bool there;
		int run;
		int64_t time_s, earliest_s, latest_s; /* TIME_UNKNOWN without times */
		uint16_t confidence;
	} automatic;
	size_t marks_count;
	struct annotation marks[EVENT_MARKS_MAX]; /* newest word of each author, oldest first; run and time completed */
	enum used_source used;
	int run;               /* of the value used; -1 unknown */
	int64_t time_s;
	int64_t gap_s;         /* from the frame before to the one used; TIME_UNKNOWN */
	enum plausibility plausibility;
	char missing[EVENT_TEXT_MAX]; /* why nothing is used, or "" */
};

/* events[STAGE_PB2 .. STAGE_HB]. ERR_BAD_INPUT for a mark that names no event. */
bool events_make(const struct track *track, const struct signals *signals, const struct decoded *decoded,
    const struct annotation *annotations, size_t annotations_count, struct event events[STAGE_COUNT],
    struct err *err);
