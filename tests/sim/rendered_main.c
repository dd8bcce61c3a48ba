/* The rendered morning of tests/system/test_burst.py with no time to lose, in simulated time: how far its end is from
 * the bound, total work over total rate, does not depend on what else this machine does. README.md beside it has the
 * figures.
 *
 *   sim_rendered [--check]
 *
 * --check: exit status 1 when a morning is over later than 1.15 times its bound. */
#include "sim/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PATIENTS = 16, EMBRYOS = 128, SLOTS = 8, SEEDS = 20 };
static const double ratio_max = 1.15;

/* Milliseconds for a cut at home and in a slot of the cloud. */
static const struct scene {
	const char *name;
	int runs;
	double cut, read, cloud;
} SCENES[] = {
    {"cutting is the bound: a cloud that is never full", 32, 2.5, 6.5, 0.65},
    {"the cloud reads half as fast as home", 32, 2.5, 20, 40},
    {"the cloud reads a quarter as fast as home", 32, 2.5, 40, 160},
    {"a fifth of the work is cutting", 32, 5, 20, 20},
    {"a morning of hours", 400, 40, 360, 360},
};

/* No schedule is faster: home and all slots at work from beginning to end, in full batches; home cuts. */
static double bound_us(const struct morning *m)
{
	enum { FULL = 64 };
	double cloud = SLOTS / (m->lanes[0].read_us + m->lanes[0].latency_us / FULL);
	return m->points * fmax(m->cut_us, (m->cut_us + m->read_us) / (1 + m->read_us * cloud));
}

/* Everything lands in two seconds, and the hour strikes long before it can be done. */
static void make(const struct scene *scene, uint64_t seed, struct morning *ret_morning)
{
	struct morning *m = ret_morning;
	*m = (struct morning){.seed = seed,
	    .dishes_count = PATIENTS,
	    .points = EMBRYOS * scene->runs,
	    .slots = 1,
	    .cut_us = scene->cut * 1e3,
	    .read_us = scene->read * 1e3,
	    .step_noise = 0.05,
	    .prior = 1.15,
	    .lanes_count = 1,
	    .uplink_bytes_s = 1e9 / 8,
	    .bytes_per_cut = 10e3,
	    .budget_nano = 1e12};
	m->lanes[0] = (struct morning_lane){.slots = SLOTS,
	    .latency_us = 100e3,
	    .read_us = scene->cloud * 1e3,
	    .noise = 0.1,
	    .cold_us = 80e3,
	    .price_us = 28.8,
	    .price_request = 200};
	for (int i = 0; i < PATIENTS; i++) {
		m->dishes[i].points = m->points / PATIENTS;
		m->dishes[i].deadline_us = (int64_t)(bound_us(m) / 2);
		m->landings[m->landings_count++] = (struct landing){
		    .at_us = i * 2ll * MORNING_SECOND / PATIENTS, .dish = i, .points = m->dishes[i].points};
	}
}

int main(int argc, char **argv)
{
	bool check = argc > 1 && strcmp(argv[1], "--check") == 0, well = true;
	printf("| %-48s | bound, s | mean | worst |\n|---|---|---|---|\n", "");
	for (size_t s = 0; s < sizeof SCENES / sizeof *SCENES; s++) {
		struct morning morning;
		double sum = 0, worst = 0;
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct outcome outcome;
			make(&SCENES[s], seed, &morning);
			run_morning(&morning, plan_make, NULL, &outcome);
			double ratio = (double)outcome.end_us / bound_us(&morning);
			well = well && outcome.ended;
			sum += ratio;
			worst = fmax(worst, ratio);
		}
		well = well && worst <= ratio_max;
		printf("| %-48s | %8.1f | %.3f | %.3f |\n", SCENES[s].name, bound_us(&morning) / 1e6, sum / SEEDS, worst);
	}
	return check && !well;
}
