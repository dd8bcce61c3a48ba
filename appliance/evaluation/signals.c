#include "evaluation/signals.h"

#include "evaluation/likelihood.h"

#include <math.h>
#include <string.h>

/* The logarithm of the step in motion at a division, and its spread (measured on two public runs). */
static const double MOTION_STEP = 0.9, MOTION_SPREAD = 0.38;
/* How long a division takes at most, and what each point after its first stir costs as its end: the readings are to say
 * which it is (chosen on rendered films). */
static const double DIVIDING_H = 0.6, ENDING_PRICE = 0.2;
enum {
	MOTION_BEFORE = 6,    /* points that say how much it moved before */
	MOTION_AFTER = 4,     /* points in which a division shows */
	MOTION_LEAST = 2,     /* fewer say nothing */
	MOTION_BURST = 4,     /* points either side that belong to one burst */
	MOTION_RUNS = 4,      /* frames further apart differ anyway */
	MOTION_SHADOW = 8,    /* points in which a burst dies down */
	MOTION_FLOOR = 30,    /* permille: below, two frames differ by noise */
	COUNT_REACH = 2,      /* points either side that share in a count of cells */
	COUNT_PERMILLE = 400, /* a count with less confidence is none */
	UNTIMED_STEP_S = 900, /* between runs, where no times are known */
	CLOCK_LOW_S = -7200,  /* a first frame may precede the noted insemination a little */
	CLOCK_HIGH_S = 1440000, /* 400 h: no culture lasts so long */
};

/* Probability that the well is empty, 0..1. */
static double empty_probability(const struct reading *reading)
{
	double by_occupied = 1.0 - reading->occupied / (double)PROBABILITY_ONE;
	double by_stage = reading->stage[STAGE_EMPTY] / (double)PROBABILITY_ONE;
	return by_occupied > by_stage ? by_occupied : by_stage;
}

/* Log odds of an empty well by one point. Two look at it: the locator, which cuts nothing out of an empty well, and the
 * network. Where the locator has found an outline, the network's "empty" means a picture unlike those it was taught with
 * (it said so of every fifth frame of slides rendered at half the usual size), and no more. */
static double empty_word(const struct track_point *point)
{
	static const double loudest = 4;
	double p = fmin(fmax(empty_probability(&point->reading), 0.001), 0.999);
	double word = fmin(fmax(log(p / (1 - p)), -loudest), loudest);
	return point->radius_permille > 0 ? fmin(word, 0) : word;
}

/* Hours between points from and to, both of the track, by the clock or else by their runs. */
static double hours_between(const struct track *track, size_t from, size_t to)
{
	const struct track_point *a = &track->points[from], *b = &track->points[to];
	bool timed = a->time_s != TIME_UNKNOWN && b->time_s != TIME_UNKNOWN && b->time_s >= a->time_s;
	return (double)(timed ? b->time_s - a->time_s : (int64_t)UNTIMED_STEP_S * (b->run - a->run)) / 3600;
}

/* Two states, full and empty, with a price for changing: one odd frame does not empty a well, hours of them do. An
 * embryo that left hardly ever comes back, and hardly ever arrives late.
 * full, none: the best scores that end there; changed[] remembers for each state whether it changed. */
static bool find_empty(const struct track *track, bool *empty, struct err *err)
{
	static const double leave_price = 4, arrive_price = 8;
	OWN(free) uint8_t *changed = calloc(track->count + 1, 1);
	if (!changed)
		return err_set(err, ERR_NO_MEMORY, "reading a track");
	double full = 0, none = 0;
	for (size_t i = 0; i < track->count; i++) {
		double say = 0, weight = likelihood_weight(i > 0 ? hours_between(track, i - 1, i) : 1);
		if (track->points[i].read)
			say = weight * empty_word(&track->points[i]);
		bool to_full = i > 0 && none - arrive_price > full;
		bool to_none = i > 0 && full - leave_price > none;
		double next_full = to_full ? none - arrive_price : full;
		none = (to_none ? full - leave_price : none) + say / 2;
		full = next_full - say / 2;
		changed[i] = (uint8_t)(to_full | to_none << 1);
	}
	bool is_empty = none > full;
	for (size_t i = track->count; i-- > 0;) {
		empty[i] = is_empty;
		if (changed[i] & (is_empty ? 2 : 1))
			is_empty = !is_empty;
	}
	return true;
}

/* Fills time_s of the usable points; decides timed and clock_odd. */
static void fill_times(const struct track *track, struct signals *signals)
{
	size_t known = 0;
	int64_t before = INT64_MIN;
	for (size_t i = 0; i < signals->count; i++) {
		int64_t time_s = track->points[signals->point[i]].time_s;
		signals->run[i] = track->points[signals->point[i]].run;
		signals->time_s[i] = time_s;
		if (time_s == TIME_UNKNOWN)
			continue;
		known++;
		if (time_s < before || time_s < CLOCK_LOW_S || time_s > CLOCK_HIGH_S)
			signals->clock_odd = true;
		before = time_s;
	}
	signals->timed = !signals->clock_odd && known > 0 && known * 10 >= signals->count * 9;
	if (!signals->timed)
		return;
	for (size_t i = 0; i < signals->count; i++) {
		if (signals->time_s[i] != TIME_UNKNOWN)
			continue;
		size_t next = i + 1;
		while (next < signals->count && signals->time_s[next] == TIME_UNKNOWN)
			next++;
		if (i == 0) {
			signals->time_s[i] = signals->time_s[next];
		} else if (next == signals->count) {
			signals->time_s[i] = signals->time_s[i - 1];
		} else {
			int64_t runs = signals->run[next] - signals->run[i - 1], run = signals->run[i] - signals->run[i - 1];
			signals->time_s[i] = signals->time_s[i - 1] +
			    (signals->time_s[next] - signals->time_s[i - 1]) * run / runs;
		}
	}
}

bool signals_gap(const struct track *track, const struct signals *signals, size_t i)
{
	return track->points[signals->point[i]].run - track->points[signals->point[i - 1]].run > MOTION_RUNS;
}

/* A division shows as a step: the picture moves two to four times as much as before and calms down over an hour or
 * two. So the mean motion after the point stands against the mean before it, and the logarithm of their ratio is
 * compared with what a division does (about 1) and what chance does (about 0). */
static double motion_at(const struct track *track, const struct signals *signals, size_t i)
{
	double before = 0, after = 0;
	size_t from = i > MOTION_BEFORE ? i - MOTION_BEFORE : 1;
	size_t to = i + MOTION_AFTER < signals->count ? i + MOTION_AFTER : signals->count;
	if (i < MOTION_LEAST + 1 || to < i + MOTION_LEAST || signals_gap(track, signals, i))
		return 0;
	for (size_t k = from; k < i; k++)
		before += track->points[signals->point[k]].motion / (double)(i - from);
	for (size_t k = i; k < to; k++)
		after += track->points[signals->point[k]].motion / (double)(to - i);
	double step = log((after + MOTION_FLOOR) / (before + MOTION_FLOOR));
	/* The jump itself says which point of the burst is its first. */
	double jump = log(((double)track->points[signals->point[i]].motion + MOTION_FLOOR) /
	    ((double)track->points[signals->point[i - 1]].motion + MOTION_FLOOR));
	double word = (step - MOTION_STEP / 2) * MOTION_STEP / (MOTION_SPREAD * MOTION_SPREAD);
	return fmin(fmax(word, -3), 5) + fmin(fmax(jump, -1), 1.5);
}

/* One burst of motion is one division: around its strongest point the others lose half their word for it, so that
 * two events hardly live on it, yet the readings may still say which of its points it was. While it dies down
 * nothing can be told: a second division may hide in it. */
static void keep_peaks(struct signals *signals)
{
	size_t shadow = 0;
	for (size_t i = 0; i < signals->count; i++) {
		bool peak = true;
		size_t from = i > MOTION_BURST ? i - MOTION_BURST : 0;
		for (size_t k = from; k < signals->count && k <= i + MOTION_BURST; k++)
			peak &= signals->step[k] < signals->step[i] || k == i || (signals->step[k] == signals->step[i] && k > i);
		if (peak && signals->step[i] > 1)
			shadow = i + MOTION_SHADOW;
		double step = signals->step[i];
		signals->motion[i] = peak ? step : step > 0 ? step / 2 : i <= shadow ? 0 : step;
	}
}

/* A cell stretches before it parts, and it has parted only when two are seen. */
static void fill_endings(struct signals *signals)
{
	for (size_t i = 0; i < signals->count; i++) {
		signals->ending[i] = signals->motion[i];
		for (size_t back = 1; back <= i && signals_hours(signals, i - back, i) <= DIVIDING_H; back++) {
			double word = signals->motion[i - back];
			if (word > 1)
				signals->ending[i] = fmax(signals->ending[i], word - ENDING_PRICE * (double)back);
		}
	}
}

/* The count that the readings around a point agree on best; 0 where most of them see none to count. */
static uint8_t count_at(const struct track *track, const struct signals *signals, size_t i)
{
	double sum[CELLS_MAX + 1] = {0};
	size_t from = i > COUNT_REACH ? i - COUNT_REACH : 0;
	size_t to = i + COUNT_REACH < signals->count ? i + COUNT_REACH : signals->count - 1;
	for (size_t k = from; k <= to; k++)
		for (int j = STAGE_PB2; j <= STAGE_HB; j++)
			sum[stage_cells((enum stage)j)] += track->points[signals->point[k]].reading.stage[j];
	int top = 0;
	for (int cells = 1; cells <= CELLS_MAX; cells++)
		if (sum[cells] > sum[top])
			top = cells;
	return (uint8_t)top;
}

static void count_cells(const struct track *track, struct signals *signals)
{
	size_t cleaving = 0, counted = 0;
	for (size_t i = 0; i < signals->count; i++) {
		const struct reading *reading = &track->points[signals->point[i]].reading;
		bool cleaves = reading_top_group(reading) == GROUP_CLEAVAGE;
		cleaving += cleaves;
		counted += cleaves && reading->cells > 1 && reading->cells_confidence >= COUNT_PERMILLE;
		signals->cells[i] = count_at(track, signals, i);
	}
	signals->counts_cells = counted > 0 && counted * 2 >= cleaving;
}

double signals_hours(const struct signals *signals, size_t from, size_t to)
{
	int64_t apart = signals->timed ? signals->time_s[to] - signals->time_s[from]
				       : (int64_t)UNTIMED_STEP_S * (signals->run[to] - signals->run[from]);
	return (double)apart / 3600;
}

/* Hours between a point and its neighbours, the mean of both sides. */
static double gap_hours(const struct signals *signals, size_t i)
{
	size_t from = i > 0 ? i - 1 : i, to = i + 1 < signals->count ? i + 1 : i;
	return from == to ? INFINITY : signals_hours(signals, from, to) / (double)(to - from);
}

static void fill_likelihoods(const struct track *track, const struct priors *priors, struct signals *signals)
{
	for (size_t i = 0; i < signals->count; i++) {
		double point[STAGE_COUNT], weight = likelihood_weight(gap_hours(signals, i));
		likelihood_of(&track->points[signals->point[i]].reading, priors, weight, point);
		for (int k = 0; k < STAGE_COUNT; k++)
			signals->sum[i + 1][k] = signals->sum[i][k] + point[k];
		signals->step[i] = motion_at(track, signals, i);
	}
	keep_peaks(signals);
	fill_endings(signals);
}

static bool allocate(size_t count, struct signals *signals, struct err *err)
{
	signals->point = calloc(count + 1, sizeof *signals->point);
	signals->run = calloc(count + 1, sizeof *signals->run);
	signals->time_s = calloc(count + 1, sizeof *signals->time_s);
	signals->sum = calloc(count + 1, sizeof *signals->sum);
	signals->motion = calloc(count + 1, sizeof *signals->motion);
	signals->ending = calloc(count + 1, sizeof *signals->ending);
	signals->step = calloc(count + 1, sizeof *signals->step);
	signals->cells = calloc(count + 1, sizeof *signals->cells);
	signals->empty = calloc(count + 1, sizeof *signals->empty);
	return (signals->point && signals->run && signals->time_s && signals->sum && signals->motion &&
	    signals->ending && signals->step && signals->cells && signals->empty) || err_set(err, ERR_NO_MEMORY, "reading a track");
}

bool signals_make(const struct track *track, const struct priors *priors, struct signals *ret_signals, struct err *err)
{
	OWN(signals_done) struct signals signals = {0};
	if (!allocate(track->count, &signals, err) || !find_empty(track, signals.empty, err))
		return false;
	for (size_t i = 0; i < track->count; i++) {
		bool read = track->points[i].read;
		signals.unread_count += !read;
		signals.empty_count += read && signals.empty[i];
		bool odd = read && empty_probability(&track->points[i].reading) > 0.8;
		if (read && !signals.empty[i] && !odd)
			signals.point[signals.count++] = i;
	}
	fill_times(track, &signals);
	count_cells(track, &signals);
	fill_likelihoods(track, priors, &signals);
	*ret_signals = signals;
	signals = (struct signals){0};
	return true;
}

bool signals_make_blind(const struct track *track, struct signals *ret_signals, struct err *err)
{
	OWN(signals_done) struct signals signals = {0};
	if (!allocate(track->count, &signals, err))
		return false;
	for (size_t i = 0; i < track->count; i++)
		signals.point[signals.count++] = i;
	fill_times(track, &signals);
	*ret_signals = signals;
	signals = (struct signals){0};
	return true;
}

void signals_done(struct signals *signals)
{
	free(signals->point);
	free(signals->run);
	free(signals->time_s);
	free(signals->sum);
	free(signals->motion);
	free(signals->ending);
	free(signals->step);
	free(signals->cells);
	free(signals->empty);
	*signals = (struct signals){0};
}
