#include "sim/policies.h"

#include <math.h>

static int waiting(const struct plan_dish *dish)
{
	return dish->to_cut + dish->cutting + dish->to_read;
}

/* Sends so many time points, in the plan's order, with every slot. */
static void send(const struct plan_input *input, struct plan *plan, int cuts)
{
	int64_t afford =
	    input->lanes_count > 0 ? input->budget_left_nano / (input->lanes[0].price_nano + 1) : 0;
	cuts = cuts < afford ? cuts : (int)(afford > 0 ? afford : 0);
	plan->spill = plan->now = 0;
	for (int k = 0; k < input->dishes_count; k++) {
		int i = plan->order[k], take = waiting(&input->dishes[i]);
		take = take < cuts ? take : cuts;
		plan->dishes[i].spill = plan->dishes[i].now = take;
		plan->now += take;
		cuts -= take;
	}
	plan->spill = plan->now;
	for (int i = 0; i < input->lanes_count; i++)
		plan->slots_wanted[i] = plan->now > 0 ? input->lanes[i].slots : 0;
}

void policy_local(const struct plan_input *input, struct plan *ret_plan)
{
	struct plan_input alone = *input;
	alone.lanes_count = 0;
	plan_make(&alone, ret_plan);
}

static int all(const struct plan_input *input)
{
	int cuts = 0;
	for (int i = 0; i < input->dishes_count; i++)
		cuts += waiting(&input->dishes[i]);
	return cuts;
}

void policy_cloud(const struct plan_input *input, struct plan *ret_plan)
{
	plan_make(input, ret_plan);
	send(input, ret_plan, all(input));
}

void policy_queue(const struct plan_input *input, struct plan *ret_plan)
{
	double keep = 300e6 * input->home.slots / (input->home.cut_us + input->home.read_us);
	int cuts = all(input);
	plan_make(input, ret_plan);
	send(input, ret_plan, cuts > keep ? cuts - (int)keep : 0);
}

void policy_last_moment(const struct plan_input *input, struct plan *ret_plan)
{
	struct plan_input sure = *input;
	sure.margin = 0;
	sure.guard_us = INT64_MAX / 2;
	plan_make(&sure, ret_plan);
	double rate = 0, latency = 0, left = INFINITY;
	for (int i = 0; i < input->lanes_count; i++) {
		const struct plan_lane *lane = &input->lanes[i];
		double batch = lane->latency_us + input->batch_size * lane->read_us;
		rate += lane->slots * input->batch_size / batch;
		latency = fmax(latency, batch);
	}
	rate = fmin(rate, input->uplink_bytes_s / input->bytes_per_cut / 1e6);
	rate = fmin(rate, input->home.slots / input->home.cut_us);
	double cuts = 0;
	for (int k = 0; k < input->dishes_count; k++) {
		const struct plan_dish *dish = &input->dishes[ret_plan->order[k]];
		cuts += ret_plan->dishes[ret_plan->order[k]].spill + dish->in_flight;
		double time = (double)(dish->deadline_us - input->now_us - input->settle_us);
		if (cuts > 0)
			left = fmin(left, time - latency - cuts / rate);
	}
	send(input, ret_plan, left <= 0 ? ret_plan->spill : 0);
}
