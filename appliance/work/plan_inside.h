/* Inside work/plan: what the plan (plan.c), its order (plan_order.c) and the next steps (plan_next.c) share. */
#pragma once

#include "work/plan.h"

/* A batch has at least so many cuts, if there are: with fewer the price of a request would count. */
enum { PLAN_FEW = 8 };

/* What all lanes together can do, and the home beside them. */
struct plan_powers {
	double cut, read, slots; /* of the home, microseconds */
	double fast; /* how many times faster it is when nothing slows it down */
	double rate; /* cuts a microsecond that the cloud reads; 0: none */
	double latency; /* of a slow batch, with what an open breaker still takes */
	double last; /* the same of the last batch of a morning, which is small */
	double aloft; /* of what is in flight, the share that is still to be done */
	double price; /* of a cut, nano-dollars, as the lanes share the work */
	int64_t affordable; /* cuts */
	bool configured, allowed, open; /* some lane is there; its region is allowed; it can be used now */
};
struct plan_powers plan_powers_of(const struct plan_input *input);

bool plan_lane_usable(const struct plan_lane *lane);
/* Cuts that a slot reads in a reasonable time: gateways give up after half a minute. */
int plan_batch_most(const struct plan_input *input, const struct plan_lane *lane);
/* How long the usual batch of this size is away. */
double plan_service_us(const struct plan_input *input, const struct plan_lane *lane, int cuts);
/* Cuts a microsecond of all slots of the lane. */
double plan_lane_rate(const struct plan_input *input, const struct plan_lane *lane);

/* Slot time at home that a dish still takes: of what is in hand about half is done. */
double plan_home_work(const struct plan_dish *dish, const struct plan_powers *p);
/* Cuts of it that may still be sent. */
int plan_spillable(const struct plan_dish *dish);
/* Until its deadline; INFINITY. */
double plan_time_left(const struct plan_input *input, const struct plan_dish *dish);
/* Time points that a home slot takes at a time: some seconds of work, so that it is free soon for what is urgent. */
int plan_step_count(const struct plan_input *input);

/* By earliest deadline, but what is late in any case makes nothing else late: ret_late tells these, by dish. */
void plan_order(const struct plan_input *input, const struct plan_powers *p, int *order, bool *ret_late);
