#include "evaluation/anomalies.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	GAP_TIMES = 4,        /* a gap is this many times the usual step */
	GAP_S = 3600,         /* and at least this long: below, no event is lost in it */
	GAP_RUNS = 4,         /* the same where no times are known */
	GAPS_SAID = 8,
	JUMP_LEAST = 300,     /* permille of motion; a jump of the whole picture is more */
	JUMP_TIMES_10 = 25,   /* and 2.5 times its neighbours: a division dies down slowly, a jump is one frame */
	JUMP_STEP_S = 1500,   /* further apart than EmbryoScope's 20 min, a division is over in one frame and looks like a jump */
	JUMPS_SAID = 4,
};

struct finder {
	const struct track *track;
	const struct signals *signals;
	struct anomaly *anomalies;
	size_t count;
};

const char *anomaly_name(enum anomaly_kind kind)
{
	static const char *const names[] = {"well-went-empty", "clock-mismatch", "moved", "damaged", "gap"};
	return names[kind];
}

__attribute__((format(printf, 4, 5))) static void add(struct finder *finder, enum anomaly_kind kind, int run,
    const char *format, ...)
{
	if (finder->count == ANOMALIES_MAX)
		return;
	struct anomaly *anomaly = &finder->anomalies[finder->count++];
	anomaly->kind = kind;
	anomaly->run = run;
	va_list list;
	va_start(list, format);
	vsnprintf(anomaly->text, sizeof anomaly->text, format, list);
	va_end(list);
}

static void find_empty(struct finder *finder)
{
	const struct track *track = finder->track;
	const bool *empty = finder->signals->empty;
	if (track->count && empty[0] && finder->signals->count > 0)
		add(finder, ANOMALY_WELL_EMPTY, track->points[0].run, "the well is empty when the record begins");
	for (size_t i = 1; i < track->count; i++) {
		int run = track->points[i].run;
		if (empty[i] && !empty[i - 1])
			add(finder, ANOMALY_WELL_EMPTY, run, "the well is empty from run %d on", run);
		else if (!empty[i] && empty[i - 1])
			add(finder, ANOMALY_WELL_EMPTY, run, "there is an embryo again from run %d on", run);
	}
}

static void find_clock(struct finder *finder)
{
	const struct track *track = finder->track;
	if (!finder->signals->clock_odd)
		return;
	for (size_t i = 1; i < track->count; i++) {
		const struct track_point *point = &track->points[i];
		if (point->time_s == TIME_UNKNOWN || point[-1].time_s == TIME_UNKNOWN || point->time_s >= point[-1].time_s)
			continue;
		add(finder, ANOMALY_CLOCK, point->run, "the clock runs backwards at run %d; times are not used", point->run);
		return;
	}
	add(finder, ANOMALY_CLOCK, track->points[0].run,
	    "the times do not fit the insemination time; times are not used");
}

static int compare_i64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Middle value of step(i) over the points 1 .. count - 1; 0 when there are none or no memory. */
static int64_t median(const struct finder *finder, size_t count, int64_t (*step)(const struct finder *, size_t))
{
	if (count < 2)
		return 0;
	int64_t *steps = calloc(count - 1, sizeof *steps);
	if (!steps)
		return 0;
	for (size_t i = 1; i < count; i++)
		steps[i - 1] = step(finder, i);
	qsort(steps, count - 1, sizeof *steps, compare_i64);
	int64_t middle = steps[(count - 1) / 2];
	free(steps);
	return middle;
}

static int64_t step_runs(const struct finder *finder, size_t i)
{
	return finder->track->points[i].run - finder->track->points[i - 1].run;
}

static int64_t step_time(const struct finder *finder, size_t i)
{
	const struct track_point *point = &finder->track->points[i];
	return point->time_s == TIME_UNKNOWN || point[-1].time_s == TIME_UNKNOWN ? 0 : point->time_s - point[-1].time_s;
}

static void find_gaps(struct finder *finder)
{
	bool timed = finder->signals->timed;
	int64_t (*step)(const struct finder *, size_t) = timed ? step_time : step_runs;
	int64_t usual = median(finder, finder->track->count, step), least = timed ? GAP_S : GAP_RUNS;
	int said = 0;
	for (size_t i = 1; i < finder->track->count; i++) {
		int64_t gap = step(finder, i);
		int from = finder->track->points[i - 1].run, to = finder->track->points[i].run;
		if (gap <= usual * GAP_TIMES || gap <= least)
			continue;
		if (++said > GAPS_SAID) {
			add(finder, ANOMALY_GAP, to, "there are more gaps from run %d on", to);
			return;
		}
		char hours[16];
		time_format(hours, gap);
		if (timed)
			add(finder, ANOMALY_GAP, to, "no frame for %s between run %d and run %d", hours, from, to);
		else
			add(finder, ANOMALY_GAP, to, "no frame between run %d and run %d", from, to);
	}
}

static void find_jumps(struct finder *finder)
{
	const struct signals *signals = finder->signals;
	int said = 0;
	if (signals->timed && median(finder, finder->track->count, step_time) > JUMP_STEP_S)
		return;
	for (size_t i = 1; i + 1 < signals->count && said < JUMPS_SAID; i++) {
		const struct track_point *points = finder->track->points;
		const struct track_point *here = &points[signals->point[i]];
		int before = points[signals->point[i - 1]].motion, after = points[signals->point[i + 1]].motion;
		if (signals_gap(finder->track, signals, i) || here->motion < JUMP_LEAST ||
		    here->motion * 10 < JUMP_TIMES_10 * (before > after ? before : after))
			continue;
		said++;
		add(finder, ANOMALY_MOVED, here->run, "the picture jumps at run %d: the well or the focus may have moved",
		    here->run);
	}
}

static void find_damaged(struct finder *finder)
{
	const struct track *track = finder->track;
	size_t count = finder->signals->unread_count;
	for (size_t i = 0; i < track->count && count > 0; i++) {
		if (track->points[i].read)
			continue;
		add(finder, ANOMALY_DAMAGED, track->points[i].run, count == 1
		    ? "%zu frame is damaged or not read yet, at run %d"
		    : "%zu frames are damaged or not read yet, the first at run %d", count, track->points[i].run);
		return;
	}
}

size_t anomalies_find(const struct track *track, const struct signals *signals,
    struct anomaly anomalies[ANOMALIES_MAX])
{
	struct finder finder = {track, signals, anomalies, 0};
	find_empty(&finder);
	find_clock(&finder);
	find_jumps(&finder);
	find_damaged(&finder);
	find_gaps(&finder);
	return finder.count;
}
