/* What the files of the burst share: its memory. Nobody else includes it. */
#pragma once

#include "work/burst.h"
#include "work/pace.h"
#include "work/rate.h"

#include <pthread.h>

struct cut_waiting {
	struct waiting waiting;
	int tries;
	struct cut *pixels; /* its own; NULL: in the store only */
};

/* Cuts in no order. */
struct heap {
	struct cut_waiting *cuts;
	size_t count, capacity;
};

/* A dish with something left to do. Counts are time points. */
struct burst_dish {
	int64_t id, deadline_us, since_us;
	int priority;
	int unread;    /* by the store, at the last look, less what was settled since */
	int trips;     /* in the hands of lanes that cut and read them */
	int cutting;   /* in the hands of lanes that only cut them */
	int in_flight; /* carried by cloud slots */
	int reading;   /* cuts carried by lanes at home */
	bool no_job;   /* no lane can take one of its embryos just now */
	bool seen;     /* at the last look */
	struct heap free; /* wait and may go anywhere */
	struct heap home; /* wait and are to be read at home: they failed in the cloud */
};

/* What was measured of one speed. */
struct learned {
	double us;
	int count;
};

struct burst_lane {
	pthread_cond_t news; /* for one of its slots that wait; who finds something to carry tells the next */
	struct burst_health health;
	int64_t closed_until_us; /* monotonic */
	int busy;
	int failures; /* one after the other */
	double latency_us, read_us, deviation, failure_share, price_nano;
	struct rate rate;
};

struct burst {
	const struct cloud *cloud;
	pthread_mutex_t lock; /* over all below */
	bool stopping;
	int64_t looked_us; /* monotonic */
	struct burst_dish *dishes; /* by deadline, then id */
	size_t dishes_count, dishes_capacity;
	struct flight *flights;
	int pixels_kept;
	struct burst_lane lanes[PLAN_LANES_MAX];
	int lanes_count, home_slots, home_busy;
	struct rate home_rate;
	struct pace pace; /* of the home */
	struct learned cut, read; /* since the start */
	bool agent_there;
	bool money_known;
	struct burst_money money;
	double uplink_bytes_s, bytes_per_cut;
	int64_t sent_cuts, hedged_cuts;
	enum plan_state state;
	int64_t state_since_us;
	/* What the planner is asked with; filled anew each time. */
	struct plan_input input;
	struct plan_dish plan_dishes[PLAN_DISHES_MAX];
	struct plan_lane plan_lanes[PLAN_LANES_MAX];
	struct plan_batch plan_batches[PLAN_BATCHES_MAX];
	struct flight *batch_flights[PLAN_BATCHES_MAX];
	struct plan plan;
};

/* Under the lock. */

/* Something has changed that a slot may wait for. */
void burst_wake(struct burst *burst);
/* Input and plan of this moment. */
void burst_ask(struct burst *burst);
struct burst_dish *burst_dish(struct burst *burst, int64_t id);
