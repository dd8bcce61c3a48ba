/* HTTP on loopback for the gateway alone; the one file of this room that includes civetweb. One request a
 * connection, bodies with a length and small. TLS is the gateway's: it says in headers whose certificate it
 * has checked. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/own.h"

enum { HTTP_BODY_MAX = 16 << 10 };

struct http;

struct http_request {
	const char *method, *path;
	const char *body; /* a text with an end */
	/* What the gateway says of the client; "" where it says nothing. */
	const char *verify, *subject, *serial, *secret;
};

struct http_reply {
	int status;
	const char *type; /* application/json unless it is set */
	json_t *value;    /* new reference, or */
	struct buf text;
};

struct http_options {
	int port; /* on 127.0.0.1; 0 takes a free one */
	/* Fills the reply, or gives false and an error, which is answered as {"error": {"code", "sentence"}}.
	 * Called by one thread at a time. */
	bool (*answer)(
	    const struct http_request *request, struct http_reply *reply, void *context, struct err *err);
	void *context;
};

bool http_start(const struct http_options *options, struct http **ret_http, struct err *err);
void http_stop(struct http *http);
OWN_DEFINE(struct http *, http_stop)
int http_port(const struct http *http);
