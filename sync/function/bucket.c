#include "function/bucket.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum {
	LIMIT_MS = 20000,
	TRIES = 3,
	PAUSE_MS = 200, /* doubled each time */
	URL_SIZE = 512,
	HEADER_SIZE = 128,
};

struct trip {
	struct outbound *outbound;
	const struct event_object *object;
	struct err err; /* of getting the question, where S3 is to blame */
};

static const char *variable(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

static bool make_url(const struct event_object *object, const char *key, char url[URL_SIZE], struct err *err)
{
	const char *server = variable("AWS_ENDPOINT_URL_S3");
	int length = server ? snprintf(url, URL_SIZE, "%s/%s/%s", server, object->bucket, key)
			    : snprintf(url, URL_SIZE, "https://%s.s3.%s.amazonaws.com/%s", object->bucket,
				  object->region, key);
	return length < URL_SIZE || err_set(err, ERR_BAD_INPUT, "the address of an object is too long");
}

/* One signed request, again while S3 asks for it. */
static bool call_storage(const struct trip *trip, const char *key, struct outbound_request *request,
    struct buf *answer, struct err *err)
{
	struct outbound_signature signature = {.region = trip->object->region, .service = "s3",
	    .key = variable("AWS_ACCESS_KEY_ID"), .secret = variable("AWS_SECRET_ACCESS_KEY"),
	    .token = variable("AWS_SESSION_TOKEN")};
	char url[URL_SIZE];
	int status = 0;
	if (!signature.key || !signature.secret)
		return err_set(err, ERR_UNAVAILABLE,
		    "the environment holds no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
	if (!make_url(trip->object, key, url, err))
		return false;
	request->url = url;
	request->signature = &signature;
	request->limit_ms = LIMIT_MS;
	for (int i = 0; i < TRIES; i++) {
		if (i)
			clock_sleep_ms(PAUSE_MS << i);
		bool answered = outbound_call(trip->outbound, request, &status, answer, err);
		if (answered && status == 200)
			return true;
		if (answered)
			err_set(
			    err, ERR_UNAVAILABLE, "S3 answers %d to %s of %s", status, request->method, key);
		if (answered && status < 500 && status != 429)
			break;
	}
	if (status == 404)
		err->code = ERR_NOT_FOUND;
	return false;
}

static bool get_question(void *context, struct buf *to, struct err *err)
{
	struct trip *trip = context;
	const struct event_object *object = trip->object;
	struct outbound_request request = {.method = "GET"};
	char key[160];
	if (object->size > CALL_BODY_MAX)
		return err_set(err, ERR_TOO_LARGE, "a batch has at most %d bytes", CALL_BODY_MAX);
	snprintf(key, sizeof key, "questions/%s.%s.sealed", object->batch, object->digest);
	if (call_storage(trip, key, &request, to, err))
		return true;
	/* An object that is gone again has nobody who waits for its answer. */
	if (err->code == ERR_UNAVAILABLE)
		trip->err = *err;
	return false;
}

/* The reply's headers become the object's metadata. */
static bool put_answer(const struct trip *trip, const struct reply *reply, struct err *err)
{
	OWN(buf_done) struct buf answer = BUF_INIT(64 << 10);
	struct outbound_request request = {
	    .method = "PUT", .body = reply->body.data, .body_size = reply->body.size};
	char key[80], lines[REPLY_HEADERS_MAX + 1][HEADER_SIZE];
	snprintf(
	    key, sizeof key, "answers/%s.%s", trip->object->batch, reply->status == 200 ? "sealed" : "json");
	snprintf(lines[0], HEADER_SIZE, "Content-Type: %s", reply->type);
	request.headers[0] = lines[0];
	size_t count = 1;
	for (size_t i = 0; i < reply->headers_count; i++) {
		const struct reply_header *header = &reply->headers[i];
		if (!text_starts(header->name, "X-Daybreak-"))
			continue;
		snprintf(lines[count], HEADER_SIZE, "x-amz-meta-%s: %s", header->name + strlen("X-"),
		    header->value);
		request.headers[count] = lines[count];
		count++;
	}
	return call_storage(trip, key, &request, &answer, err);
}

bool bucket_answer(struct function *function, struct outbound *outbound, const struct event_object *object,
    const char *id, struct err *err)
{
	struct trip trip = {.outbound = outbound, .object = object};
	OWN(reply_done) struct reply reply = REPLY_INIT;
	struct call call = {.method = "POST",
	    .path = "/v1/read",
	    .door = CALL_BY_ACCOUNT,
	    .body = get_question,
	    .context = &trip,
	    .request = id,
	    .since_us = clock_monotonic_us()};
	call.headers[CALL_TYPE] = "application/octet-stream";
	call.headers[CALL_BATCH] = object->batch;
	call.headers[CALL_DIGEST] = object->digest;
	function_answer(function, &call, &reply);
	if (trip.err.code) {
		*err = trip.err;
		return false;
	}
	if (err_retry(reply.err.code)) {
		*err = reply.err;
		return false;
	}
	return put_answer(&trip, &reply, err);
}
