/* What the agent says of itself: each state with its reason, since when, and what comes next. */
#include "agent/agent_inside.h"
#include "agent/books.h"
#include "agent/enrol.h"
#include "agent/updates.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

/* Cuts read in the last minute, endpoint by endpoint. */
static double rate_of(struct agent *agent, const char *endpoint)
{
	struct db_statement *s = db_prepare(ledger_db(agent->ledger),
	    "SELECT coalesce(sum(cuts), 0) FROM invocations"
	    " WHERE at_us >= ?1 AND endpoint = ?2 AND code = 'none'");
	db_bind_int(s, 1, clock_now_us() - 60 * INT64_C(1000000));
	db_bind_text(s, 2, endpoint);
	double cuts = 0;
	while (db_step(s))
		cuts = (double)db_column_int(s, 0);
	return db_finish(s, NULL) ? cuts : 0;
}

static const char *reason_of(const struct endpoint *endpoint, enum endpoint_state state)
{
	if (state == ENDPOINT_READY)
		return "";
	if (state != ENDPOINT_REFUSED && !endpoint->agent->certified)
		return endpoint->agent->certificate_problem;
	if (endpoint->reason[0])
		return endpoint->reason;
	return "it has not been asked who it is yet";
}

static const char *next_of(const struct endpoint *endpoint, enum endpoint_state state)
{
	if (state == ENDPOINT_READY)
		return "";
	if (state != ENDPOINT_REFUSED && !endpoint->agent->certified)
		return "daybreak-sync enrol";
	return endpoint->next[0] ? endpoint->next : "it is being asked";
}

static json_t *endpoint_json(struct endpoint *endpoint, int64_t now_us)
{
	enum endpoint_state state = endpoint_state(endpoint, now_us);
	const struct cloud_endpoint *cloud = endpoint->cloud;
	json_t *reader = endpoint->reader_digest[0]
	    ? json_pack("{s:s, s:s}", "label", endpoint->reader_label, "digest", endpoint->reader_digest)
	    : json_null();
	return json_pack(
	    "{s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:s, s:i, s:i, s:o, s:o, s:o, s:f, s:f, s:i, s:I}", "name",
	    cloud->name, "url", cloud->url, "region", cloud->region, "allowed", (int)cloud->allowed, "state",
	    endpoint_state_name(state), "reason", reason_of(endpoint, state), "since",
	    json_utc(endpoint->told_us), "next", next_of(endpoint, state), "slots", cloud->slots,
	    "in_flight", endpoint->in_flight, "confirmed", json_utc(endpoint->confirmed_us), "reader",
	    reader, "server_not_after", json_utc(endpoint->server_not_after_us), "rate_per_min",
	    rate_of(endpoint->agent, cloud->name), "latency_ms", round(endpoint->latency_ms), "errors_in_row",
	    endpoint->breaker.in_row, "retry_after_ms", (json_int_t)endpoint_wait_ms(endpoint, now_us));
}

/* What the files say, unless a gateway has said otherwise of this very certificate. */
static json_t *certificate_json(const struct agent *agent)
{
	json_t *certificate = enrol_certificate(agent->settings.folder, agent->cloud->site, clock_now_us());
	const char *word = agent->certificate_refused;
	if (!certificate || !*word)
		return certificate;
	bool known = strcmp(word, "revoked") == 0 || strcmp(word, "expired") == 0;
	char reason[128];
	snprintf(reason, sizeof reason, "a gateway refuses it: %s", word);
	json_object_set_new(certificate, "state", json_string(known ? word : "refused"));
	json_object_set_new(certificate, "reason", json_string(reason));
	json_object_set_new(certificate, "since", json_utc(agent->certificate_refused_us));
	json_object_set_new(certificate, "next", json_string("ask the authority, then daybreak-sync enrol"));
	return certificate;
}

static json_t *status_json(struct agent *agent)
{
	int64_t now_us = clock_monotonic_us();
	const struct budget *budget = &agent->budget;
	json_t *endpoints = json_array();
	for (int i = 0; i < agent->cloud->endpoints_count; i++)
		json_array_append_new(endpoints, endpoint_json(&agent->endpoints[i], now_us));
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:{s:f, s:f, s:I, s:I, s:I}, s:{s:f, s:f}}", "version",
	    DAYBREAK_VERSION, "site", agent->cloud->site, "since", json_utc(agent->since_us),
	    "certificate", certificate_json(agent), "endpoints", endpoints, "budget", "day",
	    agent->cloud->budget_day, "month", agent->cloud->budget_month, "spent_today_nano",
	    (json_int_t)budget->spent_day_nano, "spent_month_nano", (json_int_t)budget->spent_month_nano,
	    "left_nano", (json_int_t)budget_left(budget), "uplink", "bytes_s",
	    cloud_uplink(agent->cloud, clock_now_us()), "measured_bytes_s",
	    round(link_measured(agent->link)));
}

static bool answer(struct agent *agent, const json_t *question, json_t **ret_answer, struct err *err)
{
	const char *what = json_text(question, "what", "");
	if (strcmp(what, "status") == 0) {
		*ret_answer = status_json(agent);
		return *ret_answer || err_set(err, ERR_NO_MEMORY, "telling the state");
	}
	if (strcmp(what, "egress") == 0)
		return books_egress(agent->ledger, question, ret_answer, err);
	if (strcmp(what, "invocations") == 0)
		return books_invocations(agent->ledger, question, ret_answer, err);
	if (strcmp(what, "costs") == 0)
		return books_costs(
		    agent->ledger, &agent->budget, agent->cloud, clock_now_us(), ret_answer, err);
	if (strcmp(what, "events") == 0)
		return books_events(agent->ledger, question, ret_answer, err);
	if (strcmp(what, "updates") == 0) {
		*ret_answer = updates_show(agent->updates);
		return *ret_answer || err_set(err, ERR_NO_MEMORY, "telling how updates stand");
	}
	return err_set(err, ERR_BAD_INPUT, "what is status, egress, invocations, costs, events or updates");
}

json_t *agent_answer(struct agent *agent, const json_t *question)
{
	struct err err;
	json_t *told = NULL;
	if (answer(agent, question, &told, &err))
		return told;
	return json_pack("{s:{s:s, s:s}}", "error", "code", err_name(err.code), "sentence", err.detail);
}
