/* The burst: who reads which cut. It holds what the planner (work/plan.h) decides upon, asks it whenever a lane or a
 * cloud slot is free, and keeps the count.
 *
 *            lane at home                                   cloud slot
 *   unread ──▶ TRIP ──▶ read                       ┌──▶ flight ──▶ answered ──▶ read
 *     │                                            │       │
 *     └──────▶ CUT ───▶ waiting cuts, by dish ─────┤       └──▶ failed: its cuts wait again
 *                             ▲                    └──▶ READ at home ──▶ read
 *                             └─────────────── cuts of a daemon before (burst_load)
 *
 * A flight is a handful of cuts in somebody's hands, up to a batch. Several may carry it (a cloud slot, a second one,
 * a lane at home): the first who answers settles it; when the last has let go unsettled, its cuts wait again. All of
 * it is memory only: what waits is in the store, so that whatever dies costs readings made twice and nothing else.
 *
 * Without a cloud this is the same code with no cloud slots: every task is a TRIP.
 *
 * Included by this room only. Any thread may call; each function locks for microseconds, but burst_next_cloud waits. */
#pragma once

#include "base/limits.h"
#include "base/own.h"
#include "store/waiting.h"
#include "wire/cloud.h"
#include "work/plan.h"

#include <stdbool.h>

enum {
	BURST_STEP = 16,      /* time points that a lane takes at a time: about a second of reading */
	BURST_TRIES_MAX = 3,  /* a cut that failed so often in the cloud is read at home */
	BURST_HOME = -1,      /* instead of a lane's number */
	/* Cuts whose pixels are kept in memory, 25 MB: opening them from the store costs half of what a batch does. */
	BURST_PIXELS_MAX = 512,
};

struct burst;

/* cloud may be NULL and outlives the burst. */
bool burst_new(const struct cloud *cloud, int home_slots, struct burst **ret_burst, struct err *err);
void burst_free(struct burst *burst);
OWN_DEFINE(struct burst *, burst_free)
/* Takes in the cuts that wait in the store; once, before any lane starts. */
bool burst_load(struct burst *burst, struct store *store, struct err *err);
/* Lets nobody wait any longer. */
void burst_stop(struct burst *burst);
/* Looks what there is to do, unless somebody did less than age_ms ago. */
bool burst_refresh(struct burst *burst, struct store *store, int age_ms, struct err *err);

struct flight {
	size_t count; /* 1..LIMIT_BATCH_ITEMS */
	struct waiting cuts[LIMIT_BATCH_ITEMS];
	int tries[LIMIT_BATCH_ITEMS]; /* in the cloud before this one */
	struct cut *pixels[LIMIT_BATCH_ITEMS]; /* NULL: to be had from the store */
	/* burst's own */
	struct flight *next;
	int lane; /* of the first that carries it; BURST_HOME */
	int64_t began_us; /* monotonic */
	int64_t deadline_us; /* the earliest of its dishes */
	int hands;
	bool settled, hedged, at_home;
};

/* What a free lane at home does. */
struct burst_task {
	enum plan_task_kind kind;
	int64_t dish_id;       /* of TRIP and CUT */
	int count;             /* time points at most */
	struct flight *flight; /* of READ and HEDGE */
};
void burst_next_home(struct burst *burst, struct burst_task *ret_task);
/* Ends a TRIP or a CUT. runs: how many time points it settled or cut. no_job: there was no embryo of that dish to take
 * (others have them); the dish is left alone for a moment. */
void burst_task_done(struct burst *burst, const struct burst_task *task, int runs, bool no_job);
/* A cut that waits from now on; its pixels may be NULL and are copied. */
void burst_add(struct burst *burst, const struct waiting *waiting, const struct cut *pixels);

/* What a free slot of this cloud lane does: waits up to wait_ms for a flight to carry. False: none. ret_hedge: somebody
 * carries it already. */
bool burst_next_cloud(struct burst *burst, int lane, int wait_ms, struct flight **ret_flight, bool *ret_hedge);

/* The pixels of a flight's cut, if it still waits: of memory, or of the store. One that cannot be opened there is given up,
 * so that it is cut again from its frames. */
bool burst_open(struct store *store, const struct flight *flight, size_t i, struct cut *ret_cut, bool *ret_found,
    struct err *err);

/* Ends carrying a flight: its cuts are read and stored, whoever else still carries it. */
void burst_settle(struct burst *burst, struct flight *flight, int lane);
/* Ends carrying a flight without an answer. home: it would fail anywhere else, too. */
void burst_give_back(struct burst *burst, struct flight *flight, int lane, bool home);
/* Somebody else has settled it. */
bool burst_is_settled(struct burst *burst, const struct flight *flight);

/* Measurements; what the forecast rests on. */
/* False: no cloud, so nobody needs to know what cutting and reading cost apart. */
bool burst_measures(const struct burst *burst);
void burst_measure_home(struct burst *burst, int64_t cut_us, int64_t read_us, int cut, int read);
/* Of time points that were cut and read in one go. */
void burst_measure_trip(struct burst *burst, int64_t us, int count);
struct burst_measured {
	int cuts;
	int64_t wall_us; /* from the question to the answer */
	int64_t read_us; /* of that, in the function's reader */
	int64_t cost_nano;
	int64_t bytes;
};
void burst_measure_cloud(struct burst *burst, int lane, const struct burst_measured *measured);

/* The state of a cloud lane, as the agent tells it and as batches show it. Texts are shown as they are. */
struct burst_health {
	bool healthy;
	int64_t closed_us; /* how long it is not to be asked; 0: unknown or not at all */
	char reason[ERR_DETAIL_MAX], next[ERR_DETAIL_MAX];
	int64_t since_us; /* UTC */
};
void burst_tell_health(struct burst *burst, int lane, const struct burst_health *health);
/* Whether the box's own agent answers; while it does not, no lane to the cloud can be used, and sentence says why. It is
 * a process on this machine that comes back in a blink, so nothing is held against the lanes. */
void burst_tell_agent(struct burst *burst, bool there, const char *sentence);
bool burst_agent_there(struct burst *burst);
/* A batch failed on this lane, which is not to be asked again for retry_ms, or for longer when one after the other fails;
 * sentence says why. */
void burst_lane_failed(struct burst *burst, int lane, int64_t retry_ms, const char *sentence);

struct burst_money {
	double day, month; /* dollars */
	int64_t spent_today_nano, spent_month_nano, left_nano;
};
void burst_tell_money(struct burst *burst, const struct burst_money *money);
void burst_tell_uplink(struct burst *burst, double bytes_s);

/* Everything at one moment, for the screens. */
struct burst_lane_view {
	struct burst_health health;
	int slots, busy;
	bool allowed;
	double rate_per_min;
	double latency_ms; /* of a batch beside its reading; at home: of one time point, cut and read */
	int64_t price_per_1000_nano;
};
struct burst_view {
	struct plan_input input; /* its arrays are the view's */
	struct plan plan;
	struct plan_dish dishes[PLAN_DISHES_MAX];
	struct burst_lane_view home, lanes[PLAN_LANES_MAX];
	int64_t state_since_us;
	bool money_known;
	struct burst_money money;
	int64_t deadline_us; /* the earliest; PLAN_NO_DEADLINE */
};
void burst_view(struct burst *burst, struct burst_view *ret_view);
