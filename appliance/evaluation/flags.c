#include "evaluation/flags.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	DIRECT_S = 5 * 3600,    /* Rubio 2012: t3 - t2 at most 5 h; Zhan 2016: t5 - t3 below 5 h */
	RESOLVED_S = 3600,      /* frames at most this far apart resolve a 5 h rule */
	STEADY_H = 3,           /* a count that stands for so long, in several points, is believed: a reader errs for an */
	STEADY_POINTS = 3,      /* hour or two; of made-up readings without a fall one embryo in twenty shows one then */
};

const char *flag_name(enum flag_kind kind)
{
	static const char *const names[FLAG_COUNT] = {
#define X(flag, name) [flag] = name,
	    FLAG_TABLE(X)
#undef X
	};
	return names[kind];
}

const char *flag_state_name(enum flag_state state)
{
	static const char *const names[] = {"no", "yes", "suspected", "not computable"};
	return names[state];
}

__attribute__((format(printf, 4, 5))) static void set(struct flag *flag, enum flag_state state, int run,
    const char *format, ...)
{
	va_list list;
	va_start(list, format);
	flag->state = state;
	flag->run = run;
	vsnprintf(flag->reason, sizeof flag->reason, format, list);
	va_end(list);
}

/* Earliest and latest the event used can have been. A mark is right to the frame before it. */
static bool span(const struct event *event, int64_t *ret_low, int64_t *ret_high)
{
	if (event->used == USED_NONE || event->time_s == TIME_UNKNOWN)
		return false;
	bool automatic = event->used == USED_AUTOMATIC;
	int64_t gap_s = event->gap_s == TIME_UNKNOWN ? 0 : event->gap_s;
	*ret_low = automatic ? event->automatic.earliest_s : event->time_s - gap_s;
	*ret_high = automatic ? event->automatic.latest_s : event->time_s;
	return *ret_low != TIME_UNKNOWN && *ret_high != TIME_UNKNOWN;
}

static bool is_resolved(const struct event *event)
{
	return event->gap_s != TIME_UNKNOWN && event->gap_s <= RESOLVED_S;
}

/* False, with the flag filled, unless both events are there with times and resolved by the frames. */
static bool is_ready(struct flag *flag, const struct event events[STAGE_COUNT], enum stage from, enum stage to)
{
	int64_t low, high;
	enum stage lacking = events[from].used == USED_NONE ? from : to;
	if (events[from].used == USED_NONE || events[to].used == USED_NONE)
		set(flag, FLAG_NOT_COMPUTABLE, -1, "needs %s; a stage that no frame shows is not a direct cleavage",
		    stage_name(lacking));
	else if (!span(&events[from], &low, &high) || !span(&events[to], &low, &high))
		set(flag, FLAG_NOT_COMPUTABLE, -1, "needs frame times");
	else if (!is_resolved(&events[from]) || !is_resolved(&events[to]))
		set(flag, FLAG_NOT_COMPUTABLE, events[to].run, "the frames around %s and %s are too far apart",
		    stage_name(from), stage_name(to));
	else
		return true;
	return false;
}

/* to - from at most (or, when open, below) 5 h: yes from marks, suspected from automatic times, no only when the
 * intervals leave no doubt. */
static void judge_within(struct flag *flag, const struct event events[STAGE_COUNT], enum stage from, enum stage to,
    bool open)
{
	int64_t from_low, from_high, to_low, to_high, limit = DIRECT_S - open;
	if (!is_ready(flag, events, from, to))
		return;
	span(&events[from], &from_low, &from_high);
	span(&events[to], &to_low, &to_high);
	int run = events[to].run;
	bool marked = events[from].used == USED_HUMAN && events[to].used == USED_HUMAN;
	int64_t apart = events[to].time_s - events[from].time_s;
	char hours[16];
	time_format(hours, apart);
	if (marked && apart <= limit)
		set(flag, FLAG_YES, run, "%s - %s is %s, by people's marks", stage_name(to), stage_name(from), hours);
	else if (marked)
		set(flag, FLAG_NO, -1, "%s - %s is %s, by people's marks", stage_name(to), stage_name(from), hours);
	else if (to_high - from_low <= limit)
		set(flag, FLAG_SUSPECTED, run, "%s - %s is %s by automatic times; a person should look",
		    stage_name(to), stage_name(from), hours);
	else if (to_low - from_high > limit)
		set(flag, FLAG_NO, -1, "%s - %s is %s", stage_name(to), stage_name(from), hours);
	else
		set(flag, FLAG_NOT_COMPUTABLE, run, "%s and %s are not placed closely enough to tell", stage_name(from),
		    stage_name(to));
}

static void judge_1_3(const struct event events[STAGE_COUNT], struct flag *instant, struct flag *fast)
{
	const struct event *two = &events[STAGE_2], *three = &events[STAGE_3];
	bool marked = two->used == USED_HUMAN && three->used == USED_HUMAN;
	bool same = marked && two->run >= 0 && two->run == three->run;
	if (same && is_resolved(three)) {
		set(instant, FLAG_YES, three->run, "t2 and t3 are marked in the same frame");
		set(fast, FLAG_NO, -1, "the division is instant");
		return;
	}
	if (same)
		set(instant, FLAG_NOT_COMPUTABLE, three->run, "the frames around t3 are too far apart");
	else if (two->used == USED_NONE || three->used == USED_NONE)
		set(instant, FLAG_NOT_COMPUTABLE, -1, "needs %s; a stage that no frame shows is not a direct cleavage",
		    stage_name(two->used == USED_NONE ? STAGE_2 : STAGE_3));
	else
		set(instant, FLAG_NO, -1, "two cells are seen before three");
	judge_within(fast, events, STAGE_2, STAGE_3, false);
}

/* t5 - t3 below 5 h; t5 - t4 alone may be the fast half of an uneven third round, so it is only suspected. */
static void judge_2_5(const struct event events[STAGE_COUNT], struct flag *flag)
{
	struct flag narrow;
	judge_within(flag, events, STAGE_3, STAGE_5, true);
	if (flag->state != FLAG_NO)
		return;
	judge_within(&narrow, events, STAGE_4, STAGE_5, true);
	if (narrow.state == FLAG_YES || narrow.state == FLAG_SUSPECTED)
		set(flag, FLAG_SUSPECTED, narrow.run, "t5 - t4 is below 5 h, t5 - t3 is not; a person should look");
}

/* The raw count of cells, point by point: a fall between two steady counts. The event list cannot show it, it only
 * ever rises. */
static void judge_reverse(const struct track *track, const struct signals *signals, struct flag *flag)
{
	int steady = 0;
	size_t since = 0;
	if (!signals->counts_cells) {
		set(flag, FLAG_NOT_COMPUTABLE, -1, "this reader does not count cells; needs a person");
		return;
	}
	for (size_t i = 0; i < signals->count; i++) {
		int cells = signals->cells[i];
		if (cells != signals->cells[since])
			since = i;
		if (!cells || i - since + 1 < STEADY_POINTS || signals_hours(signals, since, i) < STEADY_H)
			continue;
		if (cells < steady) {
			set(flag, FLAG_SUSPECTED, track->points[signals->point[since]].run,
			    "the count falls from %d to %d cells; a person should look", steady, cells);
			return;
		}
		steady = cells;
	}
	set(flag, FLAG_NO, -1, "the count of cells never falls for %d h", STEADY_H);
}

void flags_make(const struct track *track, const struct signals *signals, const struct event events[STAGE_COUNT], struct flag flags[FLAG_COUNT])
{
	judge_1_3(events, &flags[FLAG_DIRECT_1_3_INSTANT], &flags[FLAG_DIRECT_1_3_FAST]);
	judge_2_5(events, &flags[FLAG_DIRECT_2_5]);
	judge_reverse(track, signals, &flags[FLAG_REVERSE]);
	set(&flags[FLAG_CHAOTIC], FLAG_NOT_COMPUTABLE, -1, "needs a person: no reader tells it yet");
}
