#include "evaluation/events.h"

#include "evaluation/priors.h"

#include <stdio.h>
#include <string.h>

const char *plausibility_name(enum plausibility plausibility)
{
	static const char *const names[PLAUSIBLE_COUNT] = {"ok", "soft", "hard", "unknown"};
	return names[plausibility];
}

static const char *place_reason(enum place place, enum stage event)
{
	static const char *const reasons[PLACE_COUNT] = {
	    [PLACE_UNSEEN] = "not computable: the readings do not show when",
	    [PLACE_BEFORE] = "before the first frame",
	    [PLACE_NOT_REACHED] = "not reached by the last frame",
	    [PLACE_MERGED] = "not computable: the readings do not tell it from the next event",
	};
	if (place == PLACE_UNSEEN && event == STAGE_PB2)
		return "not computable: no stage comes before it, so no change shows it";
	return reasons[place];
}

static int64_t point_time(const struct track *track, const struct signals *signals, size_t point)
{
	return signals->timed ? track->points[point].time_s : TIME_UNKNOWN;
}

static void take_automatic(const struct track *track, const struct signals *signals, const struct decoded *decoded,
    enum stage j, struct event *event)
{
	const struct placement *placement = &decoded->events[j];
	if (signals->count == 0) {
		snprintf(event->missing, sizeof event->missing, "not computable: no frame with an embryo was read");
		return;
	}
	if (placement->place != PLACE_PLACED) {
		snprintf(event->missing, sizeof event->missing, "%s", place_reason(placement->place, j));
		return;
	}
	event->automatic.there = true;
	event->automatic.run = track->points[placement->point].run;
	event->automatic.time_s = point_time(track, signals, placement->point);
	event->automatic.earliest_s = point_time(track, signals, placement->earliest);
	event->automatic.latest_s = point_time(track, signals, placement->latest);
	event->automatic.confidence = placement->confidence;
}

/* The newest word of each author, in order of making. */
static void add_mark(struct event *event, const struct annotation *mark)
{
	size_t at = 0;
	while (at < event->marks_count && strcmp(event->marks[at].author, mark->author) != 0)
		at++;
	if (at < event->marks_count && event->marks[at].made_us > mark->made_us)
		return;
	if (at == EVENT_MARKS_MAX)
		at = 0; /* the oldest makes room */
	if (at < event->marks_count) {
		memmove(&event->marks[at], &event->marks[at + 1], (event->marks_count - at - 1) * sizeof event->marks[0]);
		event->marks_count--;
	}
	at = event->marks_count++;
	for (; at > 0 && event->marks[at - 1].made_us > mark->made_us; at--)
		event->marks[at] = event->marks[at - 1];
	event->marks[at] = *mark;
}

/* A mark by run gets the frame's time; a mark by time gets the first run at or after it. */
static void complete_mark(const struct track *track, const struct signals *signals, struct annotation *mark)
{
	if (mark->absent)
		return;
	for (size_t i = 0; i < track->count; i++) {
		const struct track_point *point = &track->points[i];
		if (mark->run >= 0 && point->run == mark->run && mark->time_s == TIME_UNKNOWN) {
			mark->time_s = point_time(track, signals, i);
			return;
		}
		if (mark->run < 0 && mark->time_s != TIME_UNKNOWN && signals->timed &&
		    point->time_s != TIME_UNKNOWN && point->time_s >= mark->time_s) {
			mark->run = point->run;
			return;
		}
	}
}

/* Time between the frame used and the one before it in the record. */
static int64_t gap_before(const struct track *track, const struct signals *signals, int run)
{
	for (size_t i = 1; i < track->count && signals->timed; i++) {
		const struct track_point *point = &track->points[i];
		if (point->run != run || point->time_s == TIME_UNKNOWN || point[-1].time_s == TIME_UNKNOWN)
			continue;
		return point->time_s - point[-1].time_s;
	}
	return TIME_UNKNOWN;
}

static void choose(const struct track *track, const struct signals *signals, struct event *event)
{
	event->run = -1;
	event->time_s = event->gap_s = TIME_UNKNOWN;
	if (event->marks_count > 0) {
		const struct annotation *mark = &event->marks[event->marks_count - 1];
		if (mark->absent) {
			snprintf(event->missing, sizeof event->missing, "marked as absent by %.100s", mark->author);
			return;
		}
		event->used = USED_HUMAN;
		event->run = mark->run;
		event->time_s = mark->time_s;
	} else if (event->automatic.there) {
		event->used = USED_AUTOMATIC;
		event->run = event->automatic.run;
		event->time_s = event->automatic.time_s;
	}
	if (event->used != USED_NONE)
		event->missing[0] = 0;
	event->gap_s = gap_before(track, signals, event->run);
}

static bool is_outside(int64_t time_s, int low_h, int high_h)
{
	return low_h >= 0 && (time_s < low_h * 3600 || time_s > high_h * 3600);
}

/* Limits of the event itself, then the order of development: an event may not precede an earlier one. */
static void judge(struct event events[STAGE_COUNT])
{
	int64_t before = INT64_MIN;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		struct event *event = &events[j];
		const struct prior *prior = prior_of((enum stage)j);
		event->plausibility = PLAUSIBLE_UNKNOWN;
		if (event->used == USED_NONE || event->time_s == TIME_UNKNOWN)
			continue;
		event->plausibility = PLAUSIBLE;
		if (is_outside(event->time_s, prior->soft_low_h, prior->soft_high_h))
			event->plausibility = PLAUSIBLE_SOFT;
		if (is_outside(event->time_s, prior->hard_low_h, prior->hard_high_h) || event->time_s < before)
			event->plausibility = PLAUSIBLE_HARD;
		if (event->time_s > before)
			before = event->time_s;
	}
}

bool events_make(const struct track *track, const struct signals *signals, const struct decoded *decoded,
    const struct annotation *annotations, size_t annotations_count, struct event events[STAGE_COUNT],
    struct err *err)
{
	memset(events, 0, STAGE_COUNT * sizeof events[0]);
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		take_automatic(track, signals, decoded, (enum stage)j, &events[j]);
	for (size_t i = 0; i < annotations_count; i++) {
		struct annotation mark = annotations[i];
		if (mark.event < STAGE_PB2 || mark.event > STAGE_HB)
			return err_set(err, ERR_BAD_INPUT, "mark %zu names no event", i + 1);
		complete_mark(track, signals, &mark);
		add_mark(&events[mark.event], &mark);
	}
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		choose(track, signals, &events[j]);
	judge(events);
	return true;
}
