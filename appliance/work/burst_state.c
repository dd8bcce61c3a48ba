/* The other half of the burst: what is measured and told, and the planner's input made of it. */
#include "work/burst_inside.h"

#include "base/clock.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* How much the newest measurement counts: the last ten or so steps, the last twenty batches. */
static const double step_weight = 0.2, batch_weight = 0.1;

enum {
	LEARN_US = 30000000,
	FAILURES_MAX = 3,
	CLOSED_FIRST_MS = 500,
	CLOSED_DOUBLINGS = 7, /* 64 seconds */
};

static void follow(double *average, double value, double weight)
{
	*average += (value - *average) * weight;
}

/* At first the mean of all that was measured: what was guessed before has no weight, and a single step little. */
static void learn(struct learned *learned, double *speed_us, double us, int count)
{
	if (count <= 0 || learned->us > LEARN_US)
		return;
	learned->us += us;
	learned->count += count;
	*speed_us = learned->us / learned->count;
}

bool burst_measures(const struct burst *burst)
{
	return burst->lanes_count > 0;
}

void burst_measure_home(struct burst *burst, int64_t cut_us, int64_t read_us, int cut, int read)
{
	pthread_mutex_lock(&burst->lock);
	learn(&burst->cut, &burst->pace.cut_us, (double)cut_us, cut);
	learn(&burst->read, &burst->pace.read_us, (double)read_us, read);
	pace_step(&burst->pace, cut, (double)cut_us, read, (double)read_us);
	pthread_mutex_unlock(&burst->lock);
}

void burst_measure_trip(struct burst *burst, int64_t us, int count)
{
	pthread_mutex_lock(&burst->lock);
	double usual = burst->pace.cut_us + burst->pace.read_us, share = burst->pace.cut_us / usual;
	learn(&burst->cut, &burst->pace.cut_us, share * (double)us, count);
	learn(&burst->read, &burst->pace.read_us, (1 - share) * (double)us, count);
	pace_step(&burst->pace, count, share * (double)us, count, (1 - share) * (double)us);
	pthread_mutex_unlock(&burst->lock);
}

void burst_measure_cloud(struct burst *burst, int lane_number, const struct burst_measured *measured)
{
	double cuts = measured->cuts, wall = (double)measured->wall_us, read = (double)measured->read_us;
	pthread_mutex_lock(&burst->lock);
	struct burst_lane *lane = &burst->lanes[lane_number];
	double upload = burst->uplink_bytes_s > 0 ? (double)measured->bytes / burst->uplink_bytes_s * 1e6 : 0;
	double expected = lane->latency_us + cuts * lane->read_us + upload;
	follow(&lane->deviation, fabs(wall - expected) / expected, batch_weight);
	follow(&lane->latency_us, fmax(wall - read - upload, 1000), step_weight);
	follow(&lane->read_us, read / cuts, step_weight);
	follow(&lane->price_nano, (double)measured->cost_nano / cuts, step_weight);
	follow(&lane->failure_share, 0, batch_weight);
	lane->failures = 0;
	follow(&burst->bytes_per_cut, (double)measured->bytes / cuts, batch_weight);
	pthread_mutex_unlock(&burst->lock);
}

void burst_tell_health(struct burst *burst, int lane_number, const struct burst_health *health)
{
	pthread_mutex_lock(&burst->lock);
	struct burst_lane *lane = &burst->lanes[lane_number];
	bool news = health->healthy != lane->health.healthy;
	lane->health = *health;
	int64_t until_us = clock_monotonic_us() + health->closed_us;
	if (!health->healthy && health->closed_us > 0 && until_us > lane->closed_until_us)
		lane->closed_until_us = until_us;
	if (news)
		burst_wake(burst);
	pthread_mutex_unlock(&burst->lock);
}

void burst_tell_agent(struct burst *burst, bool there, const char *sentence)
{
	pthread_mutex_lock(&burst->lock);
	for (int i = 0; !there && burst->agent_there && i < burst->lanes_count; i++) {
		struct burst_health *health = &burst->lanes[i].health;
		*health = (struct burst_health){.since_us = clock_now_us()};
		text_copy(health->reason, sizeof health->reason, sentence);
		text_copy(health->next, sizeof health->next,
		    "The box asks the agent again and again. Is daybreak-sync running?");
	}
	burst->agent_there = there;
	pthread_mutex_unlock(&burst->lock);
}

bool burst_agent_there(struct burst *burst)
{
	pthread_mutex_lock(&burst->lock);
	bool there = burst->agent_there;
	pthread_mutex_unlock(&burst->lock);
	return there;
}

void burst_lane_failed(struct burst *burst, int lane_number, int64_t retry_ms, const char *sentence)
{
	pthread_mutex_lock(&burst->lock);
	struct burst_lane *lane = &burst->lanes[lane_number];
	follow(&lane->failure_share, 1, batch_weight);
	/* One that fails now and then is worth asking on; one that fails each time is asked less and less. */
	int more = ++lane->failures - FAILURES_MAX;
	int64_t closed_ms = more <= 0 ? 0 : (int64_t)CLOSED_FIRST_MS << (more < CLOSED_DOUBLINGS ? more : CLOSED_DOUBLINGS);
	closed_ms = closed_ms > retry_ms ? closed_ms : retry_ms;
	int64_t until_us = clock_monotonic_us() + closed_ms * 1000;
	if (closed_ms > 0 && until_us > lane->closed_until_us) {
		lane->closed_until_us = until_us;
		text_copy(lane->health.reason, sizeof lane->health.reason, sentence);
		lane->health.since_us = clock_now_us();
	}
	pthread_mutex_unlock(&burst->lock);
}

void burst_tell_money(struct burst *burst, const struct burst_money *money)
{
	pthread_mutex_lock(&burst->lock);
	burst->money = *money;
	burst->money_known = true;
	pthread_mutex_unlock(&burst->lock);
}

void burst_tell_uplink(struct burst *burst, double bytes_s)
{
	pthread_mutex_lock(&burst->lock);
	burst->uplink_bytes_s = bytes_s;
	pthread_mutex_unlock(&burst->lock);
}

/* The planner's input. Under the lock. */

static void ask_dish(const struct burst_dish *dish, struct plan_dish *ret_dish)
{
	int pool = (int)(dish->free.count + dish->home.count) + dish->in_flight + dish->reading;
	int left = dish->unread - pool - dish->trips - dish->cutting;
	int to_cut = left > 0 ? left : 0;
	*ret_dish = (struct plan_dish){.id = dish->id,
	    .deadline_us = dish->deadline_us,
	    .priority = dish->priority,
	    .to_cut = dish->no_job ? 0 : to_cut,
	    .at_home = dish->trips + dish->reading + (int)dish->home.count + (dish->no_job ? to_cut : 0),
	    .cutting = dish->cutting,
	    .to_read = (int)dish->free.count,
	    .in_flight = dish->in_flight};
}

static void ask_lane(const struct burst *burst, int number, struct plan_lane *ret_lane)
{
	const struct burst_lane *lane = &burst->lanes[number];
	const struct cloud_endpoint *endpoint = &burst->cloud->endpoints[number];
	int64_t closed_us = lane->closed_until_us - clock_monotonic_us();
	double spread = 1 + 2 * lane->deviation;
	*ret_lane = (struct plan_lane){.name = endpoint->name,
	    .allowed = endpoint->allowed,
	    .healthy = lane->health.healthy && closed_us <= 0,
	    .closed_us = closed_us > 0 ? closed_us : 0,
	    .slots = endpoint->slots,
	    .busy = lane->busy,
	    .latency_us = lane->latency_us,
	    .read_us = lane->read_us,
	    .spread = spread < 1.2 ? 1.2 : spread > 5 ? 5 : spread,
	    .failure_share = lane->failure_share,
	    .price_nano = (int64_t)lane->price_nano};
}

static void ask_batches(struct burst *burst)
{
	struct plan_input *input = &burst->input;
	int64_t now_us = clock_monotonic_us();
	for (struct flight *f = burst->flights; f && input->batches_count < PLAN_BATCHES_MAX; f = f->next) {
		if (f->lane == BURST_HOME || f->settled)
			continue;
		burst->batch_flights[input->batches_count] = f;
		burst->plan_batches[input->batches_count++] = (struct plan_batch){.lane = f->lane,
		    .cuts = (int)f->count,
		    .age_us = now_us - f->began_us,
		    .deadline_us = f->deadline_us,
		    .hedged = f->hedged,
		    .at_home = f->at_home};
		input->budget_left_nano -= (int64_t)((double)f->count * burst->lanes[f->lane].price_nano);
	}
}

void burst_ask(struct burst *burst)
{
	struct plan_input *input = &burst->input;
	plan_defaults(input);
	input->now_us = clock_now_us();
	input->dishes = burst->plan_dishes;
	for (size_t i = 0; i < burst->dishes_count && i < PLAN_DISHES_MAX; i++)
		ask_dish(&burst->dishes[i], &burst->plan_dishes[input->dishes_count++]);
	input->home = (struct plan_home){.slots = burst->home_slots,
	    .cut_us = burst->pace.cut_us * burst->pace.slow,
	    .read_us = burst->pace.read_us * burst->pace.slow,
	    .slow = burst->pace.slow,
	    .guessed = burst->read.count == 0};
	input->lanes = burst->plan_lanes;
	for (; input->lanes_count < burst->lanes_count; input->lanes_count++)
		ask_lane(burst, input->lanes_count, &burst->plan_lanes[input->lanes_count]);
	input->uplink_bytes_s = burst->uplink_bytes_s;
	input->bytes_per_cut = burst->bytes_per_cut;
	input->budget_left_nano = burst->money_known ? burst->money.left_nano : 0;
	input->batches = burst->plan_batches;
	ask_batches(burst);
	input->hedge_share = burst->cloud ? burst->cloud->hedge_percent / 100.0 : 0;
	input->sent_cuts = burst->sent_cuts;
	input->hedged_cuts = burst->hedged_cuts;
	input->batch_size = LIMIT_BATCH_ITEMS;
	input->step = BURST_STEP;
	plan_make(input, &burst->plan);
}

/* The share of hedges is counted from burst to burst. */
static void follow_state(struct burst *burst)
{
	if (burst->plan.state != burst->state)
		burst->state_since_us = clock_now_us();
	burst->state = burst->plan.state;
	if (!burst->flights && burst->plan.spill == 0)
		burst->sent_cuts = burst->hedged_cuts = 0;
}

void burst_view(struct burst *burst, struct burst_view *ret_view)
{
	pthread_mutex_lock(&burst->lock);
	burst_ask(burst);
	follow_state(burst);
	*ret_view = (struct burst_view){.input = burst->input,
	    .plan = burst->plan,
	    .state_since_us = burst->state_since_us,
	    .money_known = burst->money_known,
	    .money = burst->money,
	    .deadline_us = burst->dishes_count ? burst->dishes[0].deadline_us : PLAN_NO_DEADLINE};
	memcpy(ret_view->dishes, burst->plan_dishes, sizeof ret_view->dishes);
	ret_view->input.dishes = ret_view->dishes;
	ret_view->input.lanes = NULL;
	ret_view->input.batches = NULL;
	ret_view->home = (struct burst_lane_view){.health.healthy = true,
	    .slots = burst->home_slots,
	    .busy = burst->home_busy,
	    .allowed = true,
	    .rate_per_min = rate_per_minute(&burst->home_rate),
	    .latency_ms = (burst->input.home.cut_us + burst->input.home.read_us) / 1000};
	for (int i = 0; i < burst->lanes_count; i++) {
		struct burst_lane *lane = &burst->lanes[i];
		ret_view->lanes[i] = (struct burst_lane_view){.health = lane->health,
		    .slots = burst->plan_lanes[i].slots,
		    .busy = lane->busy,
		    .allowed = burst->plan_lanes[i].allowed,
		    .rate_per_min = rate_per_minute(&lane->rate),
		    .latency_ms = lane->latency_us / 1000,
		    .price_per_1000_nano = (int64_t)(1000 * lane->price_nano)};
		ret_view->lanes[i].health.healthy = burst->plan_lanes[i].healthy;
		ret_view->lanes[i].health.closed_us = burst->plan_lanes[i].closed_us;
	}
	pthread_mutex_unlock(&burst->lock);
}
