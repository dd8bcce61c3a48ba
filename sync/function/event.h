/* What AWS Lambda hands a function: JSON events, each kind with its own form of request and answer.
 *
 *   API Gateway     HTTP API, payload 2.0. The client certificate is in requestContext.authentication, checked
 *                   against the truststore of the custom domain.
 *   load balancer   Application Load Balancer. The certificate is in the headers X-Amzn-Mtls-Clientcert-...,
 *                   which a listener with mutual TLS in verify mode writes; do not use another kind.
 *   direct          an invocation {"daybreak": "read" | "version" | "health", "batch": hex, "digest": hex,
 *                   "body": base 64}  ->  {"status": 200, "headers": {...}, "body": base 64}
 *                   or {"status", "headers", "error": {"code", "sentence"}}
 *   S3              an object was created: questions/BATCH.DIGEST.sealed  ->  answers/BATCH.sealed
 *                   or answers/BATCH.json with an error
 *
 * Shapes as AWS documents them in its Lambda, API Gateway, Elastic Load Balancing and S3 guides. */
#pragma once

#include "function/call.h"

enum {
	/* Lambda's own limit of a synchronous event is 6 MB; a little more lets its emulators' be seen as
	 * what they are. */
	EVENT_SIZE_MAX = 6400000,
	/* S3 sends one record an event; more are allowed. */
	EVENT_OBJECTS_MAX = 16,
};

enum event_kind { EVENT_GATEWAY, EVENT_BALANCER, EVENT_DIRECT, EVENT_STORED };

/* Must not be moved: the call points into it. */
struct event {
	enum event_kind kind;
	json_t *json;
	struct call call; /* of all kinds but EVENT_STORED */
	char path[64];
	bool lists; /* EVENT_BALANCER: headers have lists of values, in both directions */
};

/* Fills event. ERR_BAD_INPUT: not JSON, or no event of these kinds. */
bool event_take(const char *text, size_t size, struct event *event, struct err *err);
void event_done(struct event *event);
static inline void event_done_owned(struct event *event)
{
	event_done(event);
}
/* Appends the answer to a call in the event's form. */
bool event_answer(const struct event *event, const struct reply *reply, struct buf *to, struct err *err);

/* An object of an EVENT_STORED. */
struct event_object {
	const char *bucket, *region;
	int64_t size;
	char batch[2 * SEALED_BATCH_SIZE + 1], digest[2 * CRYPTO_DIGEST_SIZE + 1];
};
size_t event_objects(const struct event *event);
/* ERR_BAD_INPUT: an object that is no question, such as our own answer. */
bool event_object(const struct event *event, size_t index, struct event_object *ret_object, struct err *err);
