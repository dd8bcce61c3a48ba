/* Inside sim/run: the box (run.c) and the cloud behind its agent (cloud.c) share one state and one queue of events. */
#pragma once

#include "sim/events.h"
#include "sim/run.h"
#include "work/pace.h"

enum { HOME_SLOTS_MAX = 16, FLIGHTS_MAX = PLAN_BATCHES_MAX, COPIES_MAX = FLIGHTS_MAX + 64 };

enum event_kind {
	EVENT_LAND,   /* a: landing */
	EVENT_HOME,   /* a: slot whose task is done */
	EVENT_GATE,   /* a: copy whose question has arrived at the gateway; serial */
	EVENT_FREE,   /* a: lane one of whose instances is free again */
	EVENT_ANSWER, /* a: copy that is answered; serial */
	EVENT_FAIL,   /* a: copy whose attempt failed; serial */
	EVENT_AGAIN,  /* a: copy that the agent sends once more; serial */
	EVENT_LOOK,   /* once a second */
};

/* Cuts that were sent; settled when every one of them is read, here or there. */
struct flight {
	bool used, hedged, at_home;
	int lane, cuts, copies;
	int shares_count;
	struct {
		int dish, count;
	} shares[PLAN_SHARES_MAX];
	int64_t sent_us, deadline_us;
};

/* One message of a flight in the hands of the agent; it holds a slot of its lane. */
struct copy {
	bool used;
	int64_t serial;
	int flight, lane, attempts;
	int64_t sent_us, question_us, upload_us, read_us;
	double billed_us;
	int64_t retry_us; /* a 429 told it to wait so long */
};

struct home_slot {
	bool busy;
	struct plan_task task;
	int flight; /* of a hedge */
	double cut_us, read_us;
};

/* What the agent and the box know of a lane. */
struct lane_seen {
	int running, warm;            /* the truth: instances */
	int failures, opened;         /* in a row; openings of the breaker in a row */
	int64_t open_until_us;
	bool trying;                  /* half open: one batch tells */
	double latency_us, read_us, deviation, failure_share, price_nano;
};

struct run {
	const struct morning *morning;
	policy_fn *policy;
	struct outcome *out;
	struct account *account; /* NULL: its own */
	FILE *tell;
	struct random random;
	struct events events;
	int64_t now_us, serial, uplink_free_us;
	struct plan_dish dishes[MORNING_DISHES_MAX];
	int done[MORNING_DISHES_MAX], done_all;
	int64_t done_us[MORNING_DISHES_MAX];
	struct home_slot slots[HOME_SLOTS_MAX];
	struct pace pace;
	bool has_read; /* at home, so that its pace is more than a guess */
	double uplink_seen;     /* what the box believes, as a factor */
	struct plan_lane lanes[MORNING_LANES_MAX];
	struct lane_seen seen[MORNING_LANES_MAX];
	struct flight flights[FLIGHTS_MAX];
	struct copy copies[COPIES_MAX];
	double spent_nano, flying_nano; /* as the box knows them */
	struct plan plan;
};

/* cloud.c */
void cloud_start(struct run *run);
/* Health of every lane as of now, into run->lanes. */
void cloud_look(struct run *run);
bool cloud_room(const struct run *run);
void cloud_send(struct run *run, int flight, int lane);
/* False: not an event of the cloud. */
bool cloud_event(struct run *run, const struct event *event);

/* run.c */
void run_settle(struct run *run, int flight);  /* all its cuts are read */
void run_return(struct run *run, int flight);  /* its cuts wait again */
