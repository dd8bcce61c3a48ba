/* Outgoing HTTP: to the Lambda Runtime API beside the function, and to S3. The one file of this room that
 * includes curl. */
#pragma once

#include "base/buf.h"
#include "base/crypto.h"

enum { OUTBOUND_HEADERS_MAX = 12 };

struct outbound; /* keeps its connection from call to call; one thread */

/* An AWS Signature Version 4. The account's temporary keys, as Lambda puts them into the environment. */
struct outbound_signature {
	const char *region, *service;
	const char *key, *secret;
	const char *token; /* NULL: none */
};

struct outbound_request {
	const char *method, *url;
	const char *headers[OUTBOUND_HEADERS_MAX]; /* "Name: value"; ends with NULL */
	const void *body;                          /* NULL: none */
	size_t body_size;
	int limit_ms; /* for the whole call; 0: none */
	const struct outbound_signature *signature; /* NULL: none */
	bool (*stop)(void); /* asked at least once a second; true ends the call. NULL: never */
};

bool outbound_open(struct outbound **ret_outbound, struct err *err);
void outbound_close(struct outbound *outbound);
OWN_DEFINE(struct outbound *, outbound_close)

/* Replaces the content of ret_answer, whose maximum holds. True with any HTTP status. ERR_UNAVAILABLE: no
 * answer; ERR_TOO_LARGE. */
bool outbound_call(struct outbound *outbound, const struct outbound_request *request, int *ret_status,
    struct buf *ret_answer, struct err *err);
/* A header of the last answer, until the next call; NULL without it. */
const char *outbound_header(struct outbound *outbound, const char *name);
