#include "sim/morning.h"

#include <math.h>
#include <string.h>

#define MINUTE (60.0 * MORNING_SECOND)

double stretches_at(const struct stretches *stretches, int64_t at_us, double usual)
{
	for (int i = 0; i < stretches->count; i++)
		if (at_us >= stretches->list[i].from_us && at_us < stretches->list[i].to_us)
			return stretches->list[i].value;
	return usual;
}

static void stretch_add(struct stretches *stretches, double from_us, double to_us, double value)
{
	stretches->list[stretches->count++] = (struct stretch){(int64_t)from_us, (int64_t)to_us, value};
}

double morning_home_between(const struct morning *morning, int64_t from_us, int64_t to_us)
{
	double work = to_us > from_us ? (double)(to_us - from_us) : 0;
	for (int i = 0; i < morning->slow.count; i++) {
		const struct stretch *s = &morning->slow.list[i];
		int64_t from = s->from_us > from_us ? s->from_us : from_us,
		        to = s->to_us < to_us ? s->to_us : to_us;
		if (to > from)
			work -= (double)(to - from) * (1 - s->value);
	}
	return work;
}

int64_t morning_home_until(const struct morning *morning, int64_t from_us, double work_us)
{
	int64_t low = from_us, high = from_us + (int64_t)(work_us * 8) + 1;
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		if (morning_home_between(morning, from_us, middle) < work_us)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* Between low and high, each factor of two as likely as the next. */
static double log_between(struct random *random, double low, double high)
{
	return low * pow(high / low, random_unit(random));
}

static void add_landing(struct morning *morning, int64_t at_us, int dish, int points)
{
	int at = morning->landings_count++;
	for (; at > 0 && morning->landings[at - 1].at_us > at_us; at--)
		morning->landings[at] = morning->landings[at - 1];
	morning->landings[at] = (struct landing){at_us, dish, points};
}

/* 10 to 30 patients with 5 to 15 embryos each; one decision hour for most, a time of their own for some. */
static void make_dishes(struct morning *morning, struct random *random)
{
	double due = random_between(random, 60, 90) * MINUTE;
	int runs = random_int(random, 60, 300);
	bool last_minute = random_chance(random, 0.2);
	morning->dishes_count = random_int(random, 10, 30);
	for (int i = 0; i < morning->dishes_count; i++) {
		struct morning_dish *dish = &morning->dishes[i];
		double at = random_unit(random) * (last_minute ? due - 10 * MINUTE : due / 2);
		double own = random_chance(random, 0.2) ? random_between(random, -25, 20) * MINUTE : 0;
		int parts = random_int(random, 1, 4);
		dish->points = random_int(random, 5, 15) * runs;
		dish->deadline_us = (int64_t)(due + own);
		for (int part = 0; part < parts; part++) {
			int points = dish->points / parts + (part < dish->points % parts);
			add_landing(morning, (int64_t)(i == 0 ? 0 : at + part * MINUTE), i, points);
		}
		morning->points += dish->points;
	}
}

static int64_t last_deadline(const struct morning *morning)
{
	int64_t last = 0;
	for (int i = 0; i < morning->dishes_count; i++)
		last = morning->dishes[i].deadline_us > last ? morning->dishes[i].deadline_us : last;
	return last;
}

/* The box is as slow as makes the wanted load: a mini PC with a heavy network, or a server with a light one. */
static void make_home(struct morning *morning, struct random *random)
{
	static const double LOADS[][2] = {{0.3, 0.9}, {0.9, 1.2}, {1.2, 2}, {2, 3.5}};
	const double *load = LOADS[random_int(random, 0, 3)];
	double time = (double)last_deadline(morning);
	morning->load = random_between(random, load[0], load[1]);
	morning->slots = 1 << random_int(random, 0, 4);
	double point = morning->load * time * morning->slots / morning->points;
	for (; point > 400e3 && morning->slots > 1; point /= 2)
		morning->slots /= 2;
	double share = random_between(random, 0.03, fmin(0.4, 0.7 / morning->load));
	morning->cut_us = point * share;
	morning->read_us = point - morning->cut_us;
	morning->step_noise = random_between(random, 0.02, 0.15);
	morning->prior = exp(random_normal(random, 0, 0.15));
	if (random_chance(random, 0.3)) {
		double from = random_unit(random) * time;
		stretch_add(&morning->slow, from, from + random_between(random, 2, 15) * MINUTE,
		    random_between(random, 0.5, 0.9));
	}
}

static void make_faults(struct morning_lane *lane, struct random *random, double time)
{
	lane->straggler = random_chance(random, 0.5) ? 0.01 : 0.001;
	if (random_chance(random, 0.3)) {
		lane->lost = random_between(random, 0, 0.03);
		lane->refused = random_between(random, 0, 0.1);
		lane->wrong = random_between(random, 0, 0.03);
		lane->twice = random_between(random, 0, 0.1);
	}
	if (random_chance(random, 0.2)) {
		double from = random_unit(random) * time;
		stretch_add(&lane->outages, from, from + log_between(random, 0.5, 15) * MINUTE,
		    random_int(random, 1, 2));
	}
	if (random_chance(random, 0.2)) {
		double from = random_unit(random) * time;
		int most = lane->slots / random_int(random, 2, 8);
		stretch_add(
		    &lane->throttles, from, from + log_between(random, 1, 20) * MINUTE, most > 0 ? most : 1);
	}
}

/* Prices: AWS Lambda, x86, 1,769 MB: $0.0000166667 a GB second and $0.20 a million requests. */
static void make_lanes(struct morning *morning, struct random *random)
{
	double time = (double)last_deadline(morning);
	morning->lanes_count = random_chance(random, 0.7) ? 1 : random_int(random, 2, MORNING_LANES_MAX);
	for (int i = 0; i < morning->lanes_count; i++) {
		struct morning_lane *lane = &morning->lanes[i];
		lane->slots = 4 << random_int(random, 0, 4);
		lane->latency_us = log_between(random, 60e3, 500e3);
		lane->read_us = morning->read_us * random_between(random, 0.5, 1.5);
		lane->noise = random_between(random, 0.02, 0.25);
		lane->cold_us = log_between(random, 50e3, 3e6);
		lane->price_us = 16.6667 * 1769 / 1024 / 1000 * random_between(random, 0.8, 1.2);
		lane->price_request = 200;
		make_faults(lane, random, time);
	}
	morning->bytes_per_cut = random_between(random, 20e3, 45e3);
	morning->uplink_bytes_s = log_between(random, 5, 1000) * 1e6 / 8;
	morning->budget_nano = 1e9 * (random_chance(random, 0.05) ? log_between(random, 0.01, 1) : 100);
}

static void make_clock(struct morning *morning, struct random *random)
{
	if (!random_chance(random, 0.1))
		return;
	double time = (double)last_deadline(morning), from = random_unit(random) * time;
	double jump = log_between(random, 1, 1200) * MORNING_SECOND;
	stretch_add(&morning->clock, from, from + random_between(random, 0.1, 10) * MINUTE,
	    random_chance(random, 0.5) ? jump : -jump);
}

void morning_make(struct morning *ret_morning, uint64_t seed)
{
	struct random random;
	memset(ret_morning, 0, sizeof *ret_morning);
	ret_morning->seed = seed;
	random_start(&random, seed, 1);
	make_dishes(ret_morning, &random);
	make_home(ret_morning, &random);
	make_lanes(ret_morning, &random);
	make_clock(ret_morning, &random);
}
