/* The table of routes, and the way of a request through it. */
#pragma once

#include "serve/call.h"

enum access {
	ACCESS_ANYONE, /* without the proxy secret: a check of the box's own */
	ACCESS_PROXY,  /* through nginx, without a session */
	ACCESS_VIEWER, /* from here on a role and all above it */
	ACCESS_EMBRYOLOGIST,
	ACCESS_ADMIN,
};

enum body { BODY_NONE, BODY_JSON, BODY_STREAM };

struct route {
	const char *method;
	const char *path; /* {name} stands for a whole number, {label} for a word of letters, digits, ".", "_", "-" */
	call_handler *handler;
	enum access access;
	enum body body;
};

/* NULL: ERR_NOT_FOUND, or ERR_WRONG_METHOD where the path takes other methods. */
const struct route *routes_find(const char *method, const char *path, int64_t ret_numbers[CALL_NUMBERS_MAX],
    struct err *err);
/* Answers a request: by its route, or with a page. */
void routes_answer(struct serve *serve, struct request *request);
size_t routes_count(void);
const struct route *routes_at(size_t index);
const char *access_name(enum access access); /* "anyone", "proxy", "viewer" ... */
const char *body_name(enum body body);       /* "none", "json", "stream" */
