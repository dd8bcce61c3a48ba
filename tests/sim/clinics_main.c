/* Many clinics on one account: every clinic lives through a simulated morning of its own, the mornings
 * follow the sun, and the account runs only so many functions at once; a request beyond that gets a 429.
 * README.md beside it has the page.
 *
 *   sim_clinics [--clinics N] [--zones N] [--slots N] */
#include "sim/events.h"
#include "sim/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_OF_A_CLINIC = 16 };

struct clinic {
	struct morning morning;
	struct outcome outcome;
	struct run *run; /* NULL: over */
	int64_t starts_us; /* of the day of universal time */
};

struct day {
	double late, dishes, dollars, busy_hours;
	int peak;
	double full_hours; /* with every slot taken */
};

/* The first export lands between six and seven, local time. Only what the account does is at fault here. */
static void make_clinic(struct clinic *clinic, int number, int zones)
{
	struct morning *m = &clinic->morning;
	struct random random;
	morning_make(m, 1 + (uint64_t)number);
	random_start(&random, m->seed, 3);
	m->lanes_count = 1;
	m->lanes[0].slots = SLOTS_OF_A_CLINIC;
	m->lanes[0].outages.count = m->lanes[0].throttles.count = 0;
	m->budget_nano = 100e9;
	int zone = random_int(&random, 0, zones - 1);
	clinic->starts_us =
	    (int64_t)(random_between(&random, 0, 3600) * MORNING_SECOND) + zone * 3600ll * MORNING_SECOND;
}

static void count(struct clinic *clinic, struct day *day)
{
	day->late += clinic->outcome.late;
	day->dishes += clinic->morning.dishes_count;
	day->dollars += clinic->outcome.money_nano / 1e9;
	day->busy_hours += clinic->outcome.busy_us / 3600e6;
	run_free(clinic->run);
	clinic->run = NULL;
}

static struct day live(struct clinic *clinics, int clinics_count, int zones, int slots)
{
	struct day day = {0};
	struct account account = {.slots = slots};
	struct events queue = {0};
	struct event event;
	int64_t full_since_us = -1;
	for (int i = 0; i < clinics_count; i++) {
		make_clinic(&clinics[i], i, zones);
		clinics[i].run = run_start(&clinics[i].morning, plan_make, &account, &clinics[i].outcome);
		events_add(&queue, clinics[i].starts_us + run_next_us(clinics[i].run), 0, i, 0);
	}
	while (events_take(&queue, &event)) {
		struct clinic *clinic = &clinics[event.a];
		if (run_step(clinic->run))
			events_add(&queue, clinic->starts_us + run_next_us(clinic->run), 0, event.a, 0);
		else
			count(clinic, &day);
		day.peak = account.running > day.peak ? account.running : day.peak;
		bool full = account.running >= slots;
		if (full && full_since_us < 0)
			full_since_us = event.at_us;
		if (!full && full_since_us >= 0) {
			day.full_hours += (double)(event.at_us - full_since_us) / 3600e6;
			full_since_us = -1;
		}
	}
	events_done(&queue);
	return day;
}

int main(int argc, char **argv)
{
	int clinics_count = 5000, zones = 12, slots = 1000;
	for (int i = 1; i + 1 < argc; i += 2) {
		int value = (int)strtol(argv[i + 1], NULL, 10);
		if (strcmp(argv[i], "--clinics") == 0)
			clinics_count = value;
		else if (strcmp(argv[i], "--zones") == 0)
			zones = value;
		else if (strcmp(argv[i], "--slots") == 0)
			slots = value;
	}
	struct clinic *clinics = calloc((size_t)clinics_count, sizeof *clinics);
	if (!clinics || clinics_count < 1 || zones < 1 || slots < 1)
		return 2;
	struct day free_day = live(clinics, clinics_count, zones, 1000000);
	struct day day = live(clinics, clinics_count, zones, slots);
	printf(
	    "| clinics | time zones | slots | wanted at once, at most | on average over the day | every slot "
	    "taken for | dishes late "
	    "without a limit | with it | $ a clinic and morning |\n|---|---|---|---|---|---|---|---|---|\n");
	printf("| %d | %d | %d | %d | %.0f | %.1f h | %.2f %% | %.2f %% | %.3f |\n", clinics_count, zones,
	    slots, free_day.peak, free_day.busy_hours / 24, day.full_hours,
	    100 * free_day.late / free_day.dishes, 100 * day.late / day.dishes, day.dollars / clinics_count);
	free(clinics);
	return 0;
}
