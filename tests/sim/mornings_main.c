/* Thousands of seeded mornings against what a clairvoyant could do; README.md beside it has the table.
 *
 *   sim_mornings [--seeds N] [--from SEED] [--verbose] [--one SEED] [--check]
 *
 * --one tells one morning minute by minute; --check: exit status 1 unless the planner keeps to its targets. */
#include "sim/bound.h"
#include "sim/policies.h"
#include "sim/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	policy_fn *make;
} POLICIES[] = {
    {"Daybreak", plan_make},
    {"all at home", policy_local},
    {"all in the cloud", policy_cloud},
    {"by queue length", policy_queue},
    {"at the last moment", policy_last_moment},
};
enum { POLICIES_COUNT = sizeof POLICIES / sizeof *POLICIES };

/* By what the clairvoyant must send away. */
enum load { QUIET, LIGHT, HEAVY, CRUSHING, HOPELESS, LOADS, ALL = LOADS };
static const char *const LOAD_NAMES[] = {"quiet: nothing need be sent", "light: up to a tenth",
    "heavy: up to a half", "crushing: more", "hopeless: some dish is late in every schedule", "all"};

/* What goes wrong in a morning; several may. */
enum fault { NOTHING, LOSS, OUTAGE, THROTTLE, SLOW_BOX, CLOCK, SLOW_UPLINK, SMALL_BUDGET, FAULTS };
static const char *const FAULT_NAMES[] = {"nothing", "answers lost, refused, wrong, twice",
    "an outage of 0.5 to 15 min", "throttled for 1 to 20 min", "the box slower for 2 to 15 min",
    "the clock 1 s to 20 min wrong for a while", "uplink under 20 Mbit/s", "budget under a dollar"};

static bool has(const struct morning *m, enum fault fault)
{
	bool any = false;
	for (int i = 0; i < m->lanes_count; i++) {
		const struct morning_lane *lane = &m->lanes[i];
		any = any || (fault == LOSS && lane->refused + lane->lost > 0);
		any = any || (fault == OUTAGE && lane->outages.count > 0);
		any = any || (fault == THROTTLE && lane->throttles.count > 0);
	}
	if (fault == NOTHING) {
		for (int other = LOSS; other < FAULTS; other++)
			any = any || has(m, (enum fault)other);
		return !any;
	}
	return any || (fault == SLOW_BOX && m->slow.count > 0) || (fault == CLOCK && m->clock.count > 0) ||
	    (fault == SLOW_UPLINK && m->uplink_bytes_s < 20e6 / 8) ||
	    (fault == SMALL_BUDGET && m->budget_nano < 1e9);
}

struct tally {
	int mornings, dishes;
	int64_t points;
	int late, late_least, missed, missed_least;
	double money, least;
	double ends, ends_count; /* ratios to what a home that never idles needs for the rest */
	double full, full_count; /* to all lanes at full rate */
	int64_t cuts, cuts_least, sent, hedged, failed, twice, batches, cold;
	int broken;
};

static enum load load_of(const struct morning *morning, const struct bound *bound)
{
	double share = (double)bound->cuts / morning->points;
	if (bound->late > 0)
		return HOPELESS;
	return bound->cuts == 0 ? QUIET : share <= 0.1 ? LIGHT : share <= 0.5 ? HEAVY : CRUSHING;
}

static void add(
    struct tally *t, const struct morning *morning, const struct bound *bound, const struct outcome *outcome)
{
	t->mornings++;
	t->dishes += morning->dishes_count;
	t->points += morning->points;
	t->late += outcome->late;
	t->late_least += bound->late;
	t->missed += outcome->late > 0;
	t->missed_least += bound->late > 0;
	t->money += outcome->money_nano;
	t->least += bound->money_nano;
	t->ends += (double)outcome->end_us / bound_home_end(morning, outcome->cuts_cloud);
	t->ends_count++;
	if (bound->late > 0) {
		t->full += (double)outcome->end_us / bound->end_us;
		t->full_count++;
	}
	t->cuts += outcome->cuts_cloud;
	t->cuts_least += bound->cuts;
	t->sent += outcome->cuts_sent;
	t->hedged += outcome->cuts_hedged;
	t->failed += outcome->failed;
	t->twice += outcome->twice;
	t->batches += outcome->batches;
	t->cold += outcome->cold;
	t->broken += !outcome->ended;
}

static void print_one(uint64_t seed, const struct morning *m, const struct bound *bound, const char *name,
    const struct outcome *o)
{
	printf("%llu %s: load %.2f, %d dishes, %d points, home %d x (%.1f + %.1f) ms, lanes %d, uplink %.0f "
	       "cuts/s; late %d (%d), by "
	       "%.0f s (%.0f), end %.0f s (home %.0f), cloud %lld (%lld), $%.4f (%.4f), batches %lld, failed "
	       "%lld, hedged %lld\n",
	    (unsigned long long)seed, name, m->load, m->dishes_count, m->points, m->slots, m->cut_us / 1e3,
	    m->read_us / 1e3, m->lanes_count, m->uplink_bytes_s / m->bytes_per_cut, o->late, bound->late,
	    (double)o->lateness_us / 1e6, bound->lateness_us / 1e6, (double)o->end_us / 1e6,
	    bound_home_end(m, o->cuts_cloud) / 1e6, (long long)o->cuts_cloud, (long long)bound->cuts,
	    o->money_nano / 1e9, bound->money_nano / 1e9, (long long)o->batches, (long long)o->failed,
	    (long long)o->cuts_hedged);
}

static double ratio(double value, double of)
{
	return of > 0 ? value / of : value > 0 ? INFINITY : 1;
}

static double percent(double part, double of)
{
	return of > 0 ? 100 * part / of : 0;
}

static void print_row(const char *name, const struct tally *t)
{
	printf("| %-46s | %5d | %6.2f %% (%5.2f) | %5.1f %% (%4.1f) | %8.4f (%8.4f) | %5.2f | %5.3f |", name,
	    t->mornings, 100.0 * t->late / t->dishes, 100.0 * t->late_least / t->dishes,
	    100.0 * t->missed / t->mornings, 100.0 * t->missed_least / t->mornings,
	    t->money / t->mornings / 1e9, t->least / t->mornings / 1e9, ratio(t->money, t->least),
	    t->ends / t->ends_count);
	if (t->full_count > 0)
		printf(" %5.2f |", t->full / t->full_count);
	else
		printf("     - |");
	printf(" %4.1f %% | %4.1f %% |\n", percent((double)t->hedged, (double)t->sent),
	    percent((double)t->failed, (double)t->batches));
}

static void print_head(const char *what)
{
	printf("\n%s (in brackets: the clairvoyant's bound)\n\n", what);
	printf("| %-46s | mornings | dishes late | mornings with one | $ a morning | money ratio | end ratio "
	       "| end, all lanes | hedged | "
	       "failed |\n|---|---|---|---|---|---|---|---|---|---|\n",
	    "");
}

struct options {
	uint64_t from;
	int seeds;
	bool check, verbose, tell;
};

static struct options options_of(int argc, char **argv)
{
	struct options options = {.from = 1, .seeds = 200};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc)
			options.seeds = (int)strtol(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--from") == 0 && i + 1 < argc)
			options.from = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--check") == 0)
			options.check = true;
		else if (strcmp(argv[i], "--verbose") == 0)
			options.verbose = true;
		else if (strcmp(argv[i], "--one") == 0 && i + 1 < argc)
			options = (struct options){
			    .from = strtoull(argv[++i], NULL, 10), .seeds = 1, .verbose = true, .tell = true};
	}
	return options;
}

/* The targets of the planner; see README.md. */
static int check(const struct tally *all, const struct tally loads[LOADS])
{
	int problems = 0;
	double late = (double)(all->late - all->late_least) / all->dishes;
	if (all->broken)
		problems += printf("a time point was lost or read twice in %d mornings\n", all->broken) > 0;
	if (late > 0.01)
		problems +=
		    printf("%.2f %% more dishes late than a clairvoyant's; at most 1 %%\n", 100 * late) > 0;
	if (ratio(all->money, all->least) > 1.2)
		problems +=
		    printf("money is %.2f times the least; at most 1.2\n", ratio(all->money, all->least)) > 0;
	for (int i = LIGHT; i < LOADS; i++)
		if (loads[i].mornings > 0 && ratio(loads[i].money, loads[i].least) > 1.2)
			printf("note: %s: money is %.2f times the least\n", LOAD_NAMES[i],
			    ratio(loads[i].money, loads[i].least));
	if (percent((double)all->hedged, (double)all->sent) > 5)
		problems += printf("more than one cut in twenty was hedged\n") > 0;
	return problems;
}

int main(int argc, char **argv)
{
	static struct tally tallies[POLICIES_COUNT][LOADS + 1], faults[FAULTS];
	struct options options = options_of(argc, argv);
	for (uint64_t seed = options.from; seed < options.from + (uint64_t)options.seeds; seed++) {
		struct morning morning;
		struct bound bound;
		morning_make(&morning, seed);
		bound_make(&morning, &bound);
		enum load load = load_of(&morning, &bound);
		for (int p = 0; p < POLICIES_COUNT; p++) {
			struct outcome outcome;
			run_morning(
			    &morning, POLICIES[p].make, options.tell && p == 0 ? stdout : NULL, &outcome);
			if (options.verbose)
				print_one(seed, &morning, &bound, POLICIES[p].name, &outcome);
			add(&tallies[p][load], &morning, &bound, &outcome);
			add(&tallies[p][ALL], &morning, &bound, &outcome);
			for (int fault = 0; fault < FAULTS && p == 0; fault++)
				if (has(&morning, (enum fault)fault))
					add(&faults[fault], &morning, &bound, &outcome);
			if (options.check)
				break;
		}
	}
	print_head("Daybreak, by what a clairvoyant must send away");
	for (int load = 0; load <= LOADS; load++)
		if (tallies[0][load].mornings > 0)
			print_row(LOAD_NAMES[load], &tallies[0][load]);
	print_head("Daybreak, by what goes wrong; a morning may be in several rows");
	for (int fault = 0; fault < FAULTS; fault++)
		if (faults[fault].mornings > 0)
			print_row(FAULT_NAMES[fault], &faults[fault]);
	if (!options.check) {
		print_head("All mornings, by policy");
		for (int p = 0; p < POLICIES_COUNT; p++)
			print_row(POLICIES[p].name, &tallies[p][ALL]);
	}
	return options.check && check(&tallies[0][ALL], tallies[0]) > 0;
}
