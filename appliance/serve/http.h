/* HTTP on loopback. serve/http.c is the one file that includes civetweb; what the rest of the room sees is a
 * request that is read and answered through the functions below.
 *
 * - One request a connection: the reply says "Connection: close", so nothing can be smuggled in behind it. nginx
 *   keeps the connections to the browsers; a new one on loopback costs some tens of microseconds.
 * - A request with Transfer-Encoding and Content-Length, with two lengths, with a repeated Host, or whose path
 *   is not plain ASCII without escapes is refused before anything else looks at it.
 * - Memory taken with request_alloc() lives as long as the request. Worker stacks are 100 KiB: no large locals.
 * - Every reply carries the security headers of http.c. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/own.h"
#include "report/words.h"

#include <stddef.h>
#include <stdint.h>

struct http;    /* the server; any thread */
struct request; /* one request and its reply; belongs to the thread that answers it */

struct http_options {
	int port;    /* on 127.0.0.1; 0 takes a free one */
	int threads; /* workers, so also the most requests answered at one time */
	/* Answers the request with exactly one of the reply functions. */
	void (*answer)(struct request *request, void *context);
	void *context;
};

bool http_start(const struct http_options *options, struct http **ret_http, struct err *err);
/* Lets running requests end; request_is_stopping() tells the long ones to, and reading a body ends early. */
void http_stop(struct http *http);
OWN_DEFINE(struct http *, http_stop)
int http_port(const struct http *http);

/* What was asked. Texts live as long as the request. */
const char *request_method(const struct request *request);
const char *request_path(const struct request *request);
const char *request_header(const struct request *request, const char *name); /* NULL without it */
/* Who asks, as nginx saw it; fit for counting attempts, never for rights. */
const char *request_address(const struct request *request);
/* The value of a cookie; NULL without it. */
const char *request_cookie(struct request *request, const char *name);
/* The decoded value in the query string; NULL without it, when it does not decode or is not plain text. */
const char *request_query(struct request *request, const char *name);
/* Of the screen (Accept-Language); English where it says nothing that we speak. */
enum language request_language(const struct request *request);
bool request_is_stopping(const struct request *request);

/* Zeroed memory that ends with the request; NULL beyond 4 MiB or without memory. */
void *request_alloc(struct request *request, size_t size);

/* Announced length of the body; -1 when it comes in chunks. */
int64_t request_length(const struct request *request);
/* Next bytes of the body: their number, 0 at its end, -1 when the client went away or broke the framing. */
int64_t request_read(struct request *request, void *to, size_t size);
/* The whole body as one JSON object, at most LIMIT_REQUEST_BODY bytes. The caller owns the value. */
bool request_json(struct request *request, json_t **ret_value, struct err *err);

/* Adds a header to the reply; before the reply is sent. The value must not hold a line end. */
void reply_header(struct request *request, const char *name, const char *value);
void reply_bytes(struct request *request, int status, const char *type, const void *data, size_t size);
/* 200 or another status with a JSON value; takes the reference. NULL means that memory ran out. */
void reply_json(struct request *request, int status, json_t *value);
/* 204, or 304 for a picture the browser has. */
void reply_nothing(struct request *request, int status);
/* The error as {"error":{"code","message"}} with the status of the error table, its sentence in the language of the screen. */
void reply_error(struct request *request, const struct err *err);

/* A reply without an end: head first, then text as it comes. False when the client is gone. */
bool reply_begin(struct request *request, const char *type);
bool reply_write(struct request *request, const void *data, size_t size);

int reply_status(const struct request *request); /* 0: not answered yet */
