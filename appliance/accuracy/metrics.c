#include "accuracy/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const char *metric_name(enum metric metric)
{
	static const char *const names[METRIC_COUNT] = {"frame_accuracy", "within_one", "macro_f1",
	    "consistent", "group_accuracy", "occupied_accuracy", "event_f1", "event_f1_expert"};
	return names[metric];
}

static bool is_near(enum stage a, enum stage b)
{
	if (a == STAGE_EMPTY || b == STAGE_EMPTY)
		return a == b;
	return abs((int)a - (int)b) <= 1;
}

/* All stages of the set lie in one group. */
static bool one_group(stage_set truth)
{
	return stage_group(stage_set_first(truth)) == stage_group(stage_set_last(truth));
}

/* The set says whether an embryo is there. */
static bool is_settled(stage_set truth)
{
	return truth == 1u << STAGE_EMPTY || !(truth & 1u << STAGE_EMPTY);
}

static void count_frame(struct tally *tally, stage_set truth, enum method method, enum stage said)
{
	enum stage first = stage_set_first(truth);
	tally->by[method].consistent += truth >> said & 1;
	if (one_group(truth))
		tally->by[method].group += stage_group(first) == stage_group(said);
	if (is_settled(truth))
		tally->by[method].occupied += (first == STAGE_EMPTY) == (said == STAGE_EMPTY);
	if (stage_set_count(truth) != 1)
		return;
	tally->by[method].confusion[first][said]++;
	tally->by[method].within_one += is_near(first, said);
}

static void count_confidence(struct tally *tally, uint16_t permille, bool right)
{
	if (permille > 1000)
		return;
	int bin = permille * METRICS_BINS / 1000;
	bin = bin < METRICS_BINS ? bin : METRICS_BINS - 1;
	tally->bins[bin].count++;
	tally->bins[bin].right += right;
	tally->bins[bin].said += permille / 1000.0;
}

static void count_event(const struct sample *sample, const struct answers *answers, enum method method,
    enum stage event, struct event_outcome *outcome)
{
	const struct answer_event *said = &answers->events[method][event];
	const struct event_truth *truth = &sample->events[event];
	outcome->said = said->there;
	if (!said->there || truth->known != EVENT_SEEN)
		return;
	int64_t said_s = sample->track.points[said->point].time_s,
	        true_s = sample->track.points[truth->point].time_s;
	outcome->error_frames = (int)said->point - (int)truth->point;
	outcome->timed = said_s != TIME_UNKNOWN && true_s != TIME_UNKNOWN;
	outcome->error_min = outcome->timed ? (double)(said_s - true_s) / 60 : 0;
}

void tally_make(const struct sample *sample, const struct answers *answers, struct tally *ret_tally)
{
	struct tally *tally = ret_tally;
	*tally = (struct tally){.timed = true};
	for (size_t i = 0; i < sample->track.count; i++) {
		const struct track_point *point = &sample->track.points[i];
		stage_set truth = sample->truth[i];
		tally->timed = tally->timed && point->time_s != TIME_UNKNOWN;
		if (!point->read)
			continue;
		tally->frames++;
		if (truth == 0)
			continue;
		tally->labelled++;
		tally->single += stage_set_count(truth) == 1;
		tally->grouped += one_group(truth);
		tally->settled += is_settled(truth);
		for (int m = 0; m < METHOD_COUNT; m++)
			if (answers->has[m])
				count_frame(tally, truth, (enum method)m, answers->stage[m][i]);
		if (stage_set_count(truth) == 1)
			count_confidence(tally, point->reading.confidence,
			    truth == 1u << answers->stage[METHOD_FRAME_ONLY][i]);
	}
	memcpy(tally->has, answers->has, sizeof tally->has);
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		tally->known[j] = sample->film ? sample->events[j].known : EVENT_UNKNOWN;
		for (int m = 0; m < METHOD_COUNT; m++)
			count_event(sample, answers, (enum method)m, (enum stage)j, &tally->by[m].events[j]);
	}
}

/* The sum over embryos, each as often as it was drawn. */
struct pool {
	double single, labelled, grouped, settled;
	double within_one[METHOD_COUNT], consistent[METHOD_COUNT], group[METHOD_COUNT],
	    occupied[METHOD_COUNT];
	double confusion[METHOD_COUNT][STAGE_COUNT][STAGE_COUNT];
	double seen, said[METHOD_COUNT], near[METHOD_COUNT], expert[METHOD_COUNT];
	bool has[METHOD_COUNT], timed;
	double bin_count[METRICS_BINS], bin_right[METRICS_BINS], bin_said[METRICS_BINS];
};

static void pool_events(struct pool *pool, const struct tally *tally, double times)
{
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		if (tally->known[j] == EVENT_UNKNOWN)
			continue;
		bool seen = tally->known[j] == EVENT_SEEN;
		pool->seen += seen ? times : 0;
		pool->timed = pool->timed && tally->timed;
		for (int m = 0; m < METHOD_COUNT; m++) {
			const struct event_outcome *outcome = &tally->by[m].events[j];
			if (!outcome->said)
				continue;
			pool->said[m] += times;
			double error = fabs(outcome->error_min);
			pool->near[m] += seen && error <= METRICS_NEAR_MIN ? times : 0;
			pool->expert[m] += seen && error <= prior_of((enum stage)j)->within_min ? times : 0;
		}
	}
}

static void pool_add(struct pool *pool, const struct tally *tally, double times)
{
	pool->single += times * tally->single;
	pool->labelled += times * tally->labelled;
	pool->grouped += times * tally->grouped;
	pool->settled += times * tally->settled;
	for (int m = 0; m < METHOD_COUNT; m++) {
		pool->has[m] = pool->has[m] && (tally->has[m] || tally->labelled == 0);
		pool->within_one[m] += times * tally->by[m].within_one;
		pool->consistent[m] += times * tally->by[m].consistent;
		pool->group[m] += times * tally->by[m].group;
		pool->occupied[m] += times * tally->by[m].occupied;
		for (int t = 0; t < STAGE_COUNT; t++)
			for (int s = 0; s < STAGE_COUNT; s++)
				pool->confusion[m][t][s] += times * tally->by[m].confusion[t][s];
	}
	for (int b = 0; b < METRICS_BINS; b++) {
		pool->bin_count[b] += times * tally->bins[b].count;
		pool->bin_right[b] += times * tally->bins[b].right;
		pool->bin_said[b] += times * tally->bins[b].said;
	}
	pool_events(pool, tally, times);
}

static double share(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

static double diagonal(const struct pool *pool, int m)
{
	double sum = 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		sum += pool->confusion[m][i][i];
	return sum;
}

static double macro_f1(const struct pool *pool, int m)
{
	double sum = 0, occur = 0;
	for (int i = 0; i < STAGE_COUNT; i++) {
		double truth = 0, said = 0;
		for (int k = 0; k < STAGE_COUNT; k++) {
			truth += pool->confusion[m][i][k];
			said += pool->confusion[m][k][i];
		}
		if (truth == 0)
			continue;
		occur++;
		sum += 2 * pool->confusion[m][i][i] / (truth + said);
	}
	return share(sum, occur);
}

/* Precision is hits / said, recall hits / seen; their harmonic mean. */
static double event_f1(const struct pool *pool, int m, const double hits[METHOD_COUNT])
{
	if (m == METHOD_MAJORITY || !pool->timed || pool->seen == 0)
		return NAN;
	return 2 * hits[m] / (pool->said[m] + pool->seen);
}

static double calibration_error(const struct pool *pool)
{
	double gap = 0, count = 0;
	for (int b = 0; b < METRICS_BINS; b++) {
		gap += fabs(pool->bin_right[b] - pool->bin_said[b]);
		count += pool->bin_count[b];
	}
	return share(gap, count);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
	if (count == 0)
		return NAN;
	qsort(values, count, sizeof *values, by_size);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static uint32_t times_of(const uint32_t *times, size_t i)
{
	return times ? times[i] : 1;
}

/* room holds as many values as there are draws. */
static double median_error(
    const struct tally *tallies, const uint32_t *times, size_t count, int m, int j, double *room)
{
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		const struct event_outcome *outcome = &tallies[i].by[m].events[j];
		if (tallies[i].known[j] != EVENT_SEEN || !outcome->said || !outcome->timed)
			continue;
		for (uint32_t k = 0; k < times_of(times, i); k++)
			room[used++] = fabs(outcome->error_min);
	}
	return median(room, used);
}

bool figures_make(const struct tally *tallies, const uint32_t *times, size_t count,
    struct figures *ret_figures, struct err *err)
{
	struct pool pool = {.timed = true, .has = {true, true, true, true}};
	OWN(free) double *room = calloc(count + 1, sizeof *room);
	if (!room)
		return err_set(err, ERR_NO_MEMORY, "figures of %zu embryos", count);
	for (size_t i = 0; i < count; i++)
		if (times_of(times, i))
			pool_add(&pool, &tallies[i], times_of(times, i));
	for (int m = 0; m < METHOD_COUNT; m++) {
		double *metric[METRIC_COUNT];
		for (int k = 0; k < METRIC_COUNT; k++) {
			metric[k] = &ret_figures->metric[k][m];
			*metric[k] = NAN;
		}
		for (int j = 0; j < STAGE_COUNT; j++)
			ret_figures->median_min[m][j] =
			    pool.has[m] ? median_error(tallies, times, count, m, j, room) : NAN;
		if (!pool.has[m])
			continue;
		*metric[METRIC_FRAME_ACCURACY] = share(diagonal(&pool, m), pool.single);
		*metric[METRIC_WITHIN_ONE] = share(pool.within_one[m], pool.single);
		*metric[METRIC_MACRO_F1] = macro_f1(&pool, m);
		*metric[METRIC_CONSISTENT] = share(pool.consistent[m], pool.labelled);
		*metric[METRIC_GROUP_ACCURACY] = share(pool.group[m], pool.grouped);
		*metric[METRIC_OCCUPIED_ACCURACY] = share(pool.occupied[m], pool.settled);
		*metric[METRIC_EVENT_F1] = event_f1(&pool, m, pool.near);
		*metric[METRIC_EVENT_F1_EXPERT] = event_f1(&pool, m, pool.expert);
	}
	for (int k = 0; k < METRIC_COUNT; k++)
		ret_figures->gain[k] =
		    ret_figures->metric[k][METHOD_READER] - ret_figures->metric[k][METHOD_TIME_ONLY];
	ret_figures->ece = calibration_error(&pool);
	return true;
}

/* splitmix64 (Steele, Lea & Flood 2014): small, and the same everywhere. */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void draw(uint64_t *state, uint32_t *times, size_t count)
{
	memset(times, 0, count * sizeof *times);
	for (size_t i = 0; i < count; i++)
		times[(random_next(state) >> 32) * count >> 32]++;
}

enum { FIGURES = sizeof(struct figures) / sizeof(double) };
static_assert(sizeof(struct figures) % sizeof(double) == 0, "figures are doubles only");

/* The percentiles of one figure over the draws that gave one. */
static void find_interval(
    const struct figures *draws, size_t figure, double *room, double *ret_low, double *ret_high)
{
	size_t used = 0;
	for (size_t r = 0; r < METRICS_RESAMPLES; r++) {
		double value = ((const double *)&draws[r])[figure];
		if (!isnan(value))
			room[used++] = value;
	}
	*ret_low = *ret_high = NAN;
	if (used * 2 < METRICS_RESAMPLES)
		return;
	qsort(room, used, sizeof *room, by_size);
	*ret_low = room[(size_t)(0.025 * (double)(used - 1) + 0.5)];
	*ret_high = room[(size_t)(0.975 * (double)(used - 1) + 0.5)];
}

/* Where every embryo is right, drawing embryos knows no doubt, but a few embryos prove little: then the
 * exact binomial bound over embryos stands (Clopper & Pearson 1934), 0.025^(1/n) from the far end. */
static void doubt_perfection(
    const struct tally *tallies, size_t count, struct figures *low, struct figures *high)
{
	for (int k = 0; k < METRIC_COUNT; k++) {
		size_t embryos;
		metric_base(tallies, count, (enum metric)k, &embryos);
		for (int m = 0; m < METHOD_COUNT && embryos > 1; m++) {
			double *from = &low->metric[k][m], *to = &high->metric[k][m],
			       bound = pow(0.025, 1.0 / (double)embryos);
			if (*from >= 1)
				*from = bound;
			else if (*to <= 0)
				*to = 1 - bound;
		}
	}
}

bool figures_bootstrap(const struct tally *tallies, size_t count, struct figures *ret_low,
    struct figures *ret_high, struct err *err)
{
	OWN(free) struct figures *draws = calloc(METRICS_RESAMPLES, sizeof *draws);
	OWN(free) uint32_t *times = calloc(count + 1, sizeof *times);
	OWN(free) double *room = calloc(METRICS_RESAMPLES, sizeof *room);
	uint64_t state = METRICS_SEED;
	if (!draws || !times || !room)
		return err_set(err, ERR_NO_MEMORY, "intervals for %zu embryos", count);
	for (size_t r = 0; r < METRICS_RESAMPLES && count > 1; r++) {
		draw(&state, times, count);
		if (!figures_make(tallies, times, count, &draws[r], err))
			return false;
	}
	for (size_t f = 0; f < FIGURES; f++) {
		double low = NAN, high = NAN;
		if (count > 1)
			find_interval(draws, f, room, &low, &high);
		((double *)ret_low)[f] = low;
		((double *)ret_high)[f] = high;
	}
	doubt_perfection(tallies, count, ret_low, ret_high);
	return true;
}

size_t metric_base(const struct tally *tallies, size_t count, enum metric metric, size_t *ret_embryos)
{
	size_t base = 0;
	*ret_embryos = 0;
	for (size_t i = 0; i < count; i++) {
		const struct tally *tally = &tallies[i];
		size_t here = 0;
		if (metric == METRIC_EVENT_F1 || metric == METRIC_EVENT_F1_EXPERT) {
			for (int j = STAGE_PB2; j <= STAGE_HB; j++)
				here += tally->known[j] == EVENT_SEEN;
		} else {
			here = metric == METRIC_CONSISTENT       ? tally->labelled
			    : metric == METRIC_GROUP_ACCURACY    ? tally->grouped
			    : metric == METRIC_OCCUPIED_ACCURACY ? tally->settled
			                                         : tally->single;
		}
		base += here;
		*ret_embryos += here > 0;
	}
	return base;
}
