/* The box: its store's counts, its home slots, what it measures, and whom it asks what to do next. */
#include "sim/run_inside.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A clinic's morning in November; only differences matter. */
#define WALL_US (1795000000ll * 1000000)

static void read_one(struct run *run, int dish, int count)
{
	run->done[dish] += count;
	run->done_all += count;
	run->done_us[dish] = run->now_us;
}

void run_settle(struct run *run, int f)
{
	struct flight *flight = &run->flights[f];
	for (int i = 0; i < flight->shares_count; i++) {
		run->dishes[flight->shares[i].dish].in_flight -= flight->shares[i].count;
		read_one(run, flight->shares[i].dish, flight->shares[i].count);
	}
	/* What is still under way for it is hung up on. */
	for (int c = 0; c < COPIES_MAX && flight->copies > 0; c++) {
		struct copy *copy = &run->copies[c];
		if (!copy->used || copy->flight != f)
			continue;
		copy->used = false;
		flight->copies--;
		run->lanes[copy->lane].busy--;
		run->flying_nano -= flight->cuts * run->seen[copy->lane].price_nano;
	}
	for (int s = 0; s < run->morning->slots; s++)
		if (run->slots[s].busy && run->slots[s].task.kind == PLAN_TASK_HEDGE &&
		    run->slots[s].flight == f)
			run->slots[s].flight = -1;
	flight->used = false;
}

void run_return(struct run *run, int f)
{
	struct flight *flight = &run->flights[f];
	for (int i = 0; i < flight->shares_count; i++) {
		run->dishes[flight->shares[i].dish].in_flight -= flight->shares[i].count;
		run->dishes[flight->shares[i].dish].to_read += flight->shares[i].count;
	}
	flight->used = false;
}

/* The picture that the planner gets, from what is known here. */
static struct plan_input look(
    struct run *run, struct plan_batch batches[FLIGHTS_MAX], int flights[FLIGHTS_MAX])
{
	const struct morning *m = run->morning;
	struct plan_input input;
	plan_defaults(&input);
	cloud_look(run);
	input.now_us = WALL_US + run->now_us + (int64_t)stretches_at(&m->clock, run->now_us, 0);
	input.dishes = run->dishes;
	input.dishes_count = m->dishes_count;
	input.home = (struct plan_home){m->slots, run->pace.cut_us * run->pace.slow,
	    run->pace.read_us * run->pace.slow, run->pace.slow, !run->has_read};
	input.lanes = run->lanes;
	input.lanes_count = m->lanes_count;
	input.uplink_bytes_s = m->uplink_bytes_s * run->uplink_seen;
	input.bytes_per_cut = m->bytes_per_cut;
	input.budget_left_nano = (int64_t)(m->budget_nano - run->spent_nano - run->flying_nano);
	input.sent_cuts = run->out->cuts_sent;
	input.hedged_cuts = run->out->cuts_hedged;
	int count = 0;
	for (int f = 0; f < FLIGHTS_MAX; f++) {
		const struct flight *flight = &run->flights[f];
		if (!flight->used)
			continue;
		flights[count] = f;
		batches[count++] = (struct plan_batch){.lane = flight->lane,
		    .cuts = flight->cuts,
		    .age_us = run->now_us - flight->sent_us,
		    .deadline_us = flight->deadline_us,
		    .hedged = flight->hedged,
		    .at_home = flight->at_home};
	}
	input.batches = batches;
	input.batches_count = count;
	return input;
}

static double noisy(struct run *run, double us)
{
	return us * fmax(random_normal(&run->random, 1, run->morning->step_noise), 0.2);
}

static void begin_home(struct run *run, int s, const struct plan_task *task, const int *flights)
{
	const struct morning *m = run->morning;
	struct home_slot *slot = &run->slots[s];
	struct plan_dish *dish = &run->dishes[task->dish];
	*slot = (struct home_slot){.busy = true, .task = *task};
	bool cuts = task->kind == PLAN_TASK_TRIP || task->kind == PLAN_TASK_CUT;
	slot->cut_us = cuts ? noisy(run, task->count * m->cut_us) : 0;
	slot->read_us = task->kind == PLAN_TASK_CUT ? 0 : noisy(run, task->count * m->read_us);
	if (cuts)
		dish->to_cut -= task->count;
	if (task->kind == PLAN_TASK_CUT)
		dish->cutting += task->count;
	if (task->kind == PLAN_TASK_READ)
		dish->to_read -= task->count;
	if (task->kind == PLAN_TASK_READ || task->kind == PLAN_TASK_TRIP)
		dish->at_home += task->count;
	if (task->kind == PLAN_TASK_HEDGE) {
		slot->flight = flights[task->batch];
		run->flights[slot->flight].at_home = true;
	}
	int64_t ends = morning_home_until(m, run->now_us, slot->cut_us + slot->read_us);
	events_add(&run->events, ends, EVENT_HOME, s, run->now_us);
}

/* Measured by the box: time that passed, a slower stretch included. */
static void end_home(struct run *run, int s, int64_t began_us)
{
	struct home_slot *slot = &run->slots[s];
	struct plan_dish *dish = &run->dishes[slot->task.dish];
	int count = slot->task.count;
	double work = slot->cut_us + slot->read_us,
	       stretch = (double)(run->now_us - began_us) / fmax(work, 1);
	pace_step(&run->pace, slot->cut_us > 0 ? count : 0, slot->cut_us * stretch,
	    slot->read_us > 0 ? count : 0, slot->read_us * stretch);
	run->has_read = run->has_read || slot->read_us > 0;
	slot->busy = false;
	switch (slot->task.kind) {
	case PLAN_TASK_CUT:
		dish->cutting -= count;
		dish->to_read += count;
		break;
	case PLAN_TASK_TRIP:
	case PLAN_TASK_READ:
		dish->at_home -= count;
		read_one(run, slot->task.dish, count);
		break;
	case PLAN_TASK_HEDGE:
		if (slot->flight >= 0)
			run_settle(run, slot->flight);
		break;
	case PLAN_TASK_NOTHING:
		break;
	}
}

static bool work_waits(const struct run *run)
{
	for (int i = 0; i < run->morning->dishes_count; i++)
		if (run->dishes[i].to_cut > 0 || run->dishes[i].to_read > 0)
			return true;
	return false;
}

static void give_home(struct run *run)
{
	struct plan_batch batches[FLIGHTS_MAX];
	int flights[FLIGHTS_MAX];
	for (int s = 0; s < run->morning->slots; s++) {
		if (run->slots[s].busy)
			continue;
		struct plan_input input = look(run, batches, flights);
		run->policy(&input, &run->plan);
		struct plan_task task = plan_next_home(&input, &run->plan);
		if (task.kind == PLAN_TASK_NOTHING) {
			assert(!work_waits(run));
			return;
		}
		begin_home(run, s, &task, flights);
	}
}

static int free_flight(const struct run *run)
{
	for (int f = 0; f < FLIGHTS_MAX; f++)
		if (!run->flights[f].used)
			return f;
	return -1;
}

static void begin_send(struct run *run, int lane, const struct plan_send *send, const int *flights)
{
	int f;
	if (send->kind == PLAN_SEND_HEDGE) {
		f = flights[send->batch];
		run->flights[f].hedged = true;
		run->out->cuts_hedged += run->flights[f].cuts;
	} else {
		f = free_flight(run);
		struct flight *flight = &run->flights[f];
		*flight = (struct flight){.used = true,
		    .lane = lane,
		    .cuts = send->count,
		    .sent_us = run->now_us,
		    .shares_count = send->shares_count,
		    .deadline_us = PLAN_NO_DEADLINE};
		int sum = 0;
		for (int i = 0; i < send->shares_count; i++) {
			struct plan_dish *dish = &run->dishes[send->shares[i].dish];
			flight->shares[i].dish = send->shares[i].dish;
			flight->shares[i].count = send->shares[i].count;
			dish->to_read -= send->shares[i].count;
			dish->in_flight += send->shares[i].count;
			sum += send->shares[i].count;
			if (dish->deadline_us < flight->deadline_us)
				flight->deadline_us = dish->deadline_us;
			assert(dish->to_read >= 0);
		}
		assert(sum == send->count && sum > 0);
	}
	cloud_send(run, f, lane);
}

static void give_cloud(struct run *run)
{
	struct plan_batch batches[FLIGHTS_MAX];
	int flights[FLIGHTS_MAX];
	for (int lane = 0; lane < run->morning->lanes_count; lane++) {
		for (;;) {
			struct plan_input input = look(run, batches, flights);
			if (run->lanes[lane].busy >= run->lanes[lane].slots || free_flight(run) < 0 ||
			    !cloud_room(run))
				break;
			run->policy(&input, &run->plan);
			struct plan_send send = plan_next_cloud(&input, &run->plan, lane);
			if (send.kind == PLAN_SEND_WAIT)
				break;
			begin_send(run, lane, &send, flights);
		}
	}
}

static void tell_minute(struct run *run, FILE *to)
{
	struct plan_batch batches[FLIGHTS_MAX];
	int flights[FLIGHTS_MAX], to_cut = 0, to_read = 0, in_flight = 0, idle = 0;
	struct plan_input input = look(run, batches, flights);
	run->policy(&input, &run->plan);
	for (int i = 0; i < input.dishes_count; i++) {
		to_cut += input.dishes[i].to_cut;
		to_read += input.dishes[i].to_read;
		in_flight += input.dishes[i].in_flight;
	}
	for (int s = 0; s < run->morning->slots; s++)
		idle += !run->slots[s].busy;
	fprintf(to, "%5lld s: %6d to cut, %5d to read, %5d in flight, %6d done, %d idle; spill %6d, now %6d;",
	    (long long)run->now_us / MORNING_SECOND, to_cut, to_read, in_flight, run->done_all, idle,
	    run->plan.spill, run->plan.now);
	for (int i = 0; i < input.lanes_count; i++)
		fprintf(to, " %d/%d/%d", run->lanes[i].busy, run->plan.slots_wanted[i], run->lanes[i].slots);
	fprintf(to, "; %s: %s\n", plan_state_name(run->plan.state), run->plan.reason);
}

static void start(struct run *run, const struct morning *m, policy_fn *policy, struct outcome *out)
{
	run->morning = m;
	run->policy = policy;
	run->out = out;
	random_start(&run->random, m->seed, 2);
	pace_start(&run->pace, m->slots, m->cut_us * m->prior, m->read_us * m->prior);
	cloud_start(run);
	for (int i = 0; i < m->dishes_count; i++)
		run->dishes[i] =
		    (struct plan_dish){.id = i + 1, .deadline_us = WALL_US + m->dishes[i].deadline_us};
	for (int i = 0; i < m->landings_count; i++)
		events_add(&run->events, m->landings[i].at_us, EVENT_LAND, i, 0);
	events_add(&run->events, 0, EVENT_LOOK, 0, 0);
}

static void finish(struct run *run)
{
	const struct morning *m = run->morning;
	struct outcome *out = run->out;
	out->ended = run->done_all == m->points;
	for (int i = 0; i < m->dishes_count; i++) {
		int64_t late = run->done_us[i] + RUN_SETTLE_US - m->dishes[i].deadline_us;
		out->ended = out->ended && run->done[i] == m->dishes[i].points;
		out->late += late > 0;
		out->lateness_us = late > out->lateness_us ? late : out->lateness_us;
		out->end_us = run->done_us[i] > out->end_us ? run->done_us[i] : out->end_us;
	}
}

struct run *run_start(
    const struct morning *morning, policy_fn *policy, struct account *account, struct outcome *outcome)
{
	struct run *run = calloc(1, sizeof *run);
	assert(run);
	*outcome = (struct outcome){0};
	run->account = account;
	start(run, morning, policy, outcome);
	return run;
}

int64_t run_next_us(const struct run *run)
{
	return events_next_us(&run->events);
}

static void land(struct run *run, const struct landing *landing)
{
	run->dishes[landing->dish].to_cut += landing->points;
}

static void look_again(struct run *run)
{
	enum { DAYS = 2 };
	bool done = run->done_all == run->morning->points,
	     lost = run->now_us > DAYS * 86400ll * MORNING_SECOND;
	if (!done && !lost)
		events_add(&run->events, run->now_us + MORNING_SECOND, EVENT_LOOK, 0, 0);
	if (run->tell && run->now_us % (60ll * MORNING_SECOND) == 0)
		tell_minute(run, run->tell);
}

bool run_step(struct run *run)
{
	struct event event;
	if (!events_take(&run->events, &event))
		return false;
	run->now_us = event.at_us;
	if (event.kind == EVENT_LAND)
		land(run, &run->morning->landings[event.a]);
	else if (event.kind == EVENT_HOME)
		end_home(run, event.a, event.serial);
	else if (event.kind == EVENT_LOOK)
		look_again(run);
	else
		cloud_event(run, &event);
	give_home(run);
	give_cloud(run);
	if (run->events.count > 0)
		return true;
	finish(run);
	return false;
}

void run_free(struct run *run)
{
	events_done(&run->events);
	free(run);
}

void run_morning(const struct morning *morning, policy_fn *policy, FILE *tell, struct outcome *ret_outcome)
{
	struct run *run = run_start(morning, policy, NULL, ret_outcome);
	run->tell = tell;
	while (run_step(run))
		;
	run_free(run);
}
