#include "evaluation/decode.h"

#include <math.h>
#include <string.h>

enum {
	BIN_S = 300,          /* lengths of stages are tabled in steps of 5 minutes */
	BINS = 2400,          /* up to 200 h; longer is as good as that */
	FINE_S = 1800,        /* frames this close sample a length finely enough to take its density */
	EVENTS = STAGE_COUNT, /* indexed by stage; STAGE_PB2 begins the chain, STAGE_EMPTY is unused */
	EVIDENCE_REACH = 24,  /* points either side that may speak for a change */
	UNTIMED_STAGE = 30,   /* runs that a stage lasts where no times are known: a mild preference only */
	UNTIMED_POINT_MIN = 15, /* minutes between frames, for tolerances where no times are known */
};

static const double NEVER = -1e30;
/* Share of stages in which development may stop for good. */
static const double ARREST = 0.03;
/* Times since insemination repeat in part what lengths have said. */
static const double EVENT_WEIGHT = 0.8;
/* Share of lengths that follow no rule, and their mean in hours. */
static const double ODD = 0.25, ODD_H = 40;
/* Natural log units that readings and motion must add up to before an event is placed. */
static const double EVIDENCE_NEEDED = 1.6;
static const double CONFIDENCE_NEEDED = 0.5;

/* Of one stage. Natural logarithms, but for longer. */
struct length {
	double shown;          /* it is long enough to be seen at all */
	double begun;          /* the share of it that lies in one hour of record, where it began before */
	double lasts[BINS];    /* density per hour */
	double outlasts[BINS]; /* lasts longer, or development stops in it */
	double longer[BINS];   /* lasts longer: the probability itself */
};

struct chain {
	const struct signals *signals;
	const struct priors *priors;
	size_t n; /* usable points; position n means "not reached" */
	struct length *length;   /* [STAGE_COUNT] */
	int32_t *bin;            /* [n + 1] of each point's time */
	double *gap;             /* [n + 1] log of the hours, or runs, that the frame stands for */
	double (*event)[EVENTS]; /* [n + 1]: word of the time since insemination */
	double (*forward)[EVENTS], (*backward)[EVENTS], (*best)[EVENTS]; /* [n + 1] */
	uint32_t (*from)[EVENTS]; /* best position of the event before */
	double *row;              /* [n + 1] scratch */
	double total;
};

static void chain_done_owned(struct chain *chain)
{
	free(chain->length);
	free(chain->bin);
	free(chain->gap);
	free(chain->event);
	free(chain->forward);
	free(chain->backward);
	free(chain->best);
	free(chain->from);
	free(chain->row);
}

static double normal_tail(double z)
{
	return fmax(0.5 * erfc(z / sqrt(2)), 1e-12);
}

static void fill_lengths(struct chain *chain)
{
	int bins = chain->bin[chain->n] + 2 < BINS ? chain->bin[chain->n] + 2 : BINS;
	for (int k = STAGE_PB2; k <= STAGE_HB; k++) {
		const struct timing *timing = priors_timing(chain->priors, (enum stage)k);
		struct length *length = &chain->length[k];
		double median = timing->lasts_min / 60.0, spread = timing->lasts_spread / 1000.0;
		length->shown = log((timing->shown + 1.0) / (timing->shown + timing->skipped + 2.0));
		length->begun = -log(median);
		for (int i = 0; i < bins; i++) {
			double hours = (i + 0.5) * BIN_S / 3600.0, z = log(hours / median) / spread;
			double density = exp(-z * z / 2) / (hours * spread * 2.5066), odd = exp(-hours / ODD_H);
			length->longer[i] = (1 - ODD) * normal_tail(z) + ODD * odd;
			length->lasts[i] = log((1 - ODD) * density + ODD * odd / ODD_H);
			length->outlasts[i] = log(ARREST + (1 - ARREST) * length->longer[i]);
		}
	}
}

static void fill_events(struct chain *chain)
{
	const struct signals *signals = chain->signals;
	for (int j = STAGE_PNA; j <= STAGE_HB; j++) {
		const struct timing *timing = priors_timing(chain->priors, (enum stage)j);
		double usual_h = timing->begins_min / 60.0, spread_h = timing->begins_spread_min / 60.0;
		for (size_t p = 0; p <= chain->n && signals->timed; p++) {
			double at = signals->time_s[p < chain->n ? p : chain->n - 1] / 3600.0;
			double z = (at - usual_h) / spread_h;
			double word = p == 0    ? log(normal_tail(-z))
			    : p == chain->n ? log(ARREST + (1 - ARREST) * normal_tail(z))
					    : -2 * log1p(z * z / 4);
			chain->event[p][j] = word;
		}
	}
}

static void fill_points(struct chain *chain)
{
	const struct signals *signals = chain->signals;
	for (size_t p = 1; p < chain->n; p++) {
		double hours = (signals->time_s[p] - signals->time_s[p - 1]) / 3600.0;
		double runs = signals->run[p] - signals->run[p - 1];
		if (signals->timed)
			chain->bin[p] = (int32_t)((signals->time_s[p] - signals->time_s[0]) / BIN_S);
		chain->gap[p] = log(signals->timed ? fmin(fmax(hours, 0.02), 2) : fmin(runs, UNTIMED_STAGE / 2.0));
	}
	chain->bin[chain->n] = chain->bin[chain->n - 1];
}

static int32_t between(const struct chain *chain, size_t s, size_t p)
{
	int32_t bin = chain->bin[p] - chain->bin[s];
	return bin < BINS ? bin : BINS - 1;
}

/* Half the gap before position s, in bins: there the stage that s shows first may have begun as well. */
static int32_t half_gap(const struct chain *chain, size_t s)
{
	return (chain->bin[s] - chain->bin[s - 1]) / 2;
}

/* Log probability that stage k, first seen at s > 0, is last seen before p. Between frames that are far apart a stage may
 * begin and end unseen, and how long it lasted is known from one frame to another only. */
static double shown_prior(const struct chain *chain, int k, size_t s, size_t p)
{
	const struct length *length = &chain->length[k];
	int32_t before = half_gap(chain, s);
	if (s == p)
		return log(1 - exp(length->shown) * length->longer[before]);
	if (chain->bin[p] - chain->bin[p - 1] <= FINE_S / BIN_S && 2 * before <= FINE_S / BIN_S)
		return length->shown + length->lasts[between(chain, s, p)] + chain->gap[p];
	int32_t from = between(chain, s, p - 1) + before, to = between(chain, s, p) + before;
	double ends = length->longer[from < BINS ? from : BINS - 1] - length->longer[to < BINS ? to : BINS - 1];
	return length->shown + log(fmax(ends, 1e-9));
}

/* Log prior of stage k lasting from position s to position p. */
static double length_prior(const struct chain *chain, int k, size_t s, size_t p)
{
	const struct length *length = &chain->length[k];
	if (!chain->signals->timed)
		return s == p ? (s == 0 || s == chain->n ? 0 : log(1 - exp(length->shown)))
		    : p == chain->n ? 0 : length->shown + chain->gap[p] - log(UNTIMED_STAGE);
	if (p == chain->n)
		return s == 0 || s == p ? 0 : length->outlasts[between(chain, s, p)];
	if (s > 0)
		return shown_prior(chain, k, s, p);
	/* Begun before the record: how much of it is over is not known. */
	return p == 0 ? 0 : log(length->longer[between(chain, 0, p)]) + length->begun + chain->gap[p];
}

/* The first division of each round comes after hours of rest, so a burst before it is its own. Where divisions follow
 * each other, it may be the last one's, and each counts at its peak only. */
static double moved(const struct signals *signals, int event, size_t p)
{
	bool is_first = event == STAGE_2 || event == STAGE_3 || event == STAGE_5;
	return is_first ? signals->ending[p] : signals->motion[p];
}

/* Score of stage k from position s to p, with the event k + 1 at p. */
static double segment(const struct chain *chain, int k, size_t s, size_t p)
{
	const struct signals *signals = chain->signals;
	double score = signals->sum[p][k] - signals->sum[s][k] + length_prior(chain, k, s, p);
	/* Where the stage before began is known, its length says most of what there is to say about the event. */
	score += (s == 0 ? 1 : EVENT_WEIGHT) * chain->event[p][k + 1];
	if (s < p && p < chain->n)
		score += prior_of((enum stage)(k + 1))->motion / 1000.0 * moved(signals, k + 1, p);
	return score;
}

static double sum_of_logs(const double *values, size_t count, double top)
{
	if (top <= NEVER / 2)
		return NEVER;
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		if (values[i] > top - 30)
			sum += exp(values[i] - top);
	return top + log(sum);
}

/* forward[p][j]: log sum over all chains whose event j is at p; best and from: the best of them. */
static void pass_forward(struct chain *chain)
{
	for (size_t p = 0; p <= chain->n; p++)
		chain->forward[p][STAGE_PB2] = chain->best[p][STAGE_PB2] = p ? NEVER : 0;
	for (int j = STAGE_PNA; j <= STAGE_HB; j++) {
		for (size_t p = 0; p <= chain->n; p++) {
			double top = NEVER, best = NEVER;
			size_t last = j == STAGE_PNA ? 0 : p;
			for (size_t s = 0; s <= last; s++) {
				double step = segment(chain, j - 1, s, p);
				chain->row[s] = chain->forward[s][j - 1] + step;
				if (chain->row[s] > top)
					top = chain->row[s];
				if (chain->best[s][j - 1] + step > best) {
					best = chain->best[s][j - 1] + step;
					chain->from[p][j] = (uint32_t)s;
				}
			}
			chain->forward[p][j] = sum_of_logs(chain->row, last + 1, top);
			chain->best[p][j] = best;
		}
	}
}

/* The stage that nothing follows: from p to the end. */
static double tail(const struct chain *chain, size_t p)
{
	return chain->signals->sum[chain->n][STAGE_HB] - chain->signals->sum[p][STAGE_HB];
}

static void pass_backward(struct chain *chain)
{
	double top = NEVER;
	for (size_t p = 0; p <= chain->n; p++) {
		chain->backward[p][STAGE_HB] = tail(chain, p);
		chain->row[p] = chain->forward[p][STAGE_HB] + tail(chain, p);
		top = fmax(top, chain->row[p]);
	}
	chain->total = sum_of_logs(chain->row, chain->n + 1, top);
	for (int j = STAGE_EB; j >= STAGE_PNA; j--) {
		for (size_t s = 0; s <= chain->n; s++) {
			top = NEVER;
			for (size_t p = s; p <= chain->n; p++) {
				chain->row[p - s] = segment(chain, j, s, p) + chain->backward[p][j + 1];
				if (chain->row[p - s] > top)
					top = chain->row[p - s];
			}
			chain->backward[s][j] = sum_of_logs(chain->row, chain->n - s + 1, top);
		}
	}
}

static double probability(const struct chain *chain, int j, size_t p)
{
	return exp(fmin(chain->forward[p][j] + chain->backward[p][j] - chain->total, 0));
}

static void find_best(const struct chain *chain, size_t position[EVENTS])
{
	size_t p = 0;
	double top = NEVER;
	for (size_t i = 0; i <= chain->n; i++) {
		if (chain->best[i][STAGE_HB] + tail(chain, i) > top) {
			top = chain->best[i][STAGE_HB] + tail(chain, i);
			p = i;
		}
	}
	for (int j = STAGE_HB; j > STAGE_PB2; j--) {
		position[j] = p;
		p = chain->from[p][j];
	}
	position[STAGE_PB2] = 0;
}

/* Probability that event j lies at p and that the frame at p shows its stage, not a later one. */
static double shown_at(const struct chain *chain, int j, size_t p)
{
	double here = probability(chain, j, p);
	if (j == STAGE_HB || here < 1e-6)
		return here;
	double passed = chain->forward[p][j] + segment(chain, j, p, p) + chain->backward[p][j + 1] - chain->total;
	return here - exp(fmin(passed, 0));
}

/* The best chain may be one of many unlikely ones; where a single point carries more than any other, that point is
 * taken instead, as far as the order allows. */
static void prefer_likely(const struct chain *chain, size_t position[EVENTS])
{
	for (int j = STAGE_PNA; j <= STAGE_HB; j++) {
		size_t top = position[j];
		for (size_t p = 0; p <= chain->n; p++)
			if (probability(chain, j, p) > probability(chain, j, top))
				top = p;
		position[j] = top > position[j - 1] ? top : position[j - 1];
	}
}

/* What readings and motion near position[j], without any prior, say for the change of stage there. */
static double evidence(const struct chain *chain, const size_t position[EVENTS], int j)
{
	const struct signals *signals = chain->signals;
	size_t at = position[j];
	int before = j - 1, after = j;
	while (before > STAGE_PB2 && position[before] == at)
		before--;
	while (after < STAGE_HB && position[after + 1] == at)
		after++;
	size_t low = at > EVIDENCE_REACH ? at - EVIDENCE_REACH : 0;
	size_t high = at + EVIDENCE_REACH < chain->n ? at + EVIDENCE_REACH : chain->n;
	if (low < position[before])
		low = position[before];
	if (after < STAGE_HB && high > position[after + 1])
		high = position[after + 1];
	double said_before = signals->sum[at][before] - signals->sum[low][before] -
	    (signals->sum[at][after] - signals->sum[low][after]);
	double said_after = signals->sum[high][after] - signals->sum[at][after] -
	    (signals->sum[high][before] - signals->sum[at][before]);
	double stirred = prior_of((enum stage)j)->motion / 1000.0 * moved(signals, j, at);
	return said_before + said_after + fmax(stirred, 0);
}

static bool is_within(const struct signals *signals, size_t a, size_t b, int minutes)
{
	if (signals->timed)
		return llabs(signals->time_s[a] - signals->time_s[b]) <= minutes * 60LL;
	size_t apart = a > b ? a - b : b - a;
	return apart * UNTIMED_POINT_MIN <= (size_t)minutes;
}

static void place(const struct chain *chain, const size_t position[EVENTS], int j, struct placement *ret)
{
	const struct signals *signals = chain->signals;
	size_t at = position[j];
	*ret = (struct placement){.place = PLACE_UNSEEN};
	if (at == 0 || at == chain->n) {
		if (probability(chain, j, at) >= CONFIDENCE_NEEDED)
			ret->place = at ? PLACE_NOT_REACHED : PLACE_BEFORE;
		return;
	}
	double within = 0, shown = 0, sum = 0;
	size_t low = 0, high = chain->n;
	for (size_t p = 0; p <= chain->n; p++) {
		double here = p > 0 && p < chain->n ? shown_at(chain, j, p) : 0;
		if (is_within(signals, p, at, prior_of((enum stage)j)->within_min))
			within += here;
		shown += here;
		sum += probability(chain, j, p);
		if (sum < 0.05)
			low = p + 1;
		if (sum >= 0.95 && high == chain->n)
			high = p;
	}
	double inside = 1 - probability(chain, j, 0) - probability(chain, j, chain->n);
	if (inside > CONFIDENCE_NEEDED && shown < inside / 2)
		ret->place = PLACE_MERGED;
	/* Without times and without a count of cells, a burst of motion may be any of the later divisions. */
	bool any_division = !signals->timed && !signals->counts_cells && j > STAGE_2 && j <= STAGE_9;
	if (any_division || within < CONFIDENCE_NEEDED || evidence(chain, position, j) < EVIDENCE_NEEDED)
		return;
	low = low < at ? low : at;
	high = high > at ? high : at;
	ret->place = PLACE_PLACED;
	ret->point = signals->point[at];
	ret->earliest = signals->point[low ? low - 1 : 0];
	ret->latest = signals->point[high < chain->n ? high : chain->n - 1];
	ret->confidence = (uint16_t)lround(1000 * fmin(within, 1));
}

/* Two events may not be placed on one point: the less sure one steps back. */
static void part(struct decoded *decoded)
{
	struct placement *before = NULL;
	for (int j = STAGE_PNA; j <= STAGE_HB; j++) {
		struct placement *here = &decoded->events[j];
		if (here->place != PLACE_PLACED)
			continue;
		if (before && before->point >= here->point) {
			bool first_is_surer = before->confidence >= here->confidence;
			(first_is_surer ? here : before)->place = PLACE_UNSEEN;
			if (first_is_surer)
				continue;
		}
		before = here;
	}
}

/* Probability of each stage at the last usable point: its event is reached and the next one is not. */
static void weigh_last_stage(const struct chain *chain, struct decoded *decoded)
{
	double reached = 1;
	int top = STAGE_PB2;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		double next = j == STAGE_HB ? 0 : 1 - probability(chain, j + 1, chain->n);
		decoded->stage[j] = (uint16_t)lround(1000 * fmin(fmax(reached - next, 0), 1));
		reached = next;
		if (decoded->stage[j] > decoded->stage[top])
			top = j;
	}
	decoded->last_stage = (enum stage)top;
}

static bool chain_make(struct chain *chain, const struct signals *signals, const struct priors *priors, struct err *err)
{
	size_t n = signals->count;
	chain->signals = signals;
	chain->priors = priors;
	chain->n = n;
	chain->length = calloc(STAGE_COUNT, sizeof *chain->length);
	chain->bin = calloc(n + 1, sizeof *chain->bin);
	chain->gap = calloc(n + 1, sizeof *chain->gap);
	chain->event = calloc(n + 1, sizeof *chain->event);
	chain->forward = calloc(n + 1, sizeof *chain->forward);
	chain->backward = calloc(n + 1, sizeof *chain->backward);
	chain->best = calloc(n + 1, sizeof *chain->best);
	chain->from = calloc(n + 1, sizeof *chain->from);
	chain->row = calloc(n + 1, sizeof *chain->row);
	if (!chain->length || !chain->bin || !chain->gap || !chain->event || !chain->forward || !chain->backward ||
	    !chain->best || !chain->from || !chain->row)
		return err_set(err, ERR_NO_MEMORY, "decoding %zu points", n);
	fill_points(chain);
	fill_lengths(chain);
	fill_events(chain);
	return true;
}

bool decode(const struct signals *signals, const struct priors *priors, struct decoded *ret_decoded, struct err *err)
{
	struct decoded decoded = {.last_stage = STAGE_EMPTY};
	if (signals->count > 0) {
		OWN(chain_done) struct chain chain = {0};
		size_t position[EVENTS];
		if (!chain_make(&chain, signals, priors, err))
			return false;
		pass_forward(&chain);
		pass_backward(&chain);
		find_best(&chain, position);
		prefer_likely(&chain, position);
		for (int j = STAGE_PNA; j <= STAGE_HB; j++)
			place(&chain, position, j, &decoded.events[j]);
		part(&decoded);
		/* Nothing comes before the polar body, so only what follows can tell that it is past. */
		if (decoded.events[STAGE_PNA].place == PLACE_BEFORE)
			decoded.events[STAGE_PB2].place = PLACE_BEFORE;
		weigh_last_stage(&chain, &decoded);
	}
	*ret_decoded = decoded;
	return true;
}

/* A point shows the latest stage that is reached by then with a probability of one half: the sequence only rises. */
static void fill_stages(const struct chain *chain, enum stage *stages)
{
	for (size_t i = 0; i < chain->n; i++)
		stages[chain->signals->point[i]] = STAGE_PB2;
	for (int j = STAGE_PNA; j <= STAGE_HB; j++) {
		double reached = 0;
		for (size_t i = 0; i < chain->n; i++) {
			reached += probability(chain, j, i);
			if (reached >= 0.5)
				stages[chain->signals->point[i]] = (enum stage)j;
		}
	}
}

/* Points with an embryo that were not usable have the stage of the usable one before, the first ones that of the next. */
static void carry_stages(const struct track *track, const struct signals *signals, enum stage *stages)
{
	enum stage last = signals->count > 0 ? stages[signals->point[0]] : STAGE_EMPTY;
	for (size_t i = 0; i < track->count; i++) {
		if (signals->empty[i])
			stages[i] = STAGE_EMPTY;
		else if (stages[i] == STAGE_EMPTY)
			stages[i] = last;
		else
			last = stages[i];
	}
}

bool decode_stages(const struct track *track, enum witness witness, const struct priors *priors,
    enum stage *ret_stages, struct err *err)
{
	OWN(signals_done) struct signals signals = {0};
	OWN(chain_done) struct chain chain = {0};
	OWN(free) enum stage *stages = calloc(track->count + 1, sizeof *stages);
	if (!stages)
		return err_set(err, ERR_NO_MEMORY, "decoding %zu points", track->count);
	if (!(witness == WITNESS_CLOCK ? signals_make_blind(track, &signals, err)
				       : signals_make(track, priors, &signals, err)))
		return false;
	if (signals.count > 0) {
		if (!chain_make(&chain, &signals, priors, err))
			return false;
		pass_forward(&chain);
		pass_backward(&chain);
		fill_stages(&chain, stages);
	}
	carry_stages(track, &signals, stages);
	memcpy(ret_stages, stages, track->count * sizeof *stages);
	return true;
}
