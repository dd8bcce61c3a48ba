/* Irregular divisions, by guarded rules.
 *
 * A skipped label is not a direct cleavage and a label that goes back is not a reverse cleavage: a call needs event
 * times that are resolved (frames much closer than the 5 h of the rule) and, for "yes", people's marks. From automatic
 * times the most that is said is "suspected". The two kinds of 1 -> 3 are kept apart because their outlook differs
 * (Nemerovsky 2024, doi 10.3389/fcell.2024.1398684): in one frame 4 of 922 became blastocysts, within 5 h through two
 * cells 6.8 %, controls 32.7 %. */
#pragma once

#include "evaluation/events.h"

#define FLAG_TABLE(X)                                                                              \
	X(FLAG_DIRECT_1_3_INSTANT, "direct-cleavage-1-3-instant")                                  \
	X(FLAG_DIRECT_1_3_FAST, "direct-cleavage-1-3-fast")                                        \
	X(FLAG_DIRECT_2_5, "direct-cleavage-2-5")                                                  \
	X(FLAG_REVERSE, "reverse-cleavage")                                                        \
	X(FLAG_CHAOTIC, "irregular-chaotic-division")

enum flag_kind {
#define X(flag, name) flag,
	FLAG_TABLE(X)
#undef X
	FLAG_COUNT
};

enum flag_state { FLAG_NO, FLAG_YES, FLAG_SUSPECTED, FLAG_NOT_COMPUTABLE };

struct flag {
	enum flag_state state;
	int run; /* where to look; -1 none */
	char reason[EVENT_TEXT_MAX];
};

const char *flag_name(enum flag_kind kind);
const char *flag_state_name(enum flag_state state); /* "no", "yes", "suspected", "not computable" */

void flags_make(const struct track *track, const struct signals *signals, const struct event events[STAGE_COUNT], struct flag flags[FLAG_COUNT]);
