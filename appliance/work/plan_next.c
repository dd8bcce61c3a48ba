#include "work/plan_inside.h"

#include <math.h>

/* Deadlines so close to each other count as one when home chooses what to cut first. */
#define DUE_TOGETHER_US (60 * 1000000ll)

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
		if (!plan_lane_usable(lane))
			continue;
		int wanted = plan->slots_wanted[i];
		cuts += fmax(wanted - lane->busy, 0) * plan_batch_most(input, lane);
		rate += plan_lane_rate(input, lane) * wanted / lane->slots;
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
			return (struct plan_task){.kind = PLAN_TASK_READ,
			    .dish = i,
			    .count = at_most(reads, plan_step_count(input))};
		if (trips > 0)
			return (struct plan_task){.kind = PLAN_TASK_TRIP,
			    .dish = i,
			    .count = at_most(trips, plan_step_count(input))};
	}
	return (struct plan_task){.kind = PLAN_TASK_NOTHING};
}

static bool any_usable(const struct plan_input *input)
{
	for (int i = 0; i < input->lanes_count; i++)
		if (plan_lane_usable(&input->lanes[i]))
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
		double rest = plan_service_us(input, lane, batch->cuts) - (double)batch->age_us;
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
static struct plan_send hedge_in_cloud(const struct plan_input *input, const struct plan_powers *p)
{
	struct plan_send send = wait_because("nothing more needs the cloud");
	double worst = 0;
	for (int i = 0; i < input->batches_count; i++) {
		const struct plan_batch *batch = &input->batches[i];
		const struct plan_lane *lane = &input->lanes[batch->lane];
		double usual = plan_service_us(input, lane, batch->cuts);
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

/* Cuts the next batch should have: all that is to be sent shared among the slots wanted, so that the last
 * batches are small and end together, but not so few that the price of a request counts. */
static int batch_count(const struct plan_input *input, const struct plan *plan, const struct plan_lane *lane)
{
	int slots = 0;
	for (int i = 0; i < input->lanes_count; i++)
		slots += plan->slots_wanted[i];
	int share = slots > 0 ? (plan->now + slots - 1) / slots : plan->now;
	share = share < PLAN_FEW ? PLAN_FEW : share;
	return at_most(at_most(share, plan->now), plan_batch_most(input, lane));
}

/* Beyond this, batches only queue up before the uplink. */
static bool uplink_full(const struct plan_input *input, const struct plan_lane *lane, int count)
{
	if (input->uplink_bytes_s <= 0)
		return false;
	double away = plan_service_us(input, lane, count) * 1.5;
	double fits = input->uplink_bytes_s / input->bytes_per_cut / 1e6 * away;
	return in_flight(input) > fits + count;
}

struct plan_send plan_next_cloud(const struct plan_input *input, const struct plan *plan, int lane_index)
{
	const struct plan_lane *lane = &input->lanes[lane_index];
	struct plan_powers p = plan_powers_of(input);
	if (!lane->allowed)
		return wait_because("the clinic's policy does not allow its region");
	if (!plan_lane_usable(lane))
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
