#include "work/plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Deadlines so close to each other count as one when home chooses what to cut first. */
#define DUE_TOGETHER_US (60 * 1000000ll)

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

/* What all lanes together can do, and the home beside them. */
struct powers {
	double cut, read, slots; /* of the home, microseconds */
	double fast; /* how many times faster it is when nothing slows it down */
	double rate; /* cuts a microsecond that the cloud reads; 0: none */
	double latency; /* of a slow batch, with what an open breaker still takes */
	double price; /* of a cut, nano-dollars, as the lanes share the work */
	int64_t affordable; /* cuts */
	bool configured, allowed, open; /* some lane is there; its region is allowed; it can be used now */
};

/* The dishes due by one deadline, by earliest deadline: everything up to this place in the order. */
struct prefix {
	double left; /* until its deadline, microseconds; may be negative; INFINITY */
	double work; /* slot time at home for all that is not in flight */
	double flying; /* cuts in flight */
	int spillable; /* cuts that could still be sent */
	int most; /* of these, that are worth it */
	int high, now; /* cuts to be sent at least */
};

static bool lane_usable(const struct plan_lane *lane)
{
	return lane->allowed && lane->healthy && lane->slots > 0;
}

static double upload_us(const struct plan_input *input, int cuts)
{
	return input->uplink_bytes_s > 0 ? cuts * input->bytes_per_cut / input->uplink_bytes_s * 1e6 : 0;
}

/* Cuts that a slot reads in a reasonable time: gateways give up after half a minute. */
static int batch_most(const struct plan_input *input, const struct plan_lane *lane)
{
	enum { BATCH_US = 10 * 1000000 };
	double cuts = lane->read_us > 0 ? BATCH_US / lane->read_us : input->batch_size;
	return cuts < 1 ? 1 : cuts < input->batch_size ? (int)cuts : input->batch_size;
}

/* How long the usual batch of this size is away. */
static double service_us(const struct plan_input *input, const struct plan_lane *lane, int cuts)
{
	return lane->latency_us + cuts * lane->read_us + upload_us(input, cuts);
}

static double lane_rate(const struct plan_input *input, const struct plan_lane *lane)
{
	int cuts = batch_most(input, lane);
	double busy_us = lane->latency_us + cuts * lane->read_us;
	double share = lane->failure_share < 0.9 ? 1 - lane->failure_share : 0.1;
	return busy_us > 0 ? lane->slots * cuts / busy_us * share : 0;
}

static struct powers powers_of(const struct plan_input *input)
{
	struct powers p = {.cut = input->home.cut_us,
	    .read = fmax(input->home.read_us, 1),
	    .slots = input->home.slots > 0 ? input->home.slots : 1e-3,
	    .fast = fmax(input->home.slow, 1)};
	double weight = 0, closed = INFINITY;
	for (int i = 0; i < input->lanes_count; i++) {
		const struct plan_lane *lane = &input->lanes[i];
		bool usable = lane_usable(lane);
		p.configured = true;
		p.allowed = p.allowed || lane->allowed;
		if (!lane->allowed || lane->slots <= 0 || (!usable && lane->closed_us <= 0))
			continue;
		double rate = lane_rate(input, lane);
		double away = usable ? 0 : (double)lane->closed_us;
		p.open = p.open || usable;
		p.rate += rate;
		p.latency =
		    fmax(p.latency, service_us(input, lane, batch_most(input, lane)) * fmax(lane->spread, 1));
		p.price += rate * (double)lane->price_nano;
		weight += rate;
		closed = fmin(closed, away);
	}
	if (p.rate <= 0)
		return p;
	p.price /= weight;
	p.latency += closed;
	if (input->uplink_bytes_s > 0 && input->bytes_per_cut > 0)
		p.rate = fmin(p.rate, input->uplink_bytes_s / input->bytes_per_cut / 1e6);
	/* Nobody can read faster than the home cuts. */
	if (p.cut > 0)
		p.rate = fmin(p.rate, p.slots / p.cut);
	double afford = input->budget_left_nano <= 0 ? 0 : (double)input->budget_left_nano / fmax(p.price, 1);
	p.affordable = afford > 1e9 ? 1000000000 : (int64_t)afford;
	return p;
}

static bool earlier(const struct plan_dish *a, const struct plan_dish *b)
{
	if (a->deadline_us != b->deadline_us)
		return a->deadline_us < b->deadline_us;
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->id < b->id;
}

/* Insertion: some thirty dishes, nearly in order. */
static void sort_dishes(const struct plan_dish *dishes, int *order, int count)
{
	for (int i = 1; i < count; i++) {
		int one = order[i], at = i;
		for (; at > 0 && earlier(&dishes[one], &dishes[order[at - 1]]); at--)
			order[at] = order[at - 1];
		order[at] = one;
	}
}

/* Slot time at home that a dish still takes: of what is in hand about half is done. */
static double home_work(const struct plan_dish *dish, const struct powers *p)
{
	return dish->to_cut * (p->cut + p->read) + dish->at_home * (p->cut + p->read) / 2 +
	       dish->cutting * (p->cut / 2 + p->read) + dish->to_read * p->read;
}

static int spillable(const struct plan_dish *dish)
{
	return dish->deadline_us == PLAN_NO_DEADLINE ? 0 : dish->to_cut + dish->cutting + dish->to_read;
}

/* Time points that a home slot takes at a time: some seconds of work, so that it soon is free for what is urgent. */
static int step_count(const struct plan_input *input)
{
	enum { STEP_US = 4 * 1000000 };
	double count = STEP_US / fmax(input->home.cut_us + input->home.read_us, 1);
	return count < 1 ? 1 : count < input->step ? (int)count : input->step;
}

/* When everything up to here could be done, by home and cloud together. */
static double soonest(const struct powers *p, double cut_us, double work_us, double cuts)
{
	double home = work_us / p->slots;
	if (p->rate <= 0)
		return home;
	double reads = fmin(cuts, (double)p->affordable);
	double both = (work_us + p->read * p->rate * p->latency) / (p->slots + p->read * p->rate);
	double sent = fmax(cut_us, work_us - reads * p->read) / p->slots;
	return fmin(home, fmax(both, sent));
}

/* All work up to a place in the order. */
struct load {
	double cut, work, cuts;
};

static void load_add(struct load *load, const struct plan_dish *dish, const struct powers *p, int sign)
{
	load->cut += sign * dish->to_cut * p->cut;
	load->work += sign * home_work(dish, p);
	load->cuts += sign * spillable(dish);
}

static double time_left(const struct plan_input *input, const struct plan_dish *dish)
{
	if (dish->deadline_us == PLAN_NO_DEADLINE)
		return INFINITY;
	return (double)(dish->deadline_us - input->now_us - input->settle_us);
}

static bool fits(const struct plan_input *input, const struct powers *p, const struct load *load, int dish)
{
	return soonest(p, load->cut, load->work, load->cuts) <= fmax(time_left(input, &input->dishes[dish]), 0);
}

static int largest_of(const struct plan_input *input, const struct powers *p, const int *order, int count)
{
	int largest = 0;
	for (int i = 1; i < count; i++)
		if (home_work(&input->dishes[order[i]], p) > home_work(&input->dishes[order[largest]], p))
			largest = i;
	return largest;
}

/* Takes out of the order what cannot be in time whatever is done, so that it makes nothing else late: as long as the
 * dishes up to a deadline do not fit, the largest of them (J. M. Moore, Management Science 15, 1968). One that is nearly
 * done stays. Returns how many remain; the others are put behind them. */
static int take_late(const struct plan_input *input, const struct powers *p, int *order)
{
	enum { NEARLY_US = 20 * 1000000 };
	int late[PLAN_DISHES_MAX], kept = 0, late_count = 0;
	struct load load = {0};
	for (int k = 0; k < input->dishes_count; k++) {
		int last = order[k];
		order[kept++] = last;
		load_add(&load, &input->dishes[last], p, 1);
		while (!fits(input, p, &load, last)) {
			int largest = largest_of(input, p, order, kept);
			const struct plan_dish *dish = &input->dishes[order[largest]];
			if (home_work(dish, p) < NEARLY_US * p->slots)
				break;
			load_add(&load, dish, p, -1);
			late[late_count++] = order[largest];
			kept--;
			memmove(&order[largest], &order[largest + 1], (size_t)(kept - largest) * sizeof *order);
		}
	}
	sort_dishes(input->dishes, late, late_count);
	memcpy(order + kept, late, (size_t)late_count * sizeof *order);
	return kept;
}

/* Late dishes go back into the order as early as they make no other one late. */
static void put_late(const struct plan_input *input, const struct powers *p, int *order, int kept, bool *ret_late)
{
	for (int count = kept; count < input->dishes_count; count++) {
		int dish = order[count], place = 0;
		struct load load = {0};
		load_add(&load, &input->dishes[dish], p, 1);
		for (int k = 0; k < count; k++) {
			load_add(&load, &input->dishes[order[k]], p, 1);
			if (ret_late[order[k]] || !fits(input, p, &load, order[k]))
				place = k + 1;
		}
		memmove(&order[place + 1], &order[place], (size_t)(count - place) * sizeof *order);
		order[place] = dish;
		ret_late[dish] = true;
	}
}

static int whole(double cuts, double most)
{
	return cuts <= 0 ? 0 : (int)ceil(fmin(cuts, most));
}

/* The most that is worth sending of a prefix: more, and the cloud would be done after the home. */
static double balance(const struct prefix *x, const struct powers *p)
{
	double home = x->work / p->slots - p->latency - x->flying / p->rate;
	return home / (p->read / p->slots + 1 / p->rate);
}

static void need(const struct plan_input *input, const struct powers *p, struct prefix *x)
{
	x->high = x->now = 0;
	if (p->rate <= 0 || isinf(x->left))
		return;
	double time = p->slots * fmax(x->left, 0);
	/* The last step of each slot ends somewhere in the time of a step. */
	double tail = p->slots * step_count(input) * (p->cut + p->read);
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
			int room = spillable(&input->dishes[plan->order[j]]);
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
    const struct plan_dish *dish, const struct plan_dish_result *result, const struct powers *p)
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
static void forecast(
    const struct plan_input *input, const struct powers *p, const struct prefix *prefixes, struct plan *plan)
{
	double spilled = 0;
	for (int k = 0; k < input->dishes_count; k++) {
		const struct plan_dish *dish = &input->dishes[plan->order[k]];
		struct plan_dish_result *result = &plan->dishes[plan->order[k]];
		const struct prefix *x = &prefixes[k];
		spilled += result->spill;
		bool empty = home_work(dish, p) <= 0 && dish->in_flight == 0;
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
			if (!taken[i] && lane_usable(lane) &&
			    (best < 0 || lane->price_nano < input->lanes[best].price_nano))
				best = i;
		}
		if (best < 0)
			break;
		const struct plan_lane *lane = &input->lanes[best];
		double one = lane_rate(input, lane) / lane->slots;
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
static const char *hindrance(const struct powers *p)
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

static void say(const struct plan_input *input, const struct powers *p, struct plan *plan)
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
	struct powers p = powers_of(input);
	memset(ret_plan, 0, sizeof *ret_plan);
	ret_plan->ready_us = ret_plan->ready_local_us = input->now_us;
	for (int i = 0; i < input->dishes_count; i++)
		ret_plan->order[i] = i;
	sort_dishes(input->dishes, ret_plan->order, input->dishes_count);
	put_late(input, &p, ret_plan->order, take_late(input, &p, ret_plan->order), late);
	for (int k = 0; k < input->dishes_count; k++) {
		const struct plan_dish *dish = &input->dishes[ret_plan->order[k]];
		sum.left = time_left(input, dish);
		sum.work += home_work(dish, &p);
		sum.flying += dish->in_flight;
		sum.spillable += spillable(dish);
		/* A dish that is late in any case is worth its own readings, not those of the dishes before it. */
		sum.most = late[ret_plan->order[k]] ? sum.high + spillable(dish) : sum.spillable;
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

static int at_most(int value, int most)
{
	return value < most ? value : most;
}

/* Of what is to be sent now, what is cut already. */
static int pool(const struct plan_input *input, const struct plan *plan)
{
	int cuts = 0;
	for (int i = 0; i < input->dishes_count; i++)
		cuts += at_most(input->dishes[i].to_read, plan->dishes[i].now);
	return cuts;
}

/* The dish that home should cut for the cloud: the earliest that has something to send and nothing cut for
 * it. -1: none. */
static int feed(const struct plan_input *input, const struct plan *plan)
{
	for (int k = 0; k < input->dishes_count; k++) {
		int i = plan->order[k];
		const struct plan_dish *dish = &input->dishes[i];
		const struct plan_dish_result *result = &plan->dishes[i];
		if (dish->to_cut > 0 && result->now > dish->to_read + dish->cutting)
			return i;
	}
	return -1;
}

/* Cuts that should lie ready: a batch for each slot that is free, and what the others will take while a step is cut. */
static double pool_wanted(const struct plan_input *input, const struct plan *plan)
{
	double cuts = 0, rate = 0;
	for (int i = 0; i < input->lanes_count; i++) {
		const struct plan_lane *lane = &input->lanes[i];
		if (!lane_usable(lane))
			continue;
		int wanted = plan->slots_wanted[i];
		cuts += fmax(wanted - lane->busy, 0) * batch_most(input, lane);
		rate += lane_rate(input, lane) * wanted / lane->slots;
	}
	return cuts + rate * 2 * input->step * input->home.cut_us + input->batch_size;
}

/* The earliest dish with something that no cloud slot is to have; with all, the earliest with anything. */
static struct plan_task earliest(const struct plan_input *input, const struct plan *plan, bool all)
{
	for (int k = 0; k < input->dishes_count; k++) {
		int i = plan->order[k];
		const struct plan_dish *dish = &input->dishes[i];
		int keep = all ? 0 : plan->dishes[i].spill;
		int keep_read = at_most(keep, dish->to_read), keep_cut = keep - keep_read - dish->cutting;
		int reads = dish->to_read - keep_read, trips = dish->to_cut - (keep_cut > 0 ? keep_cut : 0);
		if (reads > 0)
			return (struct plan_task){
			    .kind = PLAN_TASK_READ, .dish = i, .count = at_most(reads, step_count(input))};
		if (trips > 0)
			return (struct plan_task){
			    .kind = PLAN_TASK_TRIP, .dish = i, .count = at_most(trips, step_count(input))};
	}
	return (struct plan_task){.kind = PLAN_TASK_NOTHING};
}

static bool any_usable(const struct plan_input *input)
{
	for (int i = 0; i < input->lanes_count; i++)
		if (lane_usable(&input->lanes[i]))
			return true;
	return false;
}

/* A batch in flight that home would have read before its answer can be expected. */
static struct plan_task hedge_at_home(const struct plan_input *input)
{
	struct plan_task task = {.kind = PLAN_TASK_NOTHING};
	double worst = 0;
	for (int i = 0; i < input->batches_count; i++) {
		const struct plan_batch *batch = &input->batches[i];
		if (batch->at_home || batch->cuts <= 0)
			continue;
		const struct plan_lane *lane = &input->lanes[batch->lane];
		double rest = service_us(input, lane, batch->cuts) - (double)batch->age_us;
		double home = batch->cuts * input->home.read_us;
		/* One that is overdue may as well take as long again. */
		double gain = (rest > 0 ? rest : (double)batch->age_us) - home;
		if (gain > worst) {
			worst = gain;
			task = (struct plan_task){.kind = PLAN_TASK_HEDGE, .batch = i, .count = batch->cuts};
		}
	}
	return task;
}

/* On a tight morning home cuts all that is due first before it reads any of it: what is cut can go to the
 * cloud at once if more should land, and is read at home if not. What is due later is left alone: the time
 * may be needed for what has not landed yet. */
static int cut_first(const struct plan_input *input, const struct plan *plan)
{
	int64_t due_us = INT64_MIN;
	for (int k = 0; k < input->dishes_count; k++) {
		int i = plan->order[k];
		const struct plan_dish *dish = &input->dishes[i];
		if (dish->deadline_us == PLAN_NO_DEADLINE ||
		    (due_us != INT64_MIN && dish->deadline_us > due_us))
			return -1;
		if (dish->to_cut > 0)
			return i;
		if (dish->to_read > 0 && due_us == INT64_MIN)
			due_us = dish->deadline_us + DUE_TOGETHER_US;
	}
	return -1;
}

/* Is there, among what home does itself, a dish that is due earlier than the other one and has no time to lose? */
static bool urgent(
    const struct plan_input *input, const struct plan *plan, const struct plan_task *task, int other)
{
	int64_t due_us = input->dishes[task->dish].deadline_us;
	int64_t reserve_us = due_us - input->now_us > 0 ? (due_us - input->now_us) / 8 : 0;
	return due_us < input->dishes[other].deadline_us &&
	       plan->dishes[task->dish].ready_us + reserve_us > due_us;
}

/* What to cut without reading it: for the cloud, or because it is due first. */
static struct plan_task cut_only(const struct plan_input *input, const struct plan *plan)
{
	int cutting = 0;
	for (int i = 0; i < input->dishes_count; i++)
		cutting += input->dishes[i].cutting;
	int dish = feed(input, plan);
	if (dish < 0 || pool(input, plan) + cutting >= pool_wanted(input, plan))
		dish = plan->tight ? cut_first(input, plan) : -1;
	if (dish < 0)
		return (struct plan_task){.kind = PLAN_TASK_NOTHING};
	return (struct plan_task){
	    .kind = PLAN_TASK_CUT, .dish = dish, .count = at_most(input->dishes[dish].to_cut, input->step)};
}

struct plan_task plan_next_home(const struct plan_input *input, const struct plan *plan)
{
	/* While no endpoint can be used nothing is kept for it. */
	struct plan_task task = earliest(input, plan, input->home.guessed || !any_usable(input));
	struct plan_task cut = cut_only(input, plan);
	bool reads =
	    task.kind != PLAN_TASK_NOTHING && (input->home.guessed || urgent(input, plan, &task, cut.dish));
	if (cut.kind == PLAN_TASK_CUT && !reads)
		return cut;
	if (task.kind == PLAN_TASK_NOTHING)
		task = earliest(input, plan, true);
	return task.kind == PLAN_TASK_NOTHING ? hedge_at_home(input) : task;
}

static struct plan_send wait_because(const char *why)
{
	return (struct plan_send){.kind = PLAN_SEND_WAIT, .why = why};
}

/* At the tail, when a deadline hangs on a batch that is overdue: the same cuts once more. */
static struct plan_send hedge_in_cloud(const struct plan_input *input, const struct powers *p)
{
	struct plan_send send = wait_because("nothing more needs the cloud");
	double worst = 0;
	for (int i = 0; i < input->batches_count; i++) {
		const struct plan_batch *batch = &input->batches[i];
		const struct plan_lane *lane = &input->lanes[batch->lane];
		double usual = service_us(input, lane, batch->cuts);
		double over = (double)batch->age_us / (usual * fmax(lane->spread, 1));
		int64_t left =
		    batch->deadline_us == PLAN_NO_DEADLINE ? INT64_MAX : batch->deadline_us - input->now_us;
		bool capped = (double)(input->hedged_cuts + batch->cuts) >
		              input->hedge_share * (double)input->sent_cuts;
		if (batch->hedged || batch->at_home || batch->cuts <= 0 || capped ||
		    batch->cuts > p->affordable || over < 1 ||
		    (double)left > 4 * usual + (double)input->settle_us || over < worst)
			continue;
		worst = over;
		send = (struct plan_send){.kind = PLAN_SEND_HEDGE,
		    .batch = i,
		    .count = batch->cuts,
		    .why = "this batch is overdue and its deadline near"};
	}
	return send;
}

static int in_flight(const struct plan_input *input)
{
	int cuts = 0;
	for (int i = 0; i < input->dishes_count; i++)
		cuts += input->dishes[i].in_flight;
	return cuts;
}

/* Cuts the next batch should have: all that is to be sent shared among the slots wanted, but not so few
 * that the price of a request counts, nor more than the uplink takes at once. */
static int batch_count(const struct plan_input *input, const struct plan *plan, const struct plan_lane *lane)
{
	enum { FEW = 8 };
	int slots = 0;
	for (int i = 0; i < input->lanes_count; i++)
		slots += plan->slots_wanted[i] > input->lanes[i].busy
		             ? plan->slots_wanted[i] - input->lanes[i].busy
		             : 0;
	int share = slots > 0 ? (plan->now + slots - 1) / slots : plan->now;
	share = share < FEW ? FEW : share;
	return at_most(at_most(share, plan->now), batch_most(input, lane));
}

/* Beyond this, batches only queue up before the uplink. */
static bool uplink_full(const struct plan_input *input, const struct plan_lane *lane, int count)
{
	if (input->uplink_bytes_s <= 0)
		return false;
	double away = service_us(input, lane, count) * 1.5;
	double fits = input->uplink_bytes_s / input->bytes_per_cut / 1e6 * away;
	return in_flight(input) > fits + count;
}

struct plan_send plan_next_cloud(const struct plan_input *input, const struct plan *plan, int lane_index)
{
	const struct plan_lane *lane = &input->lanes[lane_index];
	struct powers p = powers_of(input);
	if (!lane->allowed)
		return wait_because("the clinic's policy does not allow its region");
	if (!lane_usable(lane))
		return wait_because("it cannot be used now");
	if (p.affordable == 0)
		return wait_because("the budget is spent");
	int ready = pool(input, plan);
	if (plan->now == 0)
		return hedge_in_cloud(input, &p);
	if (plan->slots_wanted[lane_index] <= lane->busy)
		return wait_because("the slots at work are enough");
	int count = batch_count(input, plan, lane);
	if (uplink_full(input, lane, count))
		return wait_because("the uplink is full");
	if (ready == 0 || (ready < count && feed(input, plan) >= 0))
		return wait_because("home is cutting for it");
	struct plan_send send = {.kind = PLAN_SEND_BATCH,
	    .why = "without the cloud these dishes, or others behind them, would be late"};
	for (int k = 0; k < input->dishes_count && send.count < count && send.shares_count < PLAN_SHARES_MAX;
	     k++) {
		int i = plan->order[k];
		int take =
		    at_most(at_most(input->dishes[i].to_read, plan->dishes[i].now), count - send.count);
		if (take <= 0)
			continue;
		send.shares[send.shares_count].dish = i;
		send.shares[send.shares_count++].count = take;
		send.count += take;
	}
	return send;
}
