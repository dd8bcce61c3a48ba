#include "evaluation/signals.h"

#include <math.h>
#include <string.h>

/* Neighbouring frames repeat each other's errors, so each counts for a fraction of an independent witness. The word
 * on the group (zygote, cleavage ...) and the word within the group are weighed apart, so that a reader that
 * spreads a group evenly over its stages says nothing within it, whatever the number of stages. */
static const double GROUP_WEIGHT = 0.25;
static const double WITHIN_WEIGHT = 0.20;
/* No single frame may speak louder than this probability allows. */
static const double FLOOR = 0.03;
enum {
	MOTION_REACH = 12,    /* points either side that say what is usual */
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

/* Two states, full and empty, with a price for changing: one odd frame does not empty a well, several do.
 * full[i], none[i] are the best scores that end there; from[] remembers for each state whether it changed. */
static bool find_empty(const struct track *track, bool *empty, struct err *err)
{
	static const double change_price = 5.0, loudest = 2.0;
	OWN(free) uint8_t *changed = calloc(track->count + 1, 1);
	if (!changed)
		return err_set(err, ERR_NO_MEMORY, "reading a track");
	double full = 0, none = 0;
	for (size_t i = 0; i < track->count; i++) {
		double say = 0;
		if (track->points[i].read) {
			double p = fmin(fmax(empty_probability(&track->points[i].reading), 0.001), 0.999);
			say = fmin(fmax(log(p / (1 - p)), -loudest), loudest);
		}
		bool to_full = i > 0 && none - change_price > full;
		bool to_none = i > 0 && full - change_price > none;
		double next_full = to_full ? none - change_price : full;
		none = (to_none ? full - change_price : none) + say / 2;
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
			int64_t runs = track->points[signals->point[next]].run -
			    track->points[signals->point[i - 1]].run;
			int64_t run = track->points[signals->point[i]].run -
			    track->points[signals->point[i - 1]].run;
			signals->time_s[i] = signals->time_s[i - 1] +
			    (signals->time_s[next] - signals->time_s[i - 1]) * run / runs;
		}
	}
}

static int group_size(enum stage_group group)
{
	int size = 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		size += stage_group((enum stage)i) == group;
	return size;
}

/* Tempered log likelihood of each stage at one point. */
static void point_likelihood(const struct reading *reading, double to[STAGE_COUNT])
{
	double confidence = 0.4 + 0.6 * fmin(reading->confidence, 1000) / 1000;
	double familiar = 1 - 0.7 * fmin(reading->unfamiliar, 1000) / 1000;
	double present = fmax(PROBABILITY_ONE - (double)reading->stage[STAGE_EMPTY], 1);
	for (int i = 0; i < STAGE_COUNT; i++) {
		enum stage_group name = stage_group((enum stage)i);
		double group = reading_group_probability(reading, name);
		double share = group > 0 ? reading->stage[i] / group : 1.0 / group_size(name);
		double of_group = fmax(fmin(group / present, 1), FLOOR);
		double of_stage = fmax(share, FLOOR) * group_size(name);
		/* A group that is not there says nothing about its stages. */
		of_stage = of_group * of_stage + (1 - of_group);
		to[i] = confidence * familiar * (GROUP_WEIGHT * log(of_group) + WITHIN_WEIGHT * log(of_stage));
	}
}

static int compare_u16(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* How far the motion into point i stands out of its neighbourhood, as a log likelihood ratio. */
static double motion_at(const struct track *track, const struct signals *signals, size_t i)
{
	uint16_t near[2 * MOTION_REACH + 1];
	size_t from = i > MOTION_REACH ? i - MOTION_REACH : 0, count = 0;
	for (size_t k = from; k < signals->count && k <= i + MOTION_REACH; k++)
		near[count++] = track->points[signals->point[k]].motion;
	qsort(near, count, sizeof near[0], compare_u16);
	double median = near[count / 2], quarter = near[count / 4];
	/* The lower half is free of peaks: its width stands for the noise. */
	double noise = fmax(1.5 * (median - quarter), 0.08 * median + 1);
	double stands_out = (track->points[signals->point[i]].motion - median) / noise;
	return fmin(fmax(0.6 * (stands_out - 2.5), -1), 3);
}

static void fill_likelihoods(const struct track *track, struct signals *signals)
{
	double cleavage = 0, share = 0;
	for (size_t i = 0; i < signals->count; i++) {
		const struct reading *reading = &track->points[signals->point[i]].reading;
		double point[STAGE_COUNT];
		point_likelihood(reading, point);
		for (int k = 0; k < STAGE_COUNT; k++)
			signals->sum[i + 1][k] = signals->sum[i][k] + point[k];
		signals->motion[i] = i ? motion_at(track, signals, i) : 0;
		if (reading_top_group(reading) == GROUP_CLEAVAGE) {
			cleavage++;
			share += reading->stage[reading_top_stage(reading)] /
			    fmax(reading_group_probability(reading, GROUP_CLEAVAGE), 1);
		}
	}
	signals->sharpness = cleavage > 0 ? (int)(1000 * share / cleavage) : 0;
}

bool signals_make(const struct track *track, struct signals *ret_signals, struct err *err)
{
	OWN(signals_done) struct signals signals = {0};
	signals.point = calloc(track->count + 1, sizeof *signals.point);
	signals.time_s = calloc(track->count + 1, sizeof *signals.time_s);
	signals.sum = calloc(track->count + 1, sizeof *signals.sum);
	signals.motion = calloc(track->count + 1, sizeof *signals.motion);
	signals.empty = calloc(track->count + 1, sizeof *signals.empty);
	if (!signals.point || !signals.time_s || !signals.sum || !signals.motion || !signals.empty)
		return err_set(err, ERR_NO_MEMORY, "reading a track");
	if (!find_empty(track, signals.empty, err))
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
	fill_likelihoods(track, &signals);
	*ret_signals = signals;
	signals = (struct signals){0};
	return true;
}

void signals_done(struct signals *signals)
{
	free(signals->point);
	free(signals->time_s);
	free(signals->sum);
	free(signals->motion);
	free(signals->empty);
	*signals = (struct signals){0};
}
