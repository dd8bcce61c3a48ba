/* A SEND is carried until a function has answered it, or nothing more can be hoped for within its limit: it
 * waits for a place in the endpoint's window, for the budget, for a back-off; it is tried a few times; then
 * the box is told whose fault it was. */
#include "agent/agent_inside.h"

#include "base/clock.h"
#include "base/text.h"
#include "wire/sealed.h"

#include <math.h>
#include <string.h>

enum {
	TRIES_MAX = 4,
	TRY_AGAIN_MS = 200, /* after the first failure, twice as long each time */
	TRY_AGAIN_CAP_MS = 8000,
	RETRY_AFTER_CAP_S = 60,
	LIMIT_MS = 120000,
	LIMIT_CAP_MS = 300000,
	/* API Gateway gives up after 29 s. */
	QUIET_MS = 35000,
	BILLED_CAP_MS = 30000,
	/* No function runs longer than 15 minutes (AWS Lambda's limit), whatever a header says. */
	FIGURE_MAX_MS = 900000,
	LOOK_MS = 1000,
};

struct errand {
	struct errand *next;
	struct agent *agent;
	struct caller *caller;
	struct endpoint *endpoint;
	char batch[2 * SEALED_BATCH_SIZE + 1];
	char why[16];
	int cuts;
	struct buf body;
	char digest[2 * CRYPTO_DIGEST_SIZE + 1];
	int64_t began_us, until_us, not_before_us; /* monotonic */
	struct link_transfer *transfer;            /* NULL: waiting, or */
	bool elsewhere;                            /* the answer came from another region */
	bool judged_next;                          /* what came back is in response, and on the books */
	struct link_response response;
	int64_t sent_us, reserved_nano;
	int tries, damaged;
	struct err last;                           /* why the last try failed */
	int64_t billed_ms, cost_nano, bytes_out;   /* of all tries */
};

enum blame { BLAME_BATCH, BLAME_ENDPOINT, BLAME_POLICY };
static const char *const blame_names[] = {"batch", "endpoint", "policy"};

static void drop(struct errand *errand)
{
	struct errand **at = &errand->agent->first;
	while (*at != errand)
		at = &(*at)->next;
	*at = errand->next;
	link_response_done(&errand->response);
	buf_done(&errand->body);
	free(errand);
}

/* Answers */

static int64_t figure(struct link_response *response, const char *name)
{
	int64_t value = link_header_int(response, name, 0);
	return value < 0 ? 0 : value > FIGURE_MAX_MS ? FIGURE_MAX_MS : value;
}

static void answer_failed(struct caller *caller, const char *batch, const char *endpoint, int tries,
    const struct err *why, enum blame blame, int64_t retry_after_ms)
{
	OWN(json_decref) json_t *text = json_pack("{s:s, s:s, s:i, s:s, s:s, s:I, s:s}", "batch", batch,
	    "endpoint", endpoint,
	    "attempts", tries, "code", err_name(why->code), "sentence", why->detail, "retry_after_ms",
	    (json_int_t)retry_after_ms, "blame", blame_names[blame]);
	door_answer(caller, SLOT_FAILED, text, NULL, 0);
}

static void fail(struct errand *errand, enum blame blame, int64_t retry_after_ms)
{
	answer_failed(errand->caller, errand->batch, errand->endpoint->cloud->name, errand->tries,
	    &errand->last, blame, retry_after_ms);
	drop(errand);
}

static void succeed(struct errand *errand)
{
	struct link_response *response = &errand->response;
	OWN(json_decref) json_t *text = json_pack("{s:s, s:s, s:i, s:I, s:I, s:I, s:b, s:I, s:I}", "batch",
	    errand->batch,
	    "endpoint", errand->endpoint->cloud->name, "attempts", errand->tries, "duration_ms",
	    (json_int_t)((clock_monotonic_us() - errand->began_us) / 1000), "read_ms",
	    (json_int_t)figure(response, "X-Daybreak-Read-Ms"), "billed_ms", (json_int_t)errand->billed_ms,
	    "cold", (int)(figure(response, "X-Daybreak-Cold") == 1), "cost_nano",
	    (json_int_t)errand->cost_nano, "bytes_out", (json_int_t)errand->bytes_out);
	door_answer(errand->caller, SLOT_ANSWER, text, response->body.data, response->body.size);
	drop(errand);
}

/* Booking */

/* What a try cost: what the function says; else nothing when it cannot have worked; else all the time it
 * took. */
static int64_t billed_ms(struct link_response *response)
{
	if (*link_header(response, "X-Daybreak-Billed-Ms"))
		return figure(response, "X-Daybreak-Billed-Ms");
	bool turned_away = response->status >= 400 && response->status < 500;
	if (turned_away || !response->body_sent)
		return -1;
	int64_t took_ms = (response->duration_us + 999) / 1000;
	return took_ms < BILLED_CAP_MS ? took_ms : BILLED_CAP_MS;
}

static void settle(struct errand *errand, struct link_response *response, const struct err *why)
{
	struct endpoint *endpoint = errand->endpoint;
	struct agent *agent = errand->agent;
	int64_t billed = billed_ms(response);
	int64_t cost_nano = billed < 0 ? 0 : cloud_cost_nano(endpoint->cloud, billed);
	const struct ledger_invocation row = {.seq = response->seq,
	    .endpoint = endpoint->cloud->name,
	    .batch = errand->batch,
	    .attempt = errand->tries,
	    .cuts = errand->cuts,
	    .code = err_name(why->code),
	    .sentence = why->code == ERR_NONE ? "" : why->detail,
	    .throttled = response->status == 429,
	    .cold = figure(response, "X-Daybreak-Cold") == 1,
	    .duration_ms = response->duration_us / 1000,
	    .read_ms = figure(response, "X-Daybreak-Read-Ms"),
	    .billed_ms = billed < 0 ? 0 : billed,
	    .cost_nano = cost_nano};
	struct err err;
	/* A ledger that fails is noticed by the next row of egress, which stops all sending. */
	ledger_invocation_add(agent->ledger, &row, &err);
	budget_settle(&agent->budget, errand->reserved_nano, cost_nano);
	errand->reserved_nano = 0;
	errand->billed_ms += row.billed_ms;
	errand->cost_nano += cost_nano;
	errand->bytes_out += response->sent;
	if (billed >= 0)
		endpoint->dear_ms = fmax((double)billed, endpoint->dear_ms * 0.95);
	if (why->code == ERR_NONE)
		endpoint->latency_ms +=
		    ((double)row.duration_ms - endpoint->latency_ms) * (endpoint->latency_ms > 0 ? 0.1 : 1);
}

/* Judging an answer */

/* A 200 is an answer only if it is one to this batch: front ends exist that mix answers up or say 200 to a
 * failure. */
static bool check_answer(struct errand *errand, struct link_response *response, struct err *err)
{
	uint8_t batch[SEALED_BATCH_SIZE];
	struct err why;
	const char *region = link_header(response, "X-Daybreak-Region");
	text_unhex(batch, sizeof batch, errand->batch);
	if (!*region || !sealed_answer_check(batch, response->body.data, response->body.size, &why))
		return err_set(err, ERR_DAMAGED, "HTTP 200 without an answer to this batch");
	if (strcasecmp(link_header(response, "X-Daybreak-Batch"), errand->batch) != 0)
		return err_set(err, ERR_DAMAGED, "the answer is to another batch");
	errand->elsewhere = strcmp(region, errand->endpoint->cloud->region) != 0;
	if (errand->elsewhere)
		return err_set(err, ERR_FORBIDDEN, "its answer comes from %.64s, and it should be in %.64s",
		    region, errand->endpoint->cloud->region);
	return true;
}

static void try_again(struct errand *errand, int64_t wait_ms)
{
	int64_t now_us = clock_monotonic_us();
	errand->not_before_us = now_us + wait_ms * 1000;
	if (errand->tries >= TRIES_MAX || errand->not_before_us >= errand->until_us)
		fail(errand, BLAME_ENDPOINT, wait_ms);
}

static int64_t retry_after_ms(struct link_response *response)
{
	int64_t seconds = link_header_int(response, "Retry-After", 0);
	return (seconds < RETRY_AFTER_CAP_S ? seconds : RETRY_AFTER_CAP_S) * 1000;
}

static void judge_refusal(struct errand *errand, struct link_response *response)
{
	struct endpoint *endpoint = errand->endpoint;
	int64_t backoff = backoff_ms(errand->tries - 1, TRY_AGAIN_MS, TRY_AGAIN_CAP_MS, agent_chance());
	int64_t asked_ms = retry_after_ms(response);
	int64_t wait_ms = asked_ms > backoff ? asked_ms : backoff;
	switch (response->status) {
	case 429:
		endpoint_throttled(endpoint, errand->sent_us, wait_ms);
		try_again(errand, wait_ms);
		return;
	case 422:
		/* Bytes can be hurt on the way; twice in a row they are not. */
		if (errand->damaged++ == 0)
			try_again(errand, wait_ms);
		else
			fail(errand, BLAME_BATCH, 0);
		return;
	case 400: case 413: case 415:
		fail(errand, BLAME_BATCH, 0);
		return;
	case 401: case 403: case 404: case 405: case 409:
		endpoint_refused_by(endpoint, response, &errand->last);
		fail(errand, BLAME_ENDPOINT, endpoint_wait_ms(endpoint, clock_monotonic_us()));
		return;
	default:
		endpoint_failed(endpoint, errand->sent_us, errand->last.detail);
		try_again(errand, wait_ms);
	}
}

static bool is_good(const struct errand *errand)
{
	return errand->last.code == ERR_NONE;
}

static void answered(void *context, struct link_response *response)
{
	struct errand *errand = context;
	struct err err = {.code = ERR_NONE};
	errand->transfer = NULL;
	errand->endpoint->in_flight--;
	errand->elsewhere = false;
	if (link_accepted(response, &err) && check_answer(errand, response, &err))
		err.code = ERR_NONE;
	settle(errand, response, &err);
	errand->last = err;
	/* The box hears of it when the books are on the disk: in the next look. */
	errand->response = *response;
	response->headers = response->body = (struct buf){0};
	errand->judged_next = true;
}

static void judge(struct errand *errand)
{
	struct endpoint *endpoint = errand->endpoint;
	struct link_response *response = &errand->response;
	errand->judged_next = false;
	if (is_good(errand)) {
		endpoint_passed(endpoint);
		succeed(errand);
	} else if (errand->elsewhere) {
		endpoint_elsewhere(endpoint, errand->last.detail);
		fail(errand, BLAME_POLICY, 0);
	} else if (response->status == 0 && errand->last.code != ERR_UNAVAILABLE) {
		/* Not a line that is down but a peer that is not the one, or that will not have us. */
		endpoint_refused_by(endpoint, response, &errand->last);
		fail(errand, BLAME_ENDPOINT, endpoint_wait_ms(endpoint, clock_monotonic_us()));
	} else {
		judge_refusal(errand, response);
	}
}

/* Starting */

static void start(struct errand *errand, int64_t now_us)
{
	struct endpoint *endpoint = errand->endpoint;
	char url[LINK_URL_MAX], key[80], digest[120];
	snprintf(url, sizeof url, "%s/v1/read", endpoint->cloud->url);
	snprintf(key, sizeof key, "Idempotency-Key: %s", errand->batch);
	snprintf(digest, sizeof digest, "X-Daybreak-Digest: %s", errand->digest);
	const struct link_request request = {.post = true,
	    .url = url,
	    .ca = endpoint->cloud->ca,
	    .headers = {"Content-Type: application/octet-stream", key, digest},
	    .body = errand->body.data,
	    .body_size = errand->body.size,
	    .answer_max = SLOT_BODY_MAX,
	    .quiet_ms = QUIET_MS,
	    .limit_ms = (int)((errand->until_us - now_us) / 1000) + 1,
	    .egress = {.class = LEDGER_SEALED_BATCH,
	        .endpoint = endpoint->cloud->name,
	        .region = endpoint->cloud->region,
	        .why = errand->why,
	        .batch = errand->batch}};
	link_response_done(&errand->response);
	errand->response = (struct link_response){0};
	errand->tries++;
	errand->sent_us = now_us;
	if (link_start(errand->agent->link, &request, answered, errand, &errand->transfer, &errand->last)) {
		endpoint->in_flight++;
		return;
	}
	budget_settle(&errand->agent->budget, errand->reserved_nano, 0);
	fail(errand, BLAME_POLICY, 0);
}

static bool reserve(struct errand *errand)
{
	struct agent *agent = errand->agent;
	const struct endpoint *endpoint = errand->endpoint;
	int64_t most_nano = cloud_cost_nano(endpoint->cloud, (int64_t)ceil(endpoint->dear_ms));
	bool free = budget_reserve(&agent->budget, most_nano, &errand->last);
	if (free)
		errand->reserved_nano = most_nano;
	else if (!agent->over_budget)
		agent_event(agent, "sync.budget-reached", "warning", errand->last.detail,
		    "cuts are read at home until then; raise the budget in cloud.json if that is too slow");
	agent->over_budget = !free;
	return free;
}

static bool is_allowed(struct errand *errand)
{
	struct endpoint *endpoint = errand->endpoint;
	struct err *why = &errand->last;
	if (!endpoint->cloud->allowed || endpoint->elsewhere)
		return err_set(why, ERR_FORBIDDEN, "%s", endpoint->reason);
	if (!errand->agent->certified)
		return err_set(why, ERR_FORBIDDEN, "%s", errand->agent->certificate_problem);
	return true;
}

/* Starts, fails or leaves it waiting. */
static void look_at(struct errand *errand, int64_t now_us)
{
	struct endpoint *endpoint = errand->endpoint;
	enum endpoint_state state = endpoint_state(endpoint, now_us);
	if (now_us >= errand->until_us) {
		if (errand->last.code == ERR_NONE)
			err_set(&errand->last, ERR_UNAVAILABLE, "its turn did not come within its limit");
		fail(errand, BLAME_ENDPOINT, 0);
	} else if (!is_allowed(errand)) {
		fail(errand, BLAME_POLICY, 0);
	} else if (state == ENDPOINT_OPEN || state == ENDPOINT_REFUSED) {
		if (errand->tries == 0)
			err_set(&errand->last, ERR_UNAVAILABLE, "%s is left alone for now: %s",
			    endpoint->cloud->name, endpoint->reason);
		fail(errand, BLAME_ENDPOINT, endpoint_wait_ms(endpoint, now_us));
	} else if (state == ENDPOINT_READY && now_us >= errand->not_before_us &&
	    now_us >= endpoint->hold_until_us && endpoint->in_flight < window_size(&endpoint->window)) {
		if (reserve(errand))
			start(errand, now_us);
		else
			fail(errand, BLAME_POLICY, 0);
	}
}

int errands_look(struct agent *agent, int64_t now_us)
{
	int64_t wait_ms = LOOK_MS;
	for (struct errand *errand = agent->first, *next; errand; errand = next) {
		next = errand->next;
		if (errand->judged_next)
			judge(errand);
	}
	for (struct errand *errand = agent->first, *next; errand; errand = next) {
		next = errand->next;
		if (errand->transfer)
			continue;
		if (errand->not_before_us > now_us) {
			int64_t left_ms = (errand->not_before_us - now_us) / 1000 + 1;
			wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
		}
		look_at(errand, now_us);
	}
	return (int)wait_ms;
}

/* Taking and forgetting */

static bool fill_in(struct errand *errand, struct slot_message *message, struct err *err)
{
	const json_t *text = message->text;
	uint8_t id[SEALED_BATCH_SIZE], digest[CRYPTO_DIGEST_SIZE];
	const char *batch = json_text(text, "batch", ""), *name = json_text(text, "endpoint", "");
	if (strlen(batch) != 2 * sizeof id || !text_unhex(id, sizeof id, batch))
		return err_set(err, ERR_BAD_INPUT, "batch is 32 hexadecimal digits");
	errand->endpoint = endpoints_find(errand->agent, name);
	if (!errand->endpoint)
		return err_set(err, ERR_NOT_FOUND, "cloud.json of the agent has no endpoint '%.64s'", name);
	/* Whatever the box hands over by mistake: nothing leaves that is not sealed to the endpoint's key. */
	if (!sealed_question_check(
	        errand->endpoint->cloud->key, id, message->body.data, message->body.size, err))
		return err_add(err, "it does not leave");
	text_copy(errand->batch, sizeof errand->batch, batch);
	text_copy(errand->why, sizeof errand->why, json_text(text, "why", ""));
	errand->cuts = (int)json_int(text, "cuts", 0);
	int64_t limit_ms = json_int(text, "limit_ms", LIMIT_MS);
	limit_ms = limit_ms < 1 ? 1 : limit_ms > LIMIT_CAP_MS ? LIMIT_CAP_MS : limit_ms;
	errand->began_us = clock_monotonic_us();
	errand->until_us = errand->began_us + limit_ms * 1000;
	errand->body = message->body;
	message->body = (struct buf){0};
	crypto_sha256(errand->body.data, errand->body.size, digest);
	text_hex(errand->digest, digest, sizeof digest);
	return true;
}

void errands_take(struct agent *agent, struct caller *caller, struct slot_message *message)
{
	struct err err;
	struct errand *errand = calloc(1, sizeof *errand);
	if (errand) {
		errand->agent = agent;
		errand->caller = caller;
	}
	if (!errand || !fill_in(errand, message, &err)) {
		if (!errand)
			err_set(&err, ERR_NO_MEMORY, "taking a batch");
		answer_failed(caller, json_text(message->text, "batch", ""),
		    json_text(message->text, "endpoint", ""), 0, &err, BLAME_POLICY, 0);
		free(errand);
		return;
	}
	struct errand **at = &agent->first;
	while (*at)
		at = &(*at)->next;
	*at = errand;
}

/* The box takes it back. What the try may have cost is booked all the same. */
static void take_back(struct errand *errand)
{
	if (errand->transfer) {
		struct link_response response = {0};
		struct err why;
		err_set(&why, ERR_UNAVAILABLE, "taken back before the answer came");
		link_cancel(errand->agent->link, errand->transfer, &response);
		errand->endpoint->in_flight--;
		settle(errand, &response, &why);
		link_response_done(&response);
	}
	drop(errand);
}

void errands_forget(struct agent *agent, struct caller *caller)
{
	for (struct errand *errand = agent->first; errand; errand = errand->next)
		if (errand->caller == caller) {
			take_back(errand);
			return;
		}
}

void errands_stop(struct agent *agent)
{
	while (agent->first)
		take_back(agent->first);
}
