#include "function/lambda.h"

#include "base/clock.h"
#include "base/text.h"
#include "function/bucket.h"
#include "function/event.h"
#include "function/journal.h"
#include "function/outbound.h"

#include <stdio.h>
#include <string.h>

enum {
	URL_SIZE = 512,
	ID_SIZE = 64,
	ANSWER_LIMIT_MS = 10000,
	/* The Runtime API is on the same machine: what it does not answer in these tries it will not. */
	TRIES = 5,
	PAUSE_MS = 50, /* doubled each time */
	SMALL_ANSWER = 64 << 10,
};

struct lambda {
	const char *api;
	struct function *function;
	struct outbound *outbound;
	bool (*stop)(void);
	struct buf event, scrap;
};

static void lambda_done_owned(struct lambda *lambda)
{
	outbound_close(lambda->outbound);
	buf_done(&lambda->event);
	buf_done(&lambda->scrap);
}

/* Lambda names the Runtime API host:port; emulators of it put http:// before. */
static void make_url(const char *api, char url[URL_SIZE], const char *path)
{
	snprintf(url, URL_SIZE, "%s%s/2018-06-01/runtime/%s", text_starts(api, "http://") ? "" : "http://",
	    api, path);
}

/* "Daybreak.bad-input" */
static void make_type(const struct err *why, char type[64])
{
	snprintf(type, 64, "Daybreak.%s", err_name(why->code));
}

static int add_to_buf(const char *data, size_t size, void *context)
{
	buf_add(context, data, size);
	return 0;
}

static bool post(
    struct lambda *lambda, const char *path, const struct buf *body, const char *header, struct err *err)
{
	char url[URL_SIZE];
	int status = 0;
	make_url(lambda->api, url, path);
	struct outbound_request request = {.method = "POST",
	    .url = url,
	    .headers = {"Content-Type: application/json", header},
	    .body = body->data,
	    .body_size = body->size,
	    .limit_ms = ANSWER_LIMIT_MS};
	if (!outbound_call(lambda->outbound, &request, &status, &lambda->scrap, err))
		return false;
	return status / 100 == 2 || err_set(err, status == 413 ? ERR_TOO_LARGE : ERR_UNAVAILABLE,
	    "the Runtime API answers %d", status);
}

static bool post_error(struct lambda *lambda, const char *path, const struct err *why, struct err *err)
{
	OWN(buf_done) struct buf body = BUF_INIT(SMALL_ANSWER);
	char type[64], header[128];
	make_type(why, type);
	snprintf(header, sizeof header, "Lambda-Runtime-Function-Error-Type: %s", type);
	OWN(json_decref) json_t *json =
	    json_pack("{s:s, s:s, s:[]}", "errorMessage", why->detail, "errorType", type, "stackTrace");
	if (!json || json_dump_callback(json, add_to_buf, &body, JSON_COMPACT) != 0 || !buf_ok(&body, NULL))
		return err_set(err, ERR_NO_MEMORY, "writing an error");
	return post(lambda, path, &body, header, err);
}

/* An answer for the caller, or an error of the invocation where repeating it may help and Lambda is to do
 * that. */
static bool answer_call(struct lambda *lambda, struct event *event, struct buf *to, struct err *err)
{
	OWN(reply_done) struct reply reply = REPLY_INIT;
	function_answer(lambda->function, &event->call, &reply);
	if (event->kind == EVENT_DIRECT && err_retry(reply.err.code)) {
		*err = reply.err;
		return false;
	}
	return event_answer(event, &reply, to, err);
}

static bool answer_objects(struct lambda *lambda, const struct event *event, const char *id, struct buf *to,
    struct err *err)
{
	int done = 0;
	for (size_t i = 0; i < event_objects(event); i++) {
		struct event_object object;
		struct err why;
		if (!event_object(event, i, &object, &why)) {
			journal_line("WARNING", "object", json_pack("{s:s, s:s, s:s}", "request", id, "code",
			    err_name(why.code), "sentence", why.detail));
			continue;
		}
		if (!bucket_answer(lambda->function, lambda->outbound, &object, id, err))
			return false;
		done++;
	}
	buf_print(to, "{\"answered\":%d}", done);
	return buf_ok(to, err);
}

static bool answer_event(
    struct lambda *lambda, const char *id, int64_t since_us, struct buf *to, struct err *err)
{
	OWN(event_done) struct event event = {0};
	bool ok = buf_ok(&lambda->event, err) &&
	    event_take((const char *)lambda->event.data, lambda->event.size, &event, err);
	/* It would be held twice while a batch is read, as text and as JSON. */
	buf_done(&lambda->event);
	if (!ok)
		return false;
	event.call.request = id;
	event.call.since_us = since_us;
	return event.kind == EVENT_STORED ? answer_objects(lambda, &event, id, to, err)
					  : answer_call(lambda, &event, to, err);
}

static void answer_one(struct lambda *lambda, const char *id)
{
	OWN(buf_done) struct buf answer = BUF_INIT(EVENT_SIZE_MAX);
	char path[URL_SIZE];
	struct err err;
	bool ok = answer_event(lambda, id, clock_monotonic_us(), &answer, &err);
	if (ok) {
		snprintf(path, sizeof path, "invocation/%s/response", id);
		ok = post(lambda, path, &answer, NULL, &err);
	}
	if (ok)
		return;
	journal_line("ERROR", "invocation",
	    json_pack("{s:s, s:s, s:s}", "request", id, "code", err_name(err.code), "sentence", err.detail));
	struct err why = err;
	snprintf(path, sizeof path, "invocation/%s/error", id);
	if (!post_error(lambda, path, &why, &err))
		journal_line("ERROR", "invocation", json_pack("{s:s, s:s, s:s}", "request", id, "code",
		    err_name(err.code), "sentence", err.detail));
}

/* An id goes into an address and the log. */
static bool take_id(struct lambda *lambda, char id[ID_SIZE], struct err *err)
{
	const char *text = outbound_header(lambda->outbound, "Lambda-Runtime-Aws-Request-Id");
	if (!text || !text_copy(id, ID_SIZE, text) ||
	    id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")])
		return err_set(err, ERR_BAD_INPUT, "the Runtime API gave an event without a usable id");
	return true;
}

/* An event that is too large leaves the buffer failed: it has an id, and is refused by it. */
static bool next_event(struct lambda *lambda, char id[ID_SIZE], struct err *err)
{
	char url[URL_SIZE];
	make_url(lambda->api, url, "invocation/next");
	/* Lambda freezes the process while there is none: no limit on the wait. */
	struct outbound_request request = {.method = "GET", .url = url, .stop = lambda->stop};
	for (int i = 0; i < TRIES && !lambda->stop(); i++) {
		int status = 0;
		if (i)
			clock_sleep_ms(PAUSE_MS << i);
		bool answered = outbound_call(lambda->outbound, &request, &status, &lambda->event, err);
		if (answered ? status == 200 : err->code == ERR_TOO_LARGE)
			return take_id(lambda, id, err);
		if (answered)
			err_set(err, ERR_UNAVAILABLE, "the Runtime API answers %d", status);
	}
	return false;
}

bool lambda_run(
    const struct settings *settings, struct function *function, bool (*stop)(void), struct err *err)
{
	OWN(lambda_done) struct lambda lambda = {.api = settings->runtime_api,
	    .function = function,
	    .stop = stop,
	    .event = BUF_INIT(EVENT_SIZE_MAX),
	    .scrap = BUF_INIT(SMALL_ANSWER)};
	if (!outbound_open(&lambda.outbound, err))
		return false;
	while (!stop()) {
		char id[ID_SIZE];
		if (!next_event(&lambda, id, err))
			return stop();
		answer_one(&lambda, id);
	}
	return true;
}

void lambda_fail(const char *runtime_api, const struct err *why)
{
	OWN(lambda_done) struct lambda lambda = {.api = runtime_api, .scrap = BUF_INIT(SMALL_ANSWER)};
	struct err err;
	if (!outbound_open(&lambda.outbound, &err) || !post_error(&lambda, "init/error", why, &err))
		journal_line("ERROR", "start",
		    json_pack("{s:s, s:s}", "code", err_name(err.code), "sentence", err.detail));
}
