/* The agent, the gateway and the functions, with all that goes wrong between them. */
#include "sim/run_inside.h"

#include <math.h>
#include <string.h>

enum {
	ATTEMPTS_MAX = 3,
	BREAKER_FAILURES = 5, /* in a row open it */
	BREAKER_FIRST_US = 2 * MORNING_SECOND,
	BREAKER_MOST_US = 60 * MORNING_SECOND,
	REFUSED_US = 50000, /* a connection refused, a 429, a 5xx: there and back */
	SILENT_US = 10 * MORNING_SECOND, /* no connection at all: curl's limit */
	OVERHEAD_US = 5000, /* billed beside the reading: opening, unpacking, sealing */
};

void cloud_start(struct run *run)
{
	const struct morning *m = run->morning;
	run->uplink_seen = random_between(&run->random, 0.85, 1.1);
	for (int i = 0; i < m->lanes_count; i++) {
		const struct morning_lane *lane = &m->lanes[i];
		struct lane_seen *seen = &run->seen[i];
		seen->latency_us = 500e3;
		seen->read_us = run->pace.read_us;
		seen->deviation = 0.3;
		seen->price_nano = seen->read_us * lane->price_us + lane->price_request / 64;
		run->lanes[i] = (struct plan_lane){.name = "cloud", .allowed = true, .slots = lane->slots};
	}
}

void cloud_look(struct run *run)
{
	for (int i = 0; i < run->morning->lanes_count; i++) {
		struct plan_lane *lane = &run->lanes[i];
		const struct lane_seen *seen = &run->seen[i];
		bool open = run->now_us < seen->open_until_us;
		lane->healthy = !open;
		lane->closed_us = open ? seen->open_until_us - run->now_us : 0;
		/* Half open: one batch tells. */
		lane->slots = seen->opened > 0 ? 1 : run->morning->lanes[i].slots;
		lane->latency_us = seen->latency_us;
		lane->read_us = seen->read_us;
		lane->spread = 1 + 2 * seen->deviation;
		lane->failure_share = seen->failure_share;
		lane->price_nano = (int64_t)ceil(seen->price_nano);
	}
}

static void upload(struct run *run, int c)
{
	struct copy *copy = &run->copies[c];
	double bytes = run->flights[copy->flight].cuts * run->morning->bytes_per_cut;
	int64_t start = run->now_us > run->uplink_free_us ? run->now_us : run->uplink_free_us;
	copy->attempts++;
	copy->question_us = run->now_us;
	run->uplink_free_us = start + (int64_t)(bytes / run->morning->uplink_bytes_s * 1e6);
	copy->upload_us = run->uplink_free_us - run->now_us;
	events_add(&run->events, run->uplink_free_us, EVENT_GATE, c, copy->serial);
}

bool cloud_room(const struct run *run)
{
	for (int c = 0; c < COPIES_MAX; c++)
		if (!run->copies[c].used)
			return true;
	return false;
}

void cloud_send(struct run *run, int flight, int lane)
{
	int c = 0;
	while (run->copies[c].used)
		c++;
	run->copies[c] = (struct copy){
	    .used = true, .serial = ++run->serial, .flight = flight, .lane = lane, .sent_us = run->now_us};
	run->flights[flight].copies++;
	run->lanes[lane].busy++;
	run->flying_nano += run->flights[flight].cuts * run->seen[lane].price_nano;
	run->out->batches++;
	run->out->cuts_sent += run->flights[flight].cuts;
	upload(run, c);
}

/* The agent has an answer, or gives up: the slot is free. */
static void end_copy(struct run *run, int c)
{
	struct copy *copy = &run->copies[c];
	run->flights[copy->flight].copies--;
	run->lanes[copy->lane].busy--;
	copy->used = false;
}

static void judge(struct run *run, int lane, bool well)
{
	struct lane_seen *seen = &run->seen[lane];
	seen->failure_share += ((well ? 0 : 1) - seen->failure_share) * 0.05;
	if (well) {
		seen->failures = seen->opened = 0;
		return;
	}
	seen->failures++;
	if (seen->failures < BREAKER_FAILURES && seen->opened == 0)
		return;
	if (run->now_us < seen->open_until_us)
		return;
	double us = BREAKER_FIRST_US * pow(2, seen->opened < 10 ? seen->opened : 10);
	seen->opened++;
	seen->open_until_us =
	    run->now_us + (int64_t)(fmin(us, BREAKER_MOST_US) * random_between(&run->random, 0.8, 1.2));
}

static void fail(struct run *run, int c)
{
	struct copy *copy = &run->copies[c];
	struct lane_seen *seen = &run->seen[copy->lane];
	bool throttled = copy->retry_us > 0;
	if (throttled)
		seen->failure_share += (1 - seen->failure_share) * 0.05;
	else
		judge(run, copy->lane, false);
	bool again = copy->attempts < ATTEMPTS_MAX && run->now_us >= seen->open_until_us && seen->opened == 0;
	if (again) {
		int64_t wait = throttled
		                   ? copy->retry_us
		                   : (int64_t)(3e5 * copy->attempts * random_between(&run->random, 0.5, 1.5));
		copy->retry_us = 0;
		events_add(&run->events, run->now_us + wait, EVENT_AGAIN, c, copy->serial);
		return;
	}
	int flight = copy->flight;
	/* Throttled for good: the lane rests for what it was told. */
	if (throttled && run->now_us + copy->retry_us > seen->open_until_us)
		seen->open_until_us = run->now_us + copy->retry_us;
	run->flying_nano -= run->flights[flight].cuts * seen->price_nano;
	run->out->failed++;
	end_copy(run, c);
	if (run->flights[flight].copies == 0 && !run->flights[flight].at_home)
		run_return(run, flight);
}

/* An instance reads the batch; the bill comes whatever happens to the answer. */
static void execute(struct run *run, int c)
{
	struct copy *copy = &run->copies[c];
	const struct morning_lane *lane = &run->morning->lanes[copy->lane];
	struct lane_seen *seen = &run->seen[copy->lane];
	double slow = exp(random_normal(&run->random, 0, lane->noise));
	if (random_chance(&run->random, lane->straggler))
		slow *= random_between(&run->random, 4, 12);
	double read = run->flights[copy->flight].cuts * lane->read_us * slow, start = 0;
	if (++seen->running > seen->warm) {
		seen->warm = seen->running;
		start = lane->cold_us;
		run->out->cold++;
	}
	double billed = ceil((start + OVERHEAD_US + read) / 1000) * 1000;
	run->out->money_nano += billed * lane->price_us + lane->price_request;
	copy->read_us = (int64_t)read;
	copy->billed_us = billed;
	int64_t ends = run->now_us + (int64_t)(start + read);
	int64_t back = ends + (int64_t)(lane->latency_us * exp(random_normal(&run->random, 0, lane->noise)));
	run->out->busy_us += (double)(ends - run->now_us);
	if (run->account)
		run->account->running++;
	events_add(&run->events, ends, EVENT_FREE, copy->lane, 0);
	double usual = seen->latency_us + run->flights[copy->flight].cuts * seen->read_us;
	int64_t limit = run->now_us + 10 * MORNING_SECOND + (int64_t)(8 * usual);
	bool lost = random_chance(&run->random, lane->lost) || back > limit;
	bool wrong = random_chance(&run->random, lane->wrong);
	events_add(
	    &run->events, lost ? limit : back, lost || wrong ? EVENT_FAIL : EVENT_ANSWER, c, copy->serial);
	if (!lost && random_chance(&run->random, lane->twice))
		events_add(&run->events, back + MORNING_SECOND, EVENT_ANSWER, c, copy->serial);
}

static void arrive(struct run *run, int c)
{
	struct copy *copy = &run->copies[c];
	const struct morning_lane *lane = &run->morning->lanes[copy->lane];
	double outage = stretches_at(&lane->outages, run->now_us, 0);
	double most = stretches_at(&lane->throttles, run->now_us, lane->slots);
	if (outage > 0) {
		events_add(&run->events, run->now_us + (outage > 1 ? SILENT_US : REFUSED_US), EVENT_FAIL, c,
		    copy->serial);
	} else if (run->seen[copy->lane].running >= most ||
	           (run->account && run->account->running >= run->account->slots)) {
		copy->retry_us = random_int(&run->random, 1, 3) * MORNING_SECOND;
		events_add(&run->events, run->now_us + REFUSED_US, EVENT_FAIL, c, copy->serial);
	} else if (random_chance(&run->random, lane->refused)) {
		events_add(&run->events, run->now_us + REFUSED_US, EVENT_FAIL, c, copy->serial);
	} else {
		execute(run, c);
	}
}

static void measure(struct lane_seen *seen, const struct run *run, const struct copy *copy, int cuts)
{
	double read = (double)copy->read_us / cuts;
	double rest = (double)(run->now_us - copy->question_us - copy->upload_us - copy->read_us);
	double usual = seen->latency_us + cuts * seen->read_us, took = rest + (double)copy->read_us;
	seen->deviation += (fabs(took / usual - 1) - seen->deviation) * 0.1;
	seen->read_us += (read - seen->read_us) * 0.2;
	seen->latency_us += (fmax(rest, 1000) - seen->latency_us) * 0.2;
}

static void answer(struct run *run, int c, int64_t serial)
{
	struct copy *copy = &run->copies[c];
	if (!copy->used || copy->serial != serial) {
		run->out->twice++;
		return;
	}
	struct lane_seen *seen = &run->seen[copy->lane];
	const struct morning_lane *lane = &run->morning->lanes[copy->lane];
	struct flight *flight = &run->flights[copy->flight];
	double cost = copy->billed_us * lane->price_us + lane->price_request;
	run->flying_nano -= flight->cuts * seen->price_nano;
	run->spent_nano += cost;
	judge(run, copy->lane, true);
	measure(seen, run, copy, flight->cuts);
	seen->price_nano += (cost / flight->cuts - seen->price_nano) * 0.2;
	int f = copy->flight;
	end_copy(run, c);
	run->out->cuts_cloud += flight->cuts;
	run_settle(run, f);
}

bool cloud_event(struct run *run, const struct event *event)
{
	bool current = event->kind == EVENT_FREE ||
	               (run->copies[event->a].used && run->copies[event->a].serial == event->serial);
	switch (event->kind) {
	case EVENT_GATE:
		if (current)
			arrive(run, event->a);
		return true;
	case EVENT_FREE:
		run->seen[event->a].running--;
		if (run->account)
			run->account->running--;
		return true;
	case EVENT_ANSWER:
		answer(run, event->a, event->serial);
		return true;
	case EVENT_FAIL:
		if (current)
			fail(run, event->a);
		return true;
	case EVENT_AGAIN:
		if (current)
			upload(run, event->a);
		return true;
	default:
		return false;
	}
}
