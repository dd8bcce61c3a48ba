#include "work/burst_inside.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"
#include "store/jobs.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum {
	/* Pictures that come so long after the decision are not for it. */
	DECISION_PAST_H = 2,
	/* A slot that waits for something to carry asks again at least so often: time alone changes the plan. */
	ASK_MS = 250,
	/* Until something was measured: a small box, a function next door. */
	CUT_PRIOR_US = 12000,
	READ_PRIOR_US = 40000,
	LATENCY_PRIOR_US = 200000,
	BYTES_PRIOR = 30000,
};

/* Heaps */

static bool heap_add(struct heap *heap, const struct cut_waiting *cut)
{
	if (heap->count == heap->capacity) {
		size_t capacity = heap->capacity ? 2 * heap->capacity : 64;
		struct cut_waiting *cuts = realloc(heap->cuts, capacity * sizeof *cuts);
		if (!cuts)
			return false;
		heap->cuts = cuts;
		heap->capacity = capacity;
	}
	heap->cuts[heap->count++] = *cut;
	return true;
}

static size_t random_below(size_t limit)
{
	uint32_t number;
	crypto_random(&number, sizeof number);
	return number % limit;
}

static struct cut_waiting heap_take(struct heap *heap)
{
	size_t i = random_below(heap->count);
	struct cut_waiting taken = heap->cuts[i];
	heap->cuts[i] = heap->cuts[--heap->count];
	return taken;
}

/* Dishes */

struct burst_dish *burst_dish(struct burst *burst, int64_t id)
{
	for (size_t i = 0; i < burst->dishes_count; i++)
		if (burst->dishes[i].id == id)
			return &burst->dishes[i];
	return NULL;
}

/* Behind all others until the next look sorts it in. NULL: no memory. */
static struct burst_dish *obtain_dish(struct burst *burst, int64_t id)
{
	struct burst_dish *dish = burst_dish(burst, id);
	if (dish)
		return dish;
	if (burst->dishes_count == burst->dishes_capacity) {
		size_t capacity = burst->dishes_capacity ? 2 * burst->dishes_capacity : 32;
		struct burst_dish *dishes = realloc(burst->dishes, capacity * sizeof *dishes);
		if (!dishes)
			return NULL;
		burst->dishes = dishes;
		burst->dishes_capacity = capacity;
	}
	dish = &burst->dishes[burst->dishes_count++];
	*dish = (struct burst_dish){.id = id, .deadline_us = PLAN_NO_DEADLINE};
	return dish;
}

static void heap_done(struct heap *heap)
{
	for (size_t i = 0; i < heap->count; i++)
		free(heap->cuts[i].pixels);
	free(heap->cuts);
}

static void dish_done(struct burst_dish *dish)
{
	heap_done(&dish->free);
	heap_done(&dish->home);
}

/* The clinic's hour after the dish came; it stays when it has struck. */
static int64_t hour_after(const struct burst *burst, int64_t since_us)
{
	return burst->cloud ? cloud_decision_us(burst->cloud, since_us) : PLAN_NO_DEADLINE;
}

static int64_t deadline_of(const struct burst *burst, const struct waiting_dish *row, int64_t since_us)
{
	int64_t past_us = since_us - DECISION_PAST_H * INT64_C(3600000000);
	if (row->priority > 0 && row->priority < JOB_PRIORITY_READ)
		return PLAN_NO_DEADLINE;
	if (row->decision_us > past_us)
		return row->decision_us;
	return hour_after(burst, since_us);
}

struct look {
	struct waiting_dish *rows;
	size_t count, capacity;
};

static bool keep_row(const struct waiting_dish *row, void *context)
{
	struct look *look = context;
	if (look->count == look->capacity) {
		size_t capacity = look->capacity ? 2 * look->capacity : 32;
		struct waiting_dish *rows = realloc(look->rows, capacity * sizeof *rows);
		if (!rows)
			return false;
		look->rows = rows;
		look->capacity = capacity;
	}
	look->rows[look->count++] = *row;
	return true;
}

static void take_row(struct burst *burst, const struct waiting_dish *row)
{
	struct burst_dish *dish = obtain_dish(burst, row->id);
	if (!dish)
		return;
	if (!dish->since_us || (row->since_us && row->since_us < dish->since_us))
		dish->since_us = row->since_us ? row->since_us : clock_now_us();
	dish->deadline_us = deadline_of(burst, row, dish->since_us);
	dish->priority = row->priority;
	dish->unread = row->unread;
	dish->no_job = false;
	dish->seen = true;
}

static bool is_idle(const struct burst_dish *dish)
{
	return !dish->seen && !dish->free.count && !dish->home.count && !dish->in_flight && !dish->reading &&
	    !dish->trips && !dish->cutting;
}

static int by_deadline(const void *left, const void *right)
{
	const struct burst_dish *a = left, *b = right;
	if (a->deadline_us != b->deadline_us)
		return a->deadline_us < b->deadline_us ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static void take_rows(struct burst *burst, const struct look *look)
{
	for (size_t i = 0; i < burst->dishes_count; i++) {
		burst->dishes[i].seen = false;
		burst->dishes[i].unread = 0;
	}
	for (size_t i = 0; i < look->count; i++)
		take_row(burst, &look->rows[i]);
	for (size_t i = 0; i < burst->dishes_count;) {
		if (is_idle(&burst->dishes[i])) {
			dish_done(&burst->dishes[i]);
			burst->dishes[i] = burst->dishes[--burst->dishes_count];
		} else {
			i++;
		}
	}
	if (burst->dishes_count)
		qsort(burst->dishes, burst->dishes_count, sizeof *burst->dishes, by_deadline);
}

bool burst_refresh(struct burst *burst, struct store *store, int age_ms, struct err *err)
{
	struct look look = {0};
	int64_t now_us = clock_monotonic_us();
	pthread_mutex_lock(&burst->lock);
	bool due = !burst->looked_us || now_us - burst->looked_us >= age_ms * 1000LL;
	if (due)
		burst->looked_us = now_us;
	pthread_mutex_unlock(&burst->lock);
	if (!due)
		return true;
	bool ok = waiting_dishes(store, keep_row, &look, err);
	if (ok) {
		pthread_mutex_lock(&burst->lock);
		take_rows(burst, &look);
		burst_wake(burst);
		pthread_mutex_unlock(&burst->lock);
	}
	free(look.rows);
	return ok;
}

void burst_wake(struct burst *burst)
{
	for (int i = 0; i < burst->lanes_count; i++)
		pthread_cond_signal(&burst->lanes[i].news);
}

/* Begin and end */

static void lanes_of_cloud(struct burst *burst)
{
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	for (int i = 0; burst->cloud && i < burst->cloud->endpoints_count; i++) {
		const struct cloud_endpoint *endpoint = &burst->cloud->endpoints[i];
		struct burst_lane *lane = &burst->lanes[burst->lanes_count++];
		pthread_cond_init(&lane->news, &attributes);
		lane->latency_us = LATENCY_PRIOR_US;
		lane->read_us = READ_PRIOR_US;
		lane->deviation = 0.25;
		int64_t batch_nano = cloud_cost_nano(endpoint, LIMIT_BATCH_ITEMS * (READ_PRIOR_US / 1000));
		lane->price_nano = (double)batch_nano / LIMIT_BATCH_ITEMS;
		text_copy(lane->health.reason, sizeof lane->health.reason, "the agent has not answered yet");
		lane->health.since_us = clock_now_us();
	}
	pthread_condattr_destroy(&attributes);
}

_Static_assert((int)CLOUD_ENDPOINTS_MAX <= (int)PLAN_LANES_MAX, "each endpoint is a lane of the plan");

bool burst_new(const struct cloud *cloud, int home_slots, struct burst **ret_burst, struct err *err)
{
	struct burst *burst = calloc(1, sizeof *burst);
	if (!burst)
		return err_set(err, ERR_NO_MEMORY, "starting the burst");
	pthread_mutex_init(&burst->lock, NULL);
	burst->cloud = cloud;
	burst->home_slots = home_slots;
	pace_start(&burst->pace, home_slots, CUT_PRIOR_US, READ_PRIOR_US);
	burst->bytes_per_cut = BYTES_PRIOR;
	burst->agent_there = true;
	burst->state_since_us = clock_now_us();
	lanes_of_cloud(burst);
	*ret_burst = burst;
	return true;
}

/* False: no memory. The cut is not lost, it waits in the store for the next start. */
static bool add_cut(struct burst *burst, const struct waiting *waiting, struct cut *pixels)
{
	struct burst_dish *dish = obtain_dish(burst, waiting->dish_id);
	if (!dish)
		return false;
	if (!dish->since_us || waiting->since_us < dish->since_us)
		dish->since_us = waiting->since_us;
	/* Until the next look tells more of it. */
	if (!dish->seen)
		dish->deadline_us = hour_after(burst, dish->since_us);
	const struct cut_waiting cut = {.waiting = *waiting, .pixels = pixels};
	return heap_add(&dish->free, &cut);
}

struct loading {
	struct burst *burst;
	bool failed;
};

static bool load_one(const struct waiting *waiting, void *context)
{
	struct loading *loading = context;
	loading->failed = !add_cut(loading->burst, waiting, NULL);
	return !loading->failed;
}

bool burst_load(struct burst *burst, struct store *store, struct err *err)
{
	struct loading loading = {burst, false};
	if (!waiting_each(store, load_one, &loading, err))
		return false;
	return !loading.failed || err_set(err, ERR_NO_MEMORY, "listing the cuts that wait");
}

void burst_stop(struct burst *burst)
{
	pthread_mutex_lock(&burst->lock);
	burst->stopping = true;
	for (int i = 0; i < burst->lanes_count; i++)
		pthread_cond_broadcast(&burst->lanes[i].news);
	pthread_mutex_unlock(&burst->lock);
}

/* Flights. Under the lock. */

static void count_cuts(struct burst *burst, const struct flight *flight, int change)
{
	for (size_t i = 0; i < flight->count; i++) {
		struct burst_dish *dish = burst_dish(burst, flight->cuts[i].dish_id);
		if (!dish)
			continue;
		if (flight->lane == BURST_HOME)
			dish->reading += change;
		else
			dish->in_flight += change;
	}
}

/* In any order: what leaves together is to tell nothing by it. */
static void put_somewhere(struct flight *flight, const struct cut_waiting *cut)
{
	size_t last = flight->count++, i = random_below(flight->count);
	flight->cuts[last] = flight->cuts[i];
	flight->pixels[last] = flight->pixels[i];
	flight->tries[last] = flight->tries[i];
	flight->cuts[i] = cut->waiting;
	flight->pixels[i] = cut->pixels;
	flight->tries[i] = cut->tries;
}

static void take_from(struct flight *flight, struct heap *heap, int count)
{
	for (; count > 0 && heap->count > 0 && flight->count < LIMIT_BATCH_ITEMS; count--) {
		struct cut_waiting taken = heap_take(heap);
		put_somewhere(flight, &taken);
	}
}

static int64_t earliest_of(struct burst *burst, const struct flight *flight)
{
	int64_t earliest_us = PLAN_NO_DEADLINE;
	for (size_t i = 0; i < flight->count; i++) {
		const struct burst_dish *dish = burst_dish(burst, flight->cuts[i].dish_id);
		if (dish && dish->deadline_us < earliest_us)
			earliest_us = dish->deadline_us;
	}
	return earliest_us;
}

static struct flight *begin_flight(struct burst *burst, struct flight *flight, int lane)
{
	flight->deadline_us = earliest_of(burst, flight);
	flight->lane = lane;
	flight->hands = 1;
	flight->began_us = clock_monotonic_us();
	flight->next = burst->flights;
	burst->flights = flight;
	count_cuts(burst, flight, 1);
	return flight;
}

static void end_flight(struct burst *burst, struct flight *flight)
{
	struct flight **at = &burst->flights;
	while (*at != flight)
		at = &(*at)->next;
	*at = flight->next;
	for (size_t i = 0; i < flight->count; i++) {
		burst->pixels_kept -= flight->pixels[i] != NULL;
		free(flight->pixels[i]);
	}
	free(flight);
}

void burst_free(struct burst *burst)
{
	if (!burst)
		return;
	for (size_t i = 0; i < burst->dishes_count; i++)
		dish_done(&burst->dishes[i]);
	free(burst->dishes);
	while (burst->flights)
		end_flight(burst, burst->flights);
	for (int i = 0; i < burst->lanes_count; i++)
		pthread_cond_destroy(&burst->lanes[i].news);
	pthread_mutex_destroy(&burst->lock);
	free(burst);
}

/* One carrier less. */
static void let_go(struct burst *burst, struct flight *flight, int lane)
{
	if (lane == BURST_HOME)
		burst->home_busy--;
	else
		burst->lanes[lane].busy--;
	if (--flight->hands == 0)
		end_flight(burst, flight);
	burst_wake(burst);
}

void burst_settle(struct burst *burst, struct flight *flight, int lane)
{
	pthread_mutex_lock(&burst->lock);
	if (!flight->settled) {
		flight->settled = true;
		count_cuts(burst, flight, -1);
		for (size_t i = 0; i < flight->count; i++) {
			struct burst_dish *dish = burst_dish(burst, flight->cuts[i].dish_id);
			if (dish && dish->unread > 0)
				dish->unread--;
		}
		rate_add(lane == BURST_HOME ? &burst->home_rate : &burst->lanes[lane].rate, (int64_t)flight->count);
	}
	let_go(burst, flight, lane);
	pthread_mutex_unlock(&burst->lock);
}

static void wait_again(struct burst *burst, struct flight *flight, size_t i)
{
	const struct cut_waiting cut = {flight->cuts[i], flight->tries[i], flight->pixels[i]};
	struct burst_dish *dish = obtain_dish(burst, cut.waiting.dish_id);
	if (dish && heap_add(cut.tries < BURST_TRIES_MAX ? &dish->free : &dish->home, &cut))
		flight->pixels[i] = NULL;
}

void burst_give_back(struct burst *burst, struct flight *flight, int lane, bool home)
{
	pthread_mutex_lock(&burst->lock);
	if (lane == BURST_HOME)
		flight->at_home = false;
	for (size_t i = 0; i < flight->count; i++)
		flight->tries[i] = home ? BURST_TRIES_MAX : flight->tries[i] + (lane != BURST_HOME);
	if (flight->hands == 1 && !flight->settled) {
		count_cuts(burst, flight, -1);
		for (size_t i = 0; i < flight->count; i++)
			wait_again(burst, flight, i);
	}
	let_go(burst, flight, lane);
	pthread_mutex_unlock(&burst->lock);
}

bool burst_is_settled(struct burst *burst, const struct flight *flight)
{
	pthread_mutex_lock(&burst->lock);
	bool settled = flight->settled;
	pthread_mutex_unlock(&burst->lock);
	return settled;
}

void burst_add(struct burst *burst, const struct waiting *waiting, const struct cut *pixels)
{
	pthread_mutex_lock(&burst->lock);
	struct cut *copy = pixels && burst->pixels_kept < BURST_PIXELS_MAX ? malloc(sizeof *copy) : NULL;
	if (copy)
		*copy = *pixels;
	burst->pixels_kept += copy != NULL;
	if (!add_cut(burst, waiting, copy)) {
		burst->pixels_kept -= copy != NULL;
		free(copy);
	}
	burst_wake(burst);
	pthread_mutex_unlock(&burst->lock);
}

bool burst_open(struct store *store, const struct flight *flight, size_t i, struct cut *ret_cut, bool *ret_found,
    struct err *err)
{
	const struct waiting *waiting = &flight->cuts[i];
	if (flight->pixels[i]) {
		*ret_cut = *flight->pixels[i];
		return waiting_find(store, waiting, ret_found, err);
	}
	if (waiting_read(store, waiting, ret_cut, ret_found, err))
		return true;
	*ret_found = false;
	return (err->code == ERR_CRYPTO || err->code == ERR_DAMAGED) && waiting_cut_again(store, waiting, err);
}

/* What the planner says, done. Under the lock. */

static struct flight *read_at_home(struct burst *burst, struct heap *heap, int count)
{
	struct flight *flight = heap->count ? calloc(1, sizeof *flight) : NULL;
	if (!flight)
		return NULL;
	take_from(flight, heap, count);
	return begin_flight(burst, flight, BURST_HOME);
}

/* What failed in the cloud is read first: it waits longest. */
static struct flight *read_what_failed(struct burst *burst)
{
	for (size_t i = 0; i < burst->dishes_count; i++)
		if (burst->dishes[i].home.count)
			return read_at_home(burst, &burst->dishes[i].home, BURST_STEP);
	return NULL;
}

static void begin_task(struct burst *burst, const struct plan_task *task, struct burst_task *ret_task)
{
	struct burst_dish *dish = NULL;
	if (task->kind == PLAN_TASK_TRIP || task->kind == PLAN_TASK_CUT || task->kind == PLAN_TASK_READ)
		dish = burst_dish(burst, burst->plan_dishes[task->dish].id);
	*ret_task = (struct burst_task){.kind = task->kind, .dish_id = dish ? dish->id : 0, .count = task->count};
	if (task->kind == PLAN_TASK_TRIP) {
		dish->trips += task->count;
	} else if (task->kind == PLAN_TASK_CUT) {
		dish->cutting += task->count;
	} else if (task->kind == PLAN_TASK_READ) {
		ret_task->flight = read_at_home(burst, &dish->free, task->count);
	} else if (task->kind == PLAN_TASK_HEDGE) {
		ret_task->flight = burst->batch_flights[task->batch];
		ret_task->flight->hands++;
		ret_task->flight->at_home = true;
	}
	if (task->kind == PLAN_TASK_READ && !ret_task->flight)
		ret_task->kind = PLAN_TASK_NOTHING;
}

void burst_next_home(struct burst *burst, struct burst_task *ret_task)
{
	pthread_mutex_lock(&burst->lock);
	struct flight *failed = read_what_failed(burst);
	if (failed) {
		*ret_task = (struct burst_task){.kind = PLAN_TASK_READ, .flight = failed};
	} else {
		burst_ask(burst);
		const struct plan_task task = plan_next_home(&burst->input, &burst->plan);
		begin_task(burst, &task, ret_task);
	}
	burst->home_busy += ret_task->kind != PLAN_TASK_NOTHING;
	pthread_mutex_unlock(&burst->lock);
}

void burst_task_done(struct burst *burst, const struct burst_task *task, int runs, bool no_job)
{
	pthread_mutex_lock(&burst->lock);
	struct burst_dish *dish = burst_dish(burst, task->dish_id);
	if (dish) {
		*(task->kind == PLAN_TASK_TRIP ? &dish->trips : &dish->cutting) -= task->count;
		dish->unread -= runs < dish->unread ? runs : dish->unread;
		dish->no_job = no_job;
	}
	if (task->kind == PLAN_TASK_TRIP)
		rate_add(&burst->home_rate, runs);
	burst->home_busy--;
	burst_wake(burst);
	pthread_mutex_unlock(&burst->lock);
}

static struct flight *send_batch(struct burst *burst, const struct plan_send *send, int lane)
{
	struct flight *flight = calloc(1, sizeof *flight);
	if (!flight)
		return NULL;
	for (int i = 0; i < send->shares_count; i++) {
		struct burst_dish *dish = burst_dish(burst, burst->plan_dishes[send->shares[i].dish].id);
		take_from(flight, &dish->free, send->shares[i].count);
	}
	if (flight->count == 0) {
		free(flight);
		return NULL;
	}
	burst->sent_cuts += (int64_t)flight->count;
	return begin_flight(burst, flight, lane);
}

static struct flight *next_flight(struct burst *burst, int lane, bool *ret_hedge)
{
	burst_ask(burst);
	const struct plan_send send = plan_next_cloud(&burst->input, &burst->plan, lane);
	*ret_hedge = send.kind == PLAN_SEND_HEDGE;
	if (send.kind == PLAN_SEND_BATCH)
		return send_batch(burst, &send, lane);
	if (send.kind != PLAN_SEND_HEDGE)
		return NULL;
	struct flight *flight = burst->batch_flights[send.batch];
	flight->hedged = true;
	flight->hands++;
	burst->hedged_cuts += (int64_t)flight->count;
	return flight;
}

static struct timespec monotonic_at(int64_t us)
{
	return (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
}

bool burst_next_cloud(struct burst *burst, int lane, int wait_ms, struct flight **ret_flight, bool *ret_hedge)
{
	int64_t end_us = clock_monotonic_us() + wait_ms * 1000LL;
	struct flight *flight = NULL;
	pthread_mutex_lock(&burst->lock);
	while (!burst->stopping && !(flight = next_flight(burst, lane, ret_hedge))) {
		int64_t now_us = clock_monotonic_us();
		if (now_us >= end_us)
			break;
		int64_t until_us = now_us + ASK_MS * 1000LL;
		const struct timespec until = monotonic_at(until_us < end_us ? until_us : end_us);
		pthread_cond_timedwait(&burst->lanes[lane].news, &burst->lock, &until);
	}
	if (flight) {
		burst->lanes[lane].busy++;
		pthread_cond_signal(&burst->lanes[lane].news);
	}
	pthread_mutex_unlock(&burst->lock);
	*ret_flight = flight;
	return flight != NULL;
}
