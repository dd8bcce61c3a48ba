#include "work/plan_inside.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* From this share of its time on that the home has work for, a morning is tight. */
static const double tight = 0.4;

static const char *const STATE_NAMES[] = {"off", "home", "spilling", "draining", "stalled"};

const char *plan_state_name(enum plan_state state)
{
	return STATE_NAMES[state];
}

const char *plan_why_sentence(enum plan_why why)
{
	static const char *const SENTENCES[] = {
	    [PLAN_WHY_IN_TIME] = "ready in time at home",
	    [PLAN_WHY_NO_DEADLINE] = "has no deadline and is read at home",
	    [PLAN_WHY_SPILL] = "without the cloud it, or a dish before it, would be late",
	    [PLAN_WHY_INSURANCE] =
	        "would be late if the home turned out slower; the cloud has time enough to wait and see",
	    [PLAN_WHY_LATE] = "late in any case; done as soon as possible",
	    [PLAN_WHY_NO_CLOUD] = "late, and no cloud can be used now",
	    [PLAN_WHY_BUDGET] = "late, and the budget is spent",
	};
	return SENTENCES[why];
}

void plan_defaults(struct plan_input *ret_input)
{
	*ret_input = (struct plan_input){
	    .batch_size = 64,
	    .hedge_share = 0.05,
	    .margin = 0.05,
	    .hope = 0.2,
	    .guard_us = 300 * 1000000ll,
	    .settle_us = 10 * 1000000ll,
	    .step = 16,
	};
}

/* The dishes due by one deadline, by earliest deadline: everything up to this place in the order. */
struct prefix {
	double left; /* until its deadline, microseconds; may be negative; INFINITY */
	double work; /* slot time at home for all that is not in flight */
	double flying; /* cuts in flight */
	int spillable; /* cuts that could still be sent */
	int most; /* of these, that are worth it */
	int high, now; /* cuts to be sent at least */
};

bool plan_lane_usable(const struct plan_lane *lane)
{
	return lane->allowed && lane->healthy && lane->slots > 0;
}

static double upload_us(const struct plan_input *input, int cuts)
{
	return input->uplink_bytes_s > 0 ? cuts * input->bytes_per_cut / input->uplink_bytes_s * 1e6 : 0;
}

int plan_batch_most(const struct plan_input *input, const struct plan_lane *lane)
{
	enum { BATCH_US = 10 * 1000000 };
	double cuts = lane->read_us > 0 ? BATCH_US / lane->read_us : input->batch_size;
	return cuts < 1 ? 1 : cuts < input->batch_size ? (int)cuts : input->batch_size;
}

double plan_service_us(const struct plan_input *input, const struct plan_lane *lane, int cuts)
{
	return lane->latency_us + cuts * lane->read_us + upload_us(input, cuts);
}

double plan_lane_rate(const struct plan_input *input, const struct plan_lane *lane)
{
	int cuts = plan_batch_most(input, lane);
	double busy_us = lane->latency_us + cuts * lane->read_us;
	double share = lane->failure_share < 0.9 ? 1 - lane->failure_share : 0.1;
	return busy_us > 0 ? lane->slots * cuts / busy_us * share : 0;
}

/* Of what is in flight, the share that is still to be done. One that is overdue may take a while yet. */
static double aloft(const struct plan_input *input)
{
	static const double least = 0.25;
	double cuts = 0, left = 0;
	for (int i = 0; i < input->batches_count; i++) {
		const struct plan_batch *batch = &input->batches[i];
		double usual = plan_service_us(input, &input->lanes[batch->lane], batch->cuts);
		cuts += batch->cuts;
		left += batch->cuts * fmax(1 - (double)batch->age_us / fmax(usual, 1), least);
	}
	return cuts > 0 ? left / cuts : 1;
}

struct plan_powers plan_powers_of(const struct plan_input *input)
{
	struct plan_powers p = {.cut = input->home.cut_us,
	    .read = fmax(input->home.read_us, 1),
	    .slots = input->home.slots > 0 ? input->home.slots : 1e-3,
	    .fast = fmax(input->home.slow, 1),
	    .aloft = aloft(input)};
	double weight = 0, closed = INFINITY;
	for (int i = 0; i < input->lanes_count; i++) {
		const struct plan_lane *lane = &input->lanes[i];
		bool usable = plan_lane_usable(lane);
		p.configured = true;
		p.allowed = p.allowed || lane->allowed;
		if (!lane->allowed || lane->slots <= 0 || (!usable && lane->closed_us <= 0))
			continue;
		double rate = plan_lane_rate(input, lane);
		double away = usable ? 0 : (double)lane->closed_us;
		p.open = p.open || usable;
		p.rate += rate;
		p.latency = fmax(p.latency,
		    plan_service_us(input, lane, plan_batch_most(input, lane)) * fmax(lane->spread, 1));
		p.last = fmax(p.last, plan_service_us(input, lane, PLAN_FEW) * fmax(lane->spread, 1));
		p.price += rate * (double)lane->price_nano;
		weight += rate;
		closed = fmin(closed, away);
	}
	if (p.rate <= 0)
		return p;
	p.price /= weight;
	p.latency += closed;
	p.last += closed;
	if (input->uplink_bytes_s > 0 && input->bytes_per_cut > 0)
		p.rate = fmin(p.rate, input->uplink_bytes_s / input->bytes_per_cut / 1e6);
	/* Nobody can read faster than the home cuts. */
	if (p.cut > 0)
		p.rate = fmin(p.rate, p.slots / p.cut);
	double afford = input->budget_left_nano <= 0 ? 0 : (double)input->budget_left_nano / fmax(p.price, 1);
	p.affordable = afford > 1e9 ? 1000000000 : (int64_t)afford;
	return p;
}

double plan_home_work(const struct plan_dish *dish, const struct plan_powers *p)
{
	return dish->to_cut * (p->cut + p->read) + dish->at_home * (p->cut + p->read) / 2 +
	       dish->cutting * (p->cut / 2 + p->read) + dish->to_read * p->read;
}

int plan_spillable(const struct plan_dish *dish)
{
	return dish->deadline_us == PLAN_NO_DEADLINE ? 0 : dish->to_cut + dish->cutting + dish->to_read;
}

int plan_step_count(const struct plan_input *input)
{
	enum { STEP_US = 4 * 1000000 };
	double count = STEP_US / fmax(input->home.cut_us + input->home.read_us, 1);
	return count < 1 ? 1 : count < input->step ? (int)count : input->step;
}

double plan_time_left(const struct plan_input *input, const struct plan_dish *dish)
{
	if (dish->deadline_us == PLAN_NO_DEADLINE)
		return INFINITY;
	return (double)(dish->deadline_us - input->now_us - input->settle_us);
}

static int whole(double cuts, double most)
{
	return cuts <= 0 ? 0 : (int)ceil(fmin(cuts, most));
}

/* The most that is worth sending of a prefix: more, and the cloud would be done after the home. */
static double balance(const struct prefix *x, const struct plan_powers *p)
{
	double home = x->work / p->slots - p->last - x->flying * p->aloft / p->rate;
	return home / (p->read / p->slots + 1 / p->rate);
}

static void need(const struct plan_input *input, const struct plan_powers *p, struct prefix *x)
{
	x->high = x->now = 0;
	if (p->rate <= 0 || isinf(x->left))
		return;
	double time = p->slots * fmax(x->left, 0);
	/* The last step of each slot ends somewhere in the time of a step. */
	double tail = p->slots * plan_step_count(input) * (p->cut + p->read);
	double most = fmax(fmin(fmin(x->most, (double)p->affordable), balance(x, p)), 0);
	double sure = (x->work - time * p->fast * (1 + input->hope)) / p->read;
	double high = (x->work - time * (1 - input->margin) + fmin(tail, x->work)) / p->read;
	double cloud_us = p->latency + (fmax(high, 0) + x->flying) / p->rate;
	bool pressing = x->left - cloud_us * 1.5 < (double)input->guard_us;
	x->high = whole(high, most);
	x->now = pressing ? x->high : input->home.guessed ? 0 : whole(sure, most);
}

/* Hands what a prefix needs to its dishes, the latest first: they have the most time to come home again. */
static void assign(const struct plan_input *input, const struct prefix *prefixes, struct plan *plan)
{
	int high = 0, now = 0;
	for (int k = 0; k < input->dishes_count; k++) {
		int more_high = prefixes[k].high - high, more_now = prefixes[k].now - now;
		for (int j = k; j >= 0 && (more_high > 0 || more_now > 0); j--) {
			struct plan_dish_result *result = &plan->dishes[plan->order[j]];
			int room = plan_spillable(&input->dishes[plan->order[j]]);
			int take_high = more_high < room - result->spill ? more_high : room - result->spill;
			if (take_high > 0) {
				result->spill += take_high;
				more_high -= take_high;
				high += take_high;
			}
			int take_now =
			    more_now < result->spill - result->now ? more_now : result->spill - result->now;
			if (take_now > 0) {
				result->now += take_now;
				more_now -= take_now;
				now += take_now;
			}
		}
	}
	plan->spill = high;
	plan->now = now;
}

static int64_t after(const struct plan_input *input, double us)
{
	return input->now_us + (int64_t)fmin(us, 1e15) + input->settle_us;
}

static enum plan_why why_of(
    const struct plan_dish *dish, const struct plan_dish_result *result, const struct plan_powers *p)
{
	if (dish->deadline_us == PLAN_NO_DEADLINE)
		return PLAN_WHY_NO_DEADLINE;
	if (result->late && p->rate > 0 && p->affordable == 0)
		return PLAN_WHY_BUDGET;
	if (result->late && p->rate <= 0)
		return PLAN_WHY_NO_CLOUD;
	if (result->late)
		return PLAN_WHY_LATE;
	if (result->now > 0)
		return PLAN_WHY_SPILL;
	return result->spill > 0 ? PLAN_WHY_INSURANCE : PLAN_WHY_IN_TIME;
}

/* Each dish at the time when home and cloud, both by earliest deadline, have done everything up to it. */
static void forecast(const struct plan_input *input, const struct plan_powers *p,
    const struct prefix *prefixes, struct plan *plan)
{
	double spilled = 0;
	for (int k = 0; k < input->dishes_count; k++) {
		const struct plan_dish *dish = &input->dishes[plan->order[k]];
		struct plan_dish_result *result = &plan->dishes[plan->order[k]];
		const struct prefix *x = &prefixes[k];
		spilled += result->spill;
		bool empty = plan_home_work(dish, p) <= 0 && dish->in_flight == 0;
		double home = fmax(x->work - spilled * p->read, 0) / p->slots;
		double cloud = 0;
		if (result->spill + dish->in_flight > 0 && p->rate > 0)
			cloud = p->latency + (spilled + x->flying) / p->rate;
		result->ready_us = empty ? input->now_us : after(input, fmax(home, cloud));
		result->ready_local_us =
		    empty ? input->now_us : after(input, (x->work + x->flying * p->read) / p->slots);
		result->late = !empty && result->ready_us > dish->deadline_us;
		result->why = why_of(dish, result, p);
		if (plan->ready_us < result->ready_us)
			plan->ready_us = result->ready_us;
		if (plan->ready_local_us < result->ready_local_us)
			plan->ready_local_us = result->ready_local_us;
	}
}

/* As many slots, the cheapest lanes first, as do the work in a third of the time that is left; each further
 * one may be a cold start that is paid for. */
static void want_slots(const struct plan_input *input, const struct prefix *prefixes, struct plan *plan)
{
	double rate = 0;
	for (int k = 0; k < input->dishes_count; k++) {
		const struct prefix *x = &prefixes[k];
		if (x->now > 0)
			rate = fmax(rate, (x->now + x->flying) / fmax(x->left / 3, 1));
	}
	bool taken[PLAN_LANES_MAX] = {false};
	for (int round = 0; round < input->lanes_count && rate > 0; round++) {
		int best = -1;
		for (int i = 0; i < input->lanes_count; i++) {
			const struct plan_lane *lane = &input->lanes[i];
			if (!taken[i] && plan_lane_usable(lane) &&
			    (best < 0 || lane->price_nano < input->lanes[best].price_nano))
				best = i;
		}
		if (best < 0)
			break;
		const struct plan_lane *lane = &input->lanes[best];
		double one = plan_lane_rate(input, lane) / lane->slots;
		double slots = one > 0 ? ceil(rate / one) : lane->slots;
		taken[best] = true;
		plan->slots_wanted[best] = slots < lane->slots ? (int)slots : lane->slots;
		rate -= plan->slots_wanted[best] * one;
	}
}

enum { DURATION_SIZE = 24 };

static const char *duration(char text[DURATION_SIZE], int64_t us)
{
	long long s = us < 0 ? 0 : us / 1000000;
	if (s < 120)
		snprintf(text, DURATION_SIZE, "%lld s", s);
	else if (s < 7200)
		snprintf(text, DURATION_SIZE, "%lld min", (s + 30) / 60);
	else
		snprintf(text, DURATION_SIZE, "%lld h %lld min", s / 3600, s / 60 % 60);
	return text;
}

/* What keeps the cloud from being used now. */
static const char *hindrance(const struct plan_powers *p)
{
	if (!p->configured)
		return "no cloud is configured";
	if (!p->allowed)
		return "the clinic's policy allows the region of no endpoint";
	if (!p->open)
		return "no endpoint can be used now";
	return "the budget is spent";
}

struct sums {
	int late, in_flight;
	int64_t latest_us; /* how late the latest dish is */
	int64_t latest_local_us; /* and without the cloud */
};

static struct sums sums_of(const struct plan_input *input, const struct plan *plan)
{
	struct sums sums = {0};
	for (int i = 0; i < input->dishes_count; i++) {
		const struct plan_dish *dish = &input->dishes[i];
		const struct plan_dish_result *result = &plan->dishes[i];
		sums.in_flight += dish->in_flight;
		bool ready = result->ready_local_us <= input->now_us;
		if (dish->deadline_us == PLAN_NO_DEADLINE || ready)
			continue;
		sums.late += result->late;
		int64_t late = result->ready_us - dish->deadline_us,
		        local = result->ready_local_us - dish->deadline_us;
		sums.latest_us = late > sums.latest_us ? late : sums.latest_us;
		sums.latest_local_us = local > sums.latest_local_us ? local : sums.latest_local_us;
	}
	return sums;
}

static void say(const struct plan_input *input, const struct plan_powers *p, struct plan *plan)
{
	struct sums sums = sums_of(input, plan);
	char late[DURATION_SIZE], local[DURATION_SIZE];
	duration(late, sums.latest_us);
	duration(local, sums.latest_local_us);
	bool usable = p->open && p->affordable > 0;
	if (!p->configured || !p->allowed) {
		plan->state = PLAN_OFF;
		snprintf(plan->reason, PLAN_TEXT_MAX, "%s; %s", hindrance(p),
		    sums.late ? "the board will be late" : "all will be ready in time at home");
	} else if (!usable && sums.latest_local_us > 0) {
		plan->state = PLAN_STALLED;
		snprintf(plan->reason, PLAN_TEXT_MAX, "%s; at home alone the board will be %s late",
		    hindrance(p), local);
	} else if (plan->now > 0 && sums.late) {
		plan->state = PLAN_SPILLING;
		snprintf(plan->reason, PLAN_TEXT_MAX,
		    "%d dish%s will be late, by up to %s; at home alone it would be %s", sums.late,
		    sums.late == 1 ? "" : "es", late, local);
	} else if (plan->now > 0 && sums.latest_local_us <= 0) {
		plan->state = PLAN_SPILLING;
		snprintf(plan->reason, PLAN_TEXT_MAX,
		    "at home alone it would be too close; %d time points go to the cloud", plan->now);
	} else if (plan->now > 0) {
		plan->state = PLAN_SPILLING;
		snprintf(plan->reason, PLAN_TEXT_MAX,
		    "at home alone the board would be %s late; %d time points go to the cloud", local,
		    plan->now);
	} else if (sums.in_flight) {
		plan->state = PLAN_DRAINING;
		snprintf(plan->reason, PLAN_TEXT_MAX,
		    "nothing more needs the cloud; %d time points are on their way back", sums.in_flight);
	} else {
		plan->state = PLAN_AT_HOME;
		snprintf(plan->reason, PLAN_TEXT_MAX, "%s",
		    plan->spill ? "all will be ready in time at home, if only just; the cloud is held ready"
		    : sums.late ? "the cloud cannot be faster than the home now"
		                : "all will be ready in time at home");
	}
}

void plan_make(const struct plan_input *input, struct plan *ret_plan)
{
	struct prefix prefixes[PLAN_DISHES_MAX];
	struct prefix sum = {0};
	bool late[PLAN_DISHES_MAX] = {false};
	struct plan_powers p = plan_powers_of(input);
	assert(input->dishes_count <= PLAN_DISHES_MAX && input->lanes_count <= PLAN_LANES_MAX);
	memset(ret_plan, 0, sizeof *ret_plan);
	ret_plan->ready_us = ret_plan->ready_local_us = input->now_us;
	plan_order(input, &p, ret_plan->order, late);
	for (int k = 0; k < input->dishes_count; k++) {
		const struct plan_dish *dish = &input->dishes[ret_plan->order[k]];
		sum.left = plan_time_left(input, dish);
		sum.work += plan_home_work(dish, &p);
		sum.flying += dish->in_flight;
		sum.spillable += plan_spillable(dish);
		/* A dish that is late in any case is worth its own readings, not those of the dishes before it. */
		sum.most = late[ret_plan->order[k]] ? sum.high + plan_spillable(dish) : sum.spillable;
		need(input, &p, &sum);
		prefixes[k] = sum;
		if (p.rate > 0 && p.affordable > 0 && sum.work > tight * p.slots * sum.left)
			ret_plan->tight = true;
	}
	assign(input, prefixes, ret_plan);
	forecast(input, &p, prefixes, ret_plan);
	want_slots(input, prefixes, ret_plan);
	ret_plan->money_nano = (int64_t)(ret_plan->spill * p.price);
	say(input, &p, ret_plan);
}
