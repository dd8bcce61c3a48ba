/* A morning of a clinic, all of it known beforehand: what lands when, how fast the box and the cloud really
 * are, and what goes wrong. A seed gives the same morning everywhere. The planner sees none of this, only
 * what sim/run measures.
 *
 * Times are microseconds of true time since the first export may land; work at home is slot time. */
#pragma once

#include "simulator/random.h"

#include <stddef.h>
#include <stdint.h>

enum {
	MORNING_DISHES_MAX = 32,
	MORNING_LANDINGS_MAX = MORNING_DISHES_MAX * 4,
	MORNING_LANES_MAX = 3,
	MORNING_STRETCHES_MAX = 4,
	MORNING_SECOND = 1000000,
};

/* A part of the morning in which something is not as usual. */
struct stretch {
	int64_t from_us, to_us;
	double value;
};
struct stretches {
	struct stretch list[MORNING_STRETCHES_MAX];
	int count;
};

/* Time points of a dish reach the store; large exports land in parts. */
struct landing {
	int64_t at_us;
	int dish, points;
};

struct morning_dish {
	int64_t deadline_us;
	int points;
};

struct morning_lane {
	int slots;
	double latency_us, read_us; /* of a batch; of a cut in it */
	double noise;               /* deviation of a batch's time, as a share */
	double straggler;           /* share of batches that take 4 to 12 times as long */
	double cold_us;             /* start-up of a fresh instance, billed */
	double lost, refused, wrong, twice; /* shares of batches: answer lost, 5xx, another's answer, answered twice */
	double price_us, price_request;     /* nano-dollars: of a billed microsecond, of a request */
	struct stretches outages;   /* value 1: connections refused at once; 2: nothing answers at all */
	struct stretches throttles; /* value: how many may run at once, the rest gets 429 */
};

struct morning {
	uint64_t seed;
	struct morning_dish dishes[MORNING_DISHES_MAX];
	int dishes_count;
	struct landing landings[MORNING_LANDINGS_MAX]; /* by time */
	int landings_count;
	int points;
	int slots;
	double cut_us, read_us, step_noise;
	double prior;               /* what the box believes of itself at first, as a factor of the truth */
	struct stretches slow;      /* value: share of the usual speed */
	struct morning_lane lanes[MORNING_LANES_MAX];
	int lanes_count;
	double uplink_bytes_s, bytes_per_cut;
	struct stretches clock;     /* value: how far the box's clock is ahead, microseconds */
	double budget_nano;
	double load; /* all work over the home's time until the last deadline */
};

void morning_make(struct morning *ret_morning, uint64_t seed);

/* The value at a time, or `usual` outside all stretches. */
double stretches_at(const struct stretches *stretches, int64_t at_us, double usual);
/* Slot time that one home slot does between two times. */
double morning_home_between(const struct morning *morning, int64_t from_us, int64_t to_us);
/* When a slot that starts now has done so much. */
int64_t morning_home_until(const struct morning *morning, int64_t from_us, double work_us);
