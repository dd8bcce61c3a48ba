#include "work/outlook.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/bursts.h"
#include "wire/slot.h"
#include "work/lane.h"

#include <string.h>

enum {
	TURN_MS = 100,
	/* While something is left to do, and while nothing is: a plan is a write to disk. */
	TELL_MS = 1000,
	TELL_IDLE_MS = 30000,
	ASK_MS = 2000,
	ASK_AWAY_MS = 250, /* an agent that is started again is there in a blink */
	ASK_LIMIT_MS = 3000,
	/* Later than this is no forecast. */
	READY_DAYS_MAX = 30,
};

struct outlook {
	struct work *work;
	pthread_t thread;
	struct store *store;
	struct burst_view view;
	int64_t asked_us, told_us; /* monotonic */
	enum plan_state told_state;
	bool away_told, told_once;
};

/* The agent */

static int64_t time_of(const json_t *object, const char *name)
{
	int64_t us;
	return clock_parse(json_text(object, name, ""), &us) ? us : 0;
}

static void tell_endpoint(struct burst *burst, int lane, const json_t *endpoint)
{
	const char *state = json_text(endpoint, "state", "unconfirmed");
	struct burst_health health = {.since_us = time_of(endpoint, "since"),
	    .healthy = strcmp(state, "open") != 0 && strcmp(state, "refused") != 0,
	    .closed_us = 1000 * json_int(endpoint, "retry_after_ms", 0)};
	text_copy(health.reason, sizeof health.reason, json_text(endpoint, "reason", ""));
	text_copy(health.next, sizeof health.next, json_text(endpoint, "next", ""));
	burst_tell_health(burst, lane, &health);
}

static void tell_away(struct outlook *outlook, const char *sentence)
{
	burst_tell_agent(outlook->work->burst, false, sentence);
	if (!outlook->away_told)
		log_line(LOG_ERROR, "the agent does not answer: %s", sentence);
	outlook->away_told = true;
}

static void take_status(struct outlook *outlook, const json_t *status)
{
	struct work *work = outlook->work;
	const json_t *endpoint, *budget = json_object_get(status, "budget");
	size_t k;
	json_array_foreach(json_object_get(status, "endpoints"), k, endpoint)
		for (int i = 0; i < work->cloud->endpoints_count; i++)
			if (strcmp(work->cloud->endpoints[i].name, json_text(endpoint, "name", "")) == 0)
				tell_endpoint(work->burst, i, endpoint);
	const struct burst_money money = {.day = work->cloud->budget_day,
	    .month = work->cloud->budget_month,
	    .spent_today_nano = json_int(budget, "spent_today_nano", 0),
	    .spent_month_nano = json_int(budget, "spent_month_nano", 0),
	    .left_nano = json_int(budget, "left_nano", 0)};
	burst_tell_money(work->burst, &money);
	burst_tell_uplink(work->burst, json_number_value(json_object_get(json_object_get(status, "uplink"), "bytes_s")));
	burst_tell_agent(work->burst, true, "");
	if (outlook->away_told)
		log_line(LOG_NOTICE, "the agent answers again");
	outlook->away_told = false;
}

static void ask_agent(struct outlook *outlook)
{
	struct err err;
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", "status");
	OWN(json_decref) json_t *status = NULL;
	if (slot_ask(outlook->work->options.sync_socket, question, ASK_LIMIT_MS, &status, &err))
		take_status(outlook, status);
	else
		tell_away(outlook, err.detail);
}

/* The plan as JSON. Members that cannot be made for want of memory are left out. */

static json_t *time_json(int64_t us)
{
	int64_t most_us = clock_now_us() + READY_DAYS_MAX * INT64_C(86400000000);
	return us <= 0 || us > most_us ? json_null() : json_utc(us);
}

static json_t *lane_json(
    const char *name, const char *kind, const char *region, const struct burst_lane_view *lane)
{
	const char *reason = !lane->allowed ? "the clinic's policy does not allow its region" : lane->health.reason;
	return json_pack("{s:s, s:s, s:i, s:i, s:f, s:f, s:b, s:s, s:o, s:s, s:s, s:I}", "name", name, "kind", kind,
	    "slots", lane->slots, "busy", lane->busy, "rate_per_min", lane->rate_per_min, "latency_ms",
	    lane->latency_ms, "healthy", lane->allowed && lane->health.healthy, "reason", reason, "since",
	    time_json(lane->health.since_us), "next", lane->health.next, "region", region, "price_per_1000_nano",
	    (json_int_t)lane->price_per_1000_nano);
}

static json_t *lanes_json(const struct outlook *outlook)
{
	const struct burst_view *view = &outlook->view;
	json_t *lanes = json_array();
	json_array_append_new(lanes, lane_json("home", "local", "", &view->home));
	for (int i = 0; i < view->input.lanes_count; i++) {
		const struct cloud_endpoint *endpoint = &outlook->work->cloud->endpoints[i];
		json_array_append_new(lanes, lane_json(endpoint->name, "cloud", endpoint->region, &view->lanes[i]));
	}
	return lanes;
}

static json_t *dishes_json(const struct burst_view *view)
{
	json_t *dishes = json_array();
	for (int k = 0; k < view->input.dishes_count; k++) {
		const struct plan_dish *dish = &view->dishes[view->plan.order[k]];
		const struct plan_dish_result *result = &view->plan.dishes[view->plan.order[k]];
		bool due = dish->deadline_us != PLAN_NO_DEADLINE;
		json_array_append_new(dishes,
		    json_pack("{s:I, s:o, s:i, s:i, s:i, s:o, s:o, s:b, s:i, s:s}", "dish", (json_int_t)dish->id, "deadline",
			due ? time_json(dish->deadline_us) : json_null(), "to_cut",
			dish->to_cut + dish->at_home + dish->cutting, "to_read", dish->to_read, "in_flight",
			dish->in_flight, "ready", time_json(result->ready_us), "ready_local_only",
			time_json(result->ready_local_us), "late", result->late, "spill", result->spill, "why",
			plan_why_sentence(result->why)));
	}
	return dishes;
}

static json_t *budget_json(const struct burst_view *view)
{
	const struct burst_money *money = &view->money;
	if (!view->money_known)
		return json_null();
	return json_pack("{s:f, s:f, s:I, s:I, s:I}", "day", money->day, "month", money->month, "spent_today_nano",
	    (json_int_t)money->spent_today_nano, "spent_month_nano", (json_int_t)money->spent_month_nano,
	    "left_nano", (json_int_t)money->left_nano);
}

static json_t *pace_json(const struct plan_home *home)
{
	return json_pack("{s:i, s:f, s:f}", "slots", home->slots, "cut_ms", home->cut_us / 1000, "read_ms",
	    home->read_us / 1000);
}

static json_t *plan_json(const struct outlook *outlook)
{
	const struct burst_view *view = &outlook->view;
	const struct plan *plan = &view->plan;
	bool due = view->deadline_us != PLAN_NO_DEADLINE;
	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "made",
	    time_json(view->input.now_us), "state", plan_state_name(plan->state), "reason", plan->reason, "since",
	    time_json(view->state_since_us), "pace", pace_json(&view->input.home), "lanes", lanes_json(outlook),
	    "dishes", dishes_json(view), "board_ready", time_json(plan->ready_us), "board_ready_local_only",
	    time_json(plan->ready_local_us), "deadline", due ? time_json(view->deadline_us) : json_null(), "budget",
	    budget_json(view), "money_forecast_nano", (json_int_t)plan->money_nano);
}

static void tell(struct outlook *outlook)
{
	struct err err;
	OWN(json_decref) json_t *json = plan_json(outlook);
	OWN(free) char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (!text)
		log_line(LOG_ERROR, "the plan of the moment cannot be written: out of memory");
	else if (!bursts_plan_put(outlook->store, text, &err))
		log_line(LOG_ERROR, "the plan of the moment: %s", err.detail);
	const struct plan *plan = &outlook->view.plan;
	if (!outlook->told_once || plan->state != outlook->told_state)
		log_line(LOG_NOTICE, "the plan is now %s: %s", plan_state_name(plan->state), plan->reason);
	outlook->told_once = true;
	outlook->told_state = plan->state;
}

/* The thread */

static bool passed(int64_t since_us, int milliseconds)
{
	return !since_us || clock_monotonic_us() - since_us >= milliseconds * 1000LL;
}

static void *run_outlook(void *context)
{
	struct outlook *outlook = context;
	struct work *work = outlook->work;
	struct err err;
	while (!work_stopping(work)) {
		if (work->cloud && passed(outlook->asked_us, burst_agent_there(work->burst) ? ASK_MS : ASK_AWAY_MS)) {
			outlook->asked_us = clock_monotonic_us();
			ask_agent(outlook);
		}
		if (passed(outlook->told_us, TELL_MS)) {
			if (!burst_refresh(work->burst, outlook->store, TELL_MS, &err))
				log_line(LOG_ERROR, "looking for work: %s", err.detail);
			bool was_idle = outlook->view.input.dishes_count == 0;
			burst_view(work->burst, &outlook->view);
			bool is_idle = outlook->view.input.dishes_count == 0;
			if (!was_idle || !is_idle || passed(outlook->told_us, TELL_IDLE_MS)) {
				outlook->told_us = clock_monotonic_us();
				tell(outlook);
			}
		}
		clock_sleep_ms(TURN_MS);
	}
	return NULL;
}

bool outlook_start(struct work *work, struct outlook **ret_outlook, struct err *err)
{
	struct outlook *outlook = calloc(1, sizeof *outlook);
	if (!outlook)
		return err_set(err, ERR_NO_MEMORY, "starting the outlook");
	outlook->work = work;
	bool ok = store_open(work->options.store_folder, &outlook->store, err);
	if (ok && pthread_create(&outlook->thread, NULL, run_outlook, outlook) != 0)
		ok = err_set(err, ERR_NO_MEMORY, "starting the outlook");
	if (ok) {
		*ret_outlook = outlook;
		return true;
	}
	store_close(outlook->store);
	free(outlook);
	return false;
}

void outlook_stop(struct outlook *outlook)
{
	if (!outlook)
		return;
	pthread_join(outlook->thread, NULL);
	store_close(outlook->store);
	free(outlook);
}
