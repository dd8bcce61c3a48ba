/* A call and its reply, whatever brought it: HTTP, AWS Lambda's events, Azure. Each way in fills a call,
 * function.h answers it, the way out writes the reply in its own form. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "wire/pack.h"
#include "wire/sealed.h"

enum {
	/* The largest sealed question. */
	CALL_BODY_MAX = PACK_SIZE_MAX + SEALED_QUESTION_OVERHEAD,
	REPLY_HEADERS_MAX = 8,
};

/* Headers that mean something here; all others are passed over. */
#define CALL_HEADER_TABLE(X)                                                                        \
	X(CALL_TYPE, "Content-Type")                                                                \
	X(CALL_BATCH, "Idempotency-Key")                                                            \
	X(CALL_DIGEST, "X-Daybreak-Digest")                                                         \
	X(CALL_VERIFY, "X-Client-Verify")                                                           \
	X(CALL_SUBJECT, "X-Client-Subject")                                                         \
	X(CALL_SERIAL, "X-Client-Serial")                                                           \
	X(CALL_CERTIFICATE, "Client-Cert")                                                          \
	X(CALL_BALANCER_SUBJECT, "X-Amzn-Mtls-Clientcert-Subject")                                  \
	X(CALL_BALANCER_SERIAL, "X-Amzn-Mtls-Clientcert-Serial-Number")                             \
	X(CALL_GATEWAY, "X-Daybreak-Gateway")

enum call_header {
#define X(code, name) code,
	CALL_HEADER_TABLE(X)
#undef X
	CALL_HEADERS
};

/* Who vouches for the caller. */
enum call_door {
	CALL_BY_GATEWAY, /* a gateway, by its headers (identity.h); the secret proves that they are its own */
	CALL_BY_CLOUD,   /* the cloud's front end, which checked the client certificate, beside the headers */
	CALL_BY_ACCOUNT, /* the cloud account's own rules let it in: a direct invocation, a storage event */
};

struct call {
	const char *method, *path;
	const char *headers[CALL_HEADERS]; /* borrowed; NULL where there is none */
	enum call_door door;
	const char *subject, *serial; /* CALL_BY_CLOUD: of the client's certificate; NULL without one */
	const char *certificate;      /* the same, PEM, where the cloud gives it: goes before those two */
	const char *request;          /* the platform's id of this call, for the log; NULL: none */
	/* Appends the body to a buffer that holds CALL_BODY_MAX bytes at most. Called once or never. */
	bool (*body)(void *context, struct buf *to, struct err *err);
	void *context;
	int64_t since_us; /* monotonic: when the platform began to count; 0: when the body is whole */
};

/* CALL_HEADERS: none of ours. */
enum call_header call_header_named(const char *name);
/* Takes a header if it is one of ours. ERR_BAD_INPUT: it was there already. */
bool call_take_header(struct call *call, const char *name, const char *value, struct err *err);

struct reply_header {
	const char *name;
	char value[72];
};

struct reply {
	int status;
	const char *type;
	struct buf body;
	struct reply_header headers[REPLY_HEADERS_MAX];
	size_t headers_count;
	struct err err; /* what the status and the body of an error say */
};

#define REPLY_INIT {.body = BUF_INIT(CALL_BODY_MAX)}

void reply_done(struct reply *reply);
static inline void reply_done_owned(struct reply *reply)
{
	reply_done(reply);
}
/* name must outlive the reply. */
void reply_header(struct reply *reply, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Takes the reference; NULL means that memory ran out. */
void reply_json(struct reply *reply, int status, json_t *value);
/* {"error": {"code", "sentence"}} with the status of the error table. */
void reply_error(struct reply *reply, const struct err *err);
