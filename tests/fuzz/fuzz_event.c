/* rooms: function */
/* Any bytes as an event of AWS Lambda: taken, its body decoded, its objects named, an answer written in its form. */
#include "function/event.h"
#include "function/identity.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer(const struct event *event)
{
	struct err err;
	OWN(buf_done) struct buf body = BUF_INIT(CALL_BODY_MAX);
	OWN(buf_done) struct buf text = BUF_INIT(EVENT_SIZE_MAX);
	OWN(reply_done) struct reply reply = REPLY_INIT;
	if (event->call.body(event->call.context, &body, &err)) {
		reply.status = 200;
		reply.type = "application/octet-stream";
		buf_add(&reply.body, body.data, body.size);
	} else {
		reply_error(&reply, &err);
	}
	event_answer(event, &reply, &text, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct settings settings = {
	    .sites = "clinic-1,clinic-2", .deny = "0a1b", .gateway_secret = ""};
	OWN(event_done) struct event event = {0};
	struct event_object object;
	char site[IDENTITY_SITE_SIZE];
	struct err err;
	if (!event_take((const char *)data, size, &event, &err))
		return 0;
	identity_check(&settings, &event.call, site, &err);
	for (size_t i = 0; i < event_objects(&event); i++)
		event_object(&event, i, &object, &err);
	if (event.kind != EVENT_STORED)
		answer(&event);
	return 0;
}
