/* The planner: pure decisions, no clock, no input or output, no memory of its own. Whoever holds the state
 * (the lanes of the daemon, the simulator of mornings) fills a plan_input and asks three things:
 *
 *   plan_make         how much of which dish goes to the cloud and why, when each dish will be ready, what it costs
 *   plan_next_home    what a free slot at home does next
 *   plan_next_cloud   what a free cloud slot does next
 *
 * A time point is cut at home, always, and its cut is read at home or in the cloud. The home is one machine
 * of `slots` equal slots that works by earliest deadline and never idles. For the dishes due by a deadline
 * D it has slots x (D - now) of time; what it cannot read in that time is the excess, and the least that
 * any planner must send away is the largest excess over all deadlines, counted in readings. Since rates are
 * measured and noisy, there are two excesses: `sure`, with the home as fast as it may turn out, is sent at
 * once; `high`, with the home as slow as it may turn out, is sent when the cloud would otherwise have no
 * time left to be slow or away for a while. As the deadline comes near the two meet, so that money is spent
 * on what is needed and little else.
 *
 * Home works by earliest deadline; the cloud takes the latest dishes that still count for the deadline in
 * danger, so that a lost batch has time to be read at home. On a tight morning home cuts all that is due
 * together before it reads any of it: what is cut can go to the cloud at once if more should land, and is
 * read at home if not. What no lane can finish in time is balanced so that it is over soonest, and a dish
 * that is late in any case goes behind those that need not be. At the tail home reads what is in flight
 * rather than idle; the cloud is asked twice only for what is overdue. Budget, regions, health and the
 * share of hedges are hard limits: no deadline bends them.
 *
 * All times but deadlines are durations that the caller measures on a monotonic clock: when the wall clock
 * jumps, only the time left changes. Microseconds; money in nano-dollars. tests/sim/README.md has the
 * figures. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PLAN_DISHES_MAX = 256, /* give those with the earliest deadlines; the rest waits behind them */
	PLAN_LANES_MAX = 8,
	PLAN_BATCHES_MAX = 512, /* 8 endpoints x 64 slots */
	PLAN_SHARES_MAX = 64,
	PLAN_TEXT_MAX = 256,
};
#define PLAN_NO_DEADLINE INT64_MAX

/* Counts are time points and do not overlap. */
struct plan_dish {
	int64_t id;
	int64_t deadline_us; /* UTC; PLAN_NO_DEADLINE */
	int priority;        /* among equal deadlines, higher first */
	int to_cut;          /* not begun */
	int at_home;         /* in the hands of a home slot that cuts and reads, or reads */
	int cutting;         /* in the hands of a home slot that only cuts */
	int to_read;         /* cut and waiting, in nobody's hands */
	int in_flight;       /* in a cloud slot's hands */
};

/* Time for one time point in one slot, as measured lately. */
struct plan_home {
	int slots;
	double cut_us, read_us;
	double slow; /* how many times longer that is than usual (work/pace.h); 1, or 0 for unknown */
	bool guessed; /* nothing was read here yet: the first step is read at home, and nothing sent that can wait for it */
};

struct plan_lane {
	const char *name;
	bool allowed;         /* its region is one of the clinic's */
	bool healthy;         /* connected, confirmed, breaker not open */
	int64_t closed_us;    /* of an open breaker or a throttle: how long still; 0: unknown or not closed */
	int slots, busy;
	double latency_us;    /* of a batch of any size, there and back, without reading and without the uplink */
	double read_us;       /* for one cut */
	double spread;        /* how much longer a slow batch (1 in 20) takes than the usual one, as a factor >= 1 */
	double failure_share; /* of batches, lately */
	int64_t price_nano;   /* for one cut, all included */
};

/* A batch in flight. */
struct plan_batch {
	int lane;
	int cuts;             /* that still wait for an answer */
	int64_t age_us;
	int64_t deadline_us;  /* the earliest of its dishes */
	bool hedged;          /* asked for twice already */
	bool at_home;         /* a home slot reads it as well */
};

struct plan_input {
	int64_t now_us; /* UTC */
	const struct plan_dish *dishes; /* in any order */
	int dishes_count;
	struct plan_home home;
	const struct plan_lane *lanes;
	int lanes_count;
	const struct plan_batch *batches;
	int batches_count;
	double uplink_bytes_s; /* what may go out now; 0: no limit known */
	double bytes_per_cut;
	int64_t budget_left_nano; /* of the day or of the month, whichever is less, less what is in flight */
	int batch_size;           /* cuts of a batch at most */
	double hedge_share;       /* 0.05: one cut in twenty may be asked for twice */
	int64_t sent_cuts, hedged_cuts; /* since the burst began, for that share */
	/* Policy; plan_defaults fills it in. */
	double margin;      /* share by which the home may turn out slower than measured: 0.05 */
	double hope;        /* share by which it may turn out faster, what slows it down being over: 0.2 */
	int64_t guard_us;   /* how long the cloud may be away before a deadline is lost */
	int64_t settle_us;  /* from the last reading to the board: evaluation, ranking */
	int step;           /* time points a home slot takes at a time */
};
void plan_defaults(struct plan_input *ret_input);

enum plan_state {
	PLAN_OFF,      /* no cloud that may be used */
	PLAN_AT_HOME,  /* all will be ready in time at home */
	PLAN_SPILLING, /* part of the work goes to the cloud */
	PLAN_DRAINING, /* nothing more is sent; answers are waited for */
	PLAN_STALLED,  /* the cloud is needed and cannot be used: reason says why */
};
const char *plan_state_name(enum plan_state state); /* "off", "home", "spilling", "draining", "stalled" */

enum plan_why {
	PLAN_WHY_IN_TIME,    /* ready in time at home */
	PLAN_WHY_NO_DEADLINE,
	PLAN_WHY_SPILL,      /* would be late, or make others late, without the cloud */
	PLAN_WHY_INSURANCE,  /* would be late if the home turned out slower; not sent yet */
	PLAN_WHY_LATE,       /* late in any case: as soon as possible */
	PLAN_WHY_NO_CLOUD,   /* late, and no lane can be used */
	PLAN_WHY_BUDGET,     /* late, and the budget is spent */
};
const char *plan_why_sentence(enum plan_why why);

struct plan_dish_result {
	int spill; /* of its to_cut, cutting and to_read: how many are to be read in the cloud */
	int now;   /* of these, how many are to be sent as soon as they can be */
	enum plan_why why;
	int64_t ready_us, ready_local_us; /* UTC; with this plan, and without any cloud from now on */
	bool late;                        /* ready_us is after the deadline */
};

struct plan {
	enum plan_state state;
	char reason[PLAN_TEXT_MAX]; /* durations and counts; no times of day */
	int order[PLAN_DISHES_MAX]; /* dishes by earliest deadline: indices into input.dishes */
	struct plan_dish_result dishes[PLAN_DISHES_MAX]; /* as input.dishes */
	int slots_wanted[PLAN_LANES_MAX]; /* as input.lanes */
	int spill, now;                   /* sums over dishes */
	bool tight;                       /* so much to do that home cuts first and reads later */
	int64_t ready_us, ready_local_us; /* of the whole board */
	int64_t money_nano;               /* for what is to be spilled */
};

/* Some ten microseconds; ask again with every decision. */
void plan_make(const struct plan_input *input, struct plan *ret_plan);

enum plan_task_kind {
	PLAN_TASK_NOTHING,
	PLAN_TASK_TRIP,  /* cut and read time points of the dish in one go */
	PLAN_TASK_CUT,   /* cut only: the cloud reads them */
	PLAN_TASK_READ,  /* read waiting cuts of the dish */
	PLAN_TASK_HEDGE, /* nothing else is left: read the cuts of this batch as well, whoever answers first counts */
};
struct plan_task {
	enum plan_task_kind kind;
	int dish;  /* index; of TRIP, CUT, READ */
	int batch; /* index; of HEDGE */
	int count; /* time points, at most step */
};
/* What a free slot at home does next, with a plan made of the same input. */
struct plan_task plan_next_home(const struct plan_input *input, const struct plan *plan);

enum plan_send_kind { PLAN_SEND_WAIT, PLAN_SEND_BATCH, PLAN_SEND_HEDGE };
struct plan_send {
	enum plan_send_kind kind;
	int batch; /* index; of HEDGE: send the same cuts again, here */
	int count; /* of BATCH: cuts in all, the sum of the shares */
	struct {
		int dish, count;
	} shares[PLAN_SHARES_MAX];
	int shares_count;
	const char *why; /* a sentence */
};
/* What a free slot of this lane does next. */
struct plan_send plan_next_cloud(const struct plan_input *input, const struct plan *plan, int lane);
