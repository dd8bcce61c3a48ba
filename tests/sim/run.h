/* Lives through a morning with a policy: discrete events, the same planner code that the daemon's lanes
 * call. The box knows only what it measures: its own steps, the cloud's answers, a clock that may jump. */
#pragma once

#include "sim/morning.h"
#include "work/plan.h"

#include <stdbool.h>
#include <stdio.h>

/* plan_make, or something to compare it with. */
typedef void policy_fn(const struct plan_input *input, struct plan *ret_plan);

struct outcome {
	int late;              /* dishes */
	int64_t lateness_us;   /* of the latest */
	int64_t end_us;        /* the last reading */
	double money_nano;     /* what the cloud bills, answers that never came included */
	int64_t cuts_cloud;    /* read in the cloud, once each */
	int64_t cuts_sent, cuts_hedged, batches, failed, twice, cold;
	double busy_us;        /* of the cloud's instances */
	bool ended;            /* every time point was read exactly once */
};

enum { RUN_SETTLE_US = 5 * MORNING_SECOND }; /* from the last reading of a dish to the board */

/* tell: NULL, or where a line a minute goes: how the box sees it. */
void run_morning(const struct morning *morning, policy_fn *policy, FILE *tell, struct outcome *ret_outcome);

/* Many mornings side by side, which share what an account may run at once; a request beyond that gets a 429. */
struct account {
	int running, slots;
};
struct run;
/* outcome is filled in when the run ends; all three must outlive it. */
struct run *run_start(const struct morning *morning, policy_fn *policy, struct account *account, struct outcome *outcome);
/* Time of the next event. */
int64_t run_next_us(const struct run *run);
/* False: it was the last one. */
bool run_step(struct run *run);
void run_free(struct run *run);
