#include "sim/bound.h"

#include "sim/run.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Cuts that the cloud as it really was could have read between two times, cold starts and trips apart. */
static double cloud_between(const struct morning *m, double from_us, double to_us)
{
	enum { PIECES = 128 };
	double cuts = 0, piece = (to_us - from_us) / PIECES;
	if (piece <= 0)
		return 0;
	for (int p = 0; p < PIECES; p++) {
		int64_t at = (int64_t)(from_us + (p + 0.5) * piece);
		double rate = 0;
		for (int i = 0; i < m->lanes_count; i++) {
			const struct morning_lane *lane = &m->lanes[i];
			if (stretches_at(&lane->outages, at, 0) == 0)
				rate += stretches_at(&lane->throttles, at, lane->slots) / lane->read_us;
		}
		cuts += fmin(rate, m->uplink_bytes_s / m->bytes_per_cut / 1e6) * piece;
	}
	return cuts;
}

static double best_price(const struct morning *m)
{
	double best = INFINITY;
	for (int i = 0; i < m->lanes_count; i++) {
		const struct morning_lane *lane = &m->lanes[i];
		best = fmin(best, lane->read_us * lane->price_us + lane->price_request / 64);
	}
	return best;
}

/* Time points that home and cloud together can cut and read between two times. */
static double points_between(const struct morning *m, double from_us, double to_us)
{
	double home = morning_home_between(m, (int64_t)from_us, (int64_t)to_us) * m->slots;
	double cloud = fmin(cloud_between(m, from_us, to_us), m->budget_nano / best_price(m));
	double both = (home + cloud * m->read_us) / (m->cut_us + m->read_us);
	return fmin(home / m->cut_us, both);
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Dishes due by the end of the window that cannot all be in time, for what of them lands in it. */
static int late_in(const struct morning *m, int64_t from_us, int64_t due_us, double more_us)
{
	double sizes[MORNING_DISHES_MAX] = {0};
	for (int i = 0; i < m->landings_count; i++)
		if (m->landings[i].at_us >= from_us && m->dishes[m->landings[i].dish].deadline_us <= due_us)
			sizes[m->landings[i].dish] += m->landings[i].points;
	double room = points_between(m, (double)from_us, (double)(due_us - RUN_SETTLE_US) + more_us);
	qsort(sizes, (size_t)m->dishes_count, sizeof *sizes, compare_doubles);
	int fits = 0;
	for (; fits < m->dishes_count && sizes[fits] <= room; fits++)
		room -= sizes[fits];
	return m->dishes_count - fits;
}

static bool same_deadline_before(const struct morning *m, int dish)
{
	for (int i = 0; i < dish; i++)
		if (m->dishes[i].deadline_us == m->dishes[dish].deadline_us)
			return true;
	return false;
}

/* The window in which most are late: from each landing to each deadline. */
static int late_at_least(const struct morning *m, double more_us)
{
	int most = 0;
	for (int j = 0; j < m->dishes_count; j++) {
		if (same_deadline_before(m, j))
			continue;
		for (int i = 0; i < m->landings_count; i++) {
			int late = late_in(m, m->landings[i].at_us, m->dishes[j].deadline_us, more_us);
			most = late > most ? late : most;
		}
	}
	return most;
}

static double least_lateness(const struct morning *m)
{
	double low = 0, high = 24 * 3600e6;
	while (high - low > 1e6) {
		double middle = (low + high) / 2;
		if (late_at_least(m, middle) > 0)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* Earliest deadline first from one moment to the next in which nothing lands and no deadline passes;
 * returns what time is left over. */
static void work(const struct morning *m, double *waiting, double time)
{
	for (;;) {
		int first = -1;
		for (int i = 0; i < m->dishes_count; i++)
			if (waiting[i] > 0 &&
			    (first < 0 || m->dishes[i].deadline_us < m->dishes[first].deadline_us))
				first = i;
		if (first < 0 || time <= 0)
			return;
		double done = fmin(waiting[first], time);
		waiting[first] -= done;
		time -= done;
	}
}

/* Slot time of work that no schedule can do at home when every deadline is so much later. */
static double dropped_work(const struct morning *m, double more_us)
{
	double moments[MORNING_LANDINGS_MAX + MORNING_DISHES_MAX], waiting[MORNING_DISHES_MAX] = {0},
	                                                           dropped = 0, now = 0;
	size_t count = 0;
	for (int i = 0; i < m->landings_count; i++)
		moments[count++] = (double)m->landings[i].at_us;
	for (int i = 0; i < m->dishes_count; i++)
		moments[count++] = (double)(m->dishes[i].deadline_us - RUN_SETTLE_US) + more_us;
	qsort(moments, count, sizeof *moments, compare_doubles);
	int next = 0;
	for (size_t k = 0; k < count; k++) {
		work(m, waiting, morning_home_between(m, (int64_t)now, (int64_t)moments[k]) * m->slots);
		now = moments[k];
		for (; next < m->landings_count && (double)m->landings[next].at_us <= now; next++)
			waiting[m->landings[next].dish] +=
			    m->landings[next].points * (m->cut_us + m->read_us);
		for (int i = 0; i < m->dishes_count; i++)
			if (now >= (double)(m->dishes[i].deadline_us - RUN_SETTLE_US) + more_us) {
				dropped += waiting[i];
				waiting[i] = 0;
			}
	}
	return dropped;
}

double bound_home_end(const struct morning *m, int64_t cuts_cloud)
{
	double waiting = 0, left = -(double)cuts_cloud * m->read_us, now = 0;
	for (int i = 0; i < m->landings_count; i++) {
		double at = (double)m->landings[i].at_us;
		double done = fmin(morning_home_between(m, (int64_t)now, (int64_t)at) * m->slots, waiting);
		double lands = m->landings[i].points * (m->cut_us + m->read_us);
		waiting += lands - done;
		left += lands - done;
		now = at;
	}
	return left <= 0 ? now : (double)morning_home_until(m, (int64_t)now, left / m->slots);
}

/* From each landing on, all that lands then or later. */
static double soonest_end(const struct morning *m)
{
	double end = 0, after = 0;
	for (int i = m->landings_count - 1; i >= 0; i--) {
		double from = (double)m->landings[i].at_us;
		after += m->landings[i].points;
		double low = 0, high = 24 * 3600e6;
		while (high - low > 1e6) {
			double middle = (low + high) / 2;
			if (points_between(m, from, from + middle) < after)
				low = middle;
			else
				high = middle;
		}
		end = fmax(end, from + low);
	}
	return end;
}

void bound_make(const struct morning *morning, struct bound *ret_bound)
{
	*ret_bound = (struct bound){.late = late_at_least(morning, 0)};
	ret_bound->lateness_us = ret_bound->late > 0 ? least_lateness(morning) : 0;
	ret_bound->cuts = (int64_t)(dropped_work(morning, ret_bound->lateness_us) / morning->read_us);
	ret_bound->money_nano = (double)ret_bound->cuts * best_price(morning);
	ret_bound->end_us = soonest_end(morning);
}
