/* Each endpoint is asked who it is before it gets a batch, and every five minutes: it has to be the clinic's
 * function, in the region that the clinic allows. */
#include "agent/agent_inside.h"

#include "base/clock.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

enum {
	CHECK_EVERY_MS = 5 * 60 * 1000,
	CHECK_AGAIN_MS = 250, /* after a failure, twice as long each time */
	CHECK_LIMIT_MS = 30000,
	CHECK_QUIET_MS = 15000,
	VERSION_MAX = 16 << 10,
};

static const char *const state_names[] = {
    [ENDPOINT_UNCONFIRMED] = "unconfirmed",
    [ENDPOINT_READY] = "ready",
    [ENDPOINT_OPEN] = "open",
    [ENDPOINT_HALF_OPEN] = "half-open",
    [ENDPOINT_REFUSED] = "refused",
};

/* state -> the event that tells of it; half-open passes within a second and is not told. */
static const struct {
	const char *id, *severity, *text;
} told[] = {
    [ENDPOINT_READY] = {"sync.endpoint-ready", "info", "has confirmed who it is"},
    [ENDPOINT_OPEN] = {"sync.endpoint-down", "warning", "is left alone for a while"},
    [ENDPOINT_REFUSED] = {"sync.endpoint-refused", "alarm", "is not used"},
};

const char *endpoint_state_name(enum endpoint_state state)
{
	return state_names[state];
}

struct endpoint *endpoints_find(struct agent *agent, const char *name)
{
	for (int i = 0; i < agent->cloud->endpoints_count; i++)
		if (strcmp(agent->cloud->endpoints[i].name, name) == 0)
			return &agent->endpoints[i];
	return NULL;
}

enum endpoint_state endpoint_state(struct endpoint *endpoint, int64_t now_us)
{
	enum breaker_state state = breaker_look(&endpoint->breaker, now_us);
	if (endpoint->refused)
		return ENDPOINT_REFUSED;
	switch (state) {
	case BREAKER_OPEN: return ENDPOINT_OPEN;
	case BREAKER_HALF_OPEN: return ENDPOINT_HALF_OPEN;
	case BREAKER_CLOSED: break;
	}
	return endpoint->confirmed ? ENDPOINT_READY : ENDPOINT_UNCONFIRMED;
}

int64_t endpoint_wait_ms(const struct endpoint *endpoint, int64_t now_us)
{
	int64_t until_us = endpoint->hold_until_us;
	if (endpoint->breaker.state == BREAKER_OPEN && endpoint->breaker.until_us > until_us)
		until_us = endpoint->breaker.until_us;
	return until_us > now_us ? (until_us - now_us) / 1000 + 1 : 0;
}

/* Writes an event when the state has become another one. */
static void tell(struct endpoint *endpoint)
{
	enum endpoint_state state = endpoint_state(endpoint, clock_monotonic_us());
	if (state == endpoint->told)
		return;
	endpoint->told = state;
	endpoint->told_us = clock_now_us();
	if (state >= sizeof told / sizeof *told || !told[state].id)
		return;
	char text[2 * REASON_MAX];
	bool ready = state == ENDPOINT_READY;
	snprintf(text, sizeof text, "%s %s%s%s", endpoint->cloud->name, told[state].text, ready ? "" : ": ",
	    ready ? "" : endpoint->reason);
	agent_event(endpoint->agent, told[state].id, told[state].severity, text, ready ? "" : endpoint->next);
}

static void check_in(struct endpoint *endpoint, int64_t wait_ms)
{
	endpoint->check_at_us = clock_monotonic_us() + wait_ms * 1000;
}

/* An open one is tried when its time is over, by a check and not by a batch. */
static void check_soon(struct endpoint *endpoint)
{
	int64_t now_us = clock_monotonic_us();
	if (endpoint->breaker.state == BREAKER_OPEN)
		endpoint->check_at_us = endpoint->breaker.until_us;
	else
		check_in(endpoint,
		    backoff_ms(endpoint->breaker.in_row, CHECK_AGAIN_MS, BREAKER_CAP_MS, agent_chance()));
	if (endpoint->check_at_us < now_us)
		endpoint->check_at_us = now_us;
}

void endpoint_failed(struct endpoint *endpoint, int64_t started_us, const char *reason)
{
	text_copy(endpoint->reason, sizeof endpoint->reason, reason);
	text_copy(endpoint->next, sizeof endpoint->next,
	    "it is tried again by itself; until then cuts are read at home");
	enum breaker_state before = endpoint->breaker.state;
	breaker_failed(&endpoint->breaker, started_us, clock_monotonic_us(), agent_chance());
	if (before != BREAKER_OPEN && endpoint->breaker.state == BREAKER_OPEN)
		check_soon(endpoint);
	tell(endpoint);
}

void endpoint_passed(struct endpoint *endpoint)
{
	breaker_passed(&endpoint->breaker);
	window_passed(&endpoint->window);
	tell(endpoint);
}

void endpoint_throttled(struct endpoint *endpoint, int64_t started_us, int64_t wait_ms)
{
	int64_t now_us = clock_monotonic_us();
	if (window_size(&endpoint->window) == 1)
		endpoint->hold_until_us = now_us + wait_ms * 1000;
	window_throttled(&endpoint->window, started_us, now_us);
}

/* Open at once, and shown as refused until a check passes. */
static void refuse(struct endpoint *endpoint, const char *reason, const char *next)
{
	endpoint->refused = true;
	endpoint->confirmed = false;
	text_copy(endpoint->reason, sizeof endpoint->reason, reason);
	text_copy(endpoint->next, sizeof endpoint->next, next);
	breaker_trip(&endpoint->breaker, clock_monotonic_us(), agent_chance());
	check_soon(endpoint);
	tell(endpoint);
}

void endpoint_refused_by(
    struct endpoint *endpoint, const struct link_response *response, const struct err *why)
{
	OWN(json_decref) json_t *text = NULL;
	const char *word = "";
	if (response->status == 403 &&
	    json_parse((const char *)response->body.data, response->body.size, &text, NULL))
		word = json_text(json_object_get(text, "error"), "reason", "");
	if (*word)
		agent_certificate_refused(endpoint->agent, word);
	refuse(endpoint, why->detail,
	    *word ? "look at this box's certificate: daybreak-sync status" : "ask who runs the region");
}

void endpoint_elsewhere(struct endpoint *endpoint, const char *reason)
{
	static const char next[] = "correct the endpoint or the regions in cloud.json";
	if (!endpoint->elsewhere)
		agent_event(endpoint->agent, "sync.region-refused", "alarm", reason, next);
	endpoint->elsewhere = true;
	refuse(endpoint, reason, next);
}

/* Version checks */

static bool read_version(struct endpoint *endpoint, struct link_response *response, struct err *err)
{
	OWN(json_decref) json_t *version = NULL;
	if (!link_accepted(response, err) ||
	    !json_parse((const char *)response->body.data, response->body.size, &version, err))
		return false;
	const char *region = json_text(version, "region", "");
	const json_t *reader = json_object_get(version, "reader");
	if (!*region || !json_is_object(reader))
		return err_set(err, ERR_DAMAGED, "what answers there is not a function of ours");
	if (strcmp(region, endpoint->cloud->region) != 0) {
		char reason[REASON_MAX];
		snprintf(reason, sizeof reason,
		    "it says that it is in %.80s, and cloud.json that it is in %.80s", region,
		    endpoint->cloud->region);
		endpoint_elsewhere(endpoint, reason);
		return true;
	}
	text_copy(endpoint->reader_label, sizeof endpoint->reader_label, json_text(reader, "label", ""));
	text_copy(endpoint->reader_digest, sizeof endpoint->reader_digest, json_text(reader, "digest", ""));
	endpoint->server_not_after_us = response->server_not_after_us;
	if (endpoint->refused)
		agent_certificate_refused(endpoint->agent, "");
	endpoint->confirmed = true;
	endpoint->refused = endpoint->elsewhere = false;
	endpoint->confirmed_us = clock_now_us();
	breaker_probed(&endpoint->breaker);
	check_in(endpoint, backoff_ms(0, CHECK_EVERY_MS, CHECK_EVERY_MS, agent_chance()));
	tell(endpoint);
	return true;
}

static void checked(void *context, struct link_response *response)
{
	struct endpoint *endpoint = context;
	struct err err;
	endpoint->check = NULL;
	if (read_version(endpoint, response, &err))
		return;
	if (err.code == ERR_FORBIDDEN) {
		endpoint_refused_by(endpoint, response, &err);
		return;
	}
	endpoint_failed(endpoint, endpoint->check_started_us, err.detail);
	check_soon(endpoint);
}

static void start_check(struct endpoint *endpoint, int64_t now_us)
{
	char url[LINK_URL_MAX];
	struct err err;
	snprintf(url, sizeof url, "%s/v1/version", endpoint->cloud->url);
	const struct link_request request = {.url = url,
	    .ca = endpoint->cloud->ca,
	    .answer_max = VERSION_MAX,
	    .quiet_ms = CHECK_QUIET_MS,
	    .limit_ms = CHECK_LIMIT_MS,
	    .egress = {.class = LEDGER_VERSION_CHECK,
	        .endpoint = endpoint->cloud->name,
	        .region = endpoint->cloud->region,
	        .why = "check",
	        .batch = ""}};
	endpoint->check_started_us = now_us;
	if (link_start(endpoint->agent->link, &request, checked, endpoint, &endpoint->check, &err))
		return;
	endpoint_failed(endpoint, now_us, err.detail);
	check_soon(endpoint);
}

int endpoints_look(struct agent *agent, int64_t now_us)
{
	int wait_ms = CHECK_EVERY_MS;
	for (int i = 0; i < agent->cloud->endpoints_count; i++) {
		struct endpoint *endpoint = &agent->endpoints[i];
		if (!endpoint->cloud->allowed || !agent->certified || endpoint->check)
			continue;
		tell(endpoint);
		if (endpoint->check_at_us <= now_us) {
			start_check(endpoint, now_us);
			continue;
		}
		int64_t left_ms = (endpoint->check_at_us - now_us) / 1000 + 1;
		wait_ms = left_ms < wait_ms ? (int)left_ms : wait_ms;
	}
	return wait_ms;
}

void endpoints_again(struct agent *agent, int64_t now_us)
{
	for (int i = 0; i < agent->cloud->endpoints_count; i++) {
		struct endpoint *endpoint = &agent->endpoints[i];
		if (!endpoint->cloud->allowed)
			continue;
		endpoint->refused = false;
		if (!endpoint->confirmed)
			breaker_passed(&endpoint->breaker);
		endpoint->check_at_us = now_us;
	}
}

void endpoints_open(struct agent *agent)
{
	for (int i = 0; i < agent->cloud->endpoints_count; i++) {
		struct endpoint *endpoint = &agent->endpoints[i];
		*endpoint = (struct endpoint){.agent = agent,
		    .cloud = &agent->cloud->endpoints[i],
		    .told_us = clock_now_us(),
		    .dear_ms = 3000};
		window_open(&endpoint->window, endpoint->cloud->slots);
		if (endpoint->cloud->allowed)
			continue;
		endpoint->refused = true;
		endpoint->told = ENDPOINT_REFUSED;
		snprintf(endpoint->reason, sizeof endpoint->reason,
		    "%s is in %s, which is not one of the clinic's regions", endpoint->cloud->name,
		    endpoint->cloud->region);
		snprintf(endpoint->next, sizeof endpoint->next,
		    "correct the endpoint or the regions in cloud.json");
		agent_event(agent, "sync.region-refused", "alarm", endpoint->reason, endpoint->next);
	}
}

void endpoints_stop(struct agent *agent)
{
	for (int i = 0; i < agent->cloud->endpoints_count; i++)
		if (agent->endpoints[i].check)
			link_cancel(agent->link, TAKE(agent->endpoints[i].check), NULL);
}
