/* The one door to the internet: HTTPS requests on libcurl's multi interface, which only this file includes.
 *
 * What it holds, whatever the caller asks: HTTPS alone, TLS 1.2 or later, no certificate authority but the
 * one that the request names, no redirect, no proxy or cookie of the environment, every answer and every wait
 * capped, and no byte out without its row in the egress ledger. Requests to one peer share a connection where
 * it speaks HTTP/2.
 *
 * A link belongs to one thread, as its ledger does. The agent's loop uses link_start and link_turn; who needs
 * one answer before it goes on, as enrolment, uses link_call. */
#pragma once

#include "agent/ledger.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/own.h"

#include <poll.h>

struct link;
struct link_transfer;

enum {
	LINK_HEADERS_MAX = 6,
	LINK_URL_MAX = 512,
	/* Of an answer; curl itself caps one line at 100 KiB. */
	LINK_ANSWER_HEADERS_MAX = 16 << 10,
	LINK_REFUSAL_MAX = 16 << 10, /* what is kept of an answer that is no 2xx, where a 2xx is not kept */
};

struct link_response;

/* A piece of the body of a 2xx, as it comes; status and headers are known. False ends the transfer with err. */
typedef bool link_take(
    void *context, struct link_response *response, const void *data, size_t size, struct err *err);

struct link_request {
	bool post;                /* else GET, without a body */
	const char *url;          /* https://... */
	const char *ca;           /* path of a PEM file: the only authorities that are trusted */
	bool anonymous;           /* do not show our certificate: enrolment */
	const char *headers[LINK_HEADERS_MAX]; /* "Name: value"; up to the first NULL */
	const void *body;         /* borrowed until the response is there or the transfer is cancelled */
	size_t body_size;
	size_t answer_max;        /* a longer body is ERR_TOO_LARGE */
	link_take *take;          /* gets the body of a 2xx, which then is not kept; NULL: it is */
	void *take_context;
	double down_bytes_s;      /* the answer comes no faster; 0: no cap */
	int quiet_ms; /* no byte moved for so long: ERR_UNAVAILABLE; waiting for our own uplink does not count
	               */
	int limit_ms;             /* the whole of it */
	struct ledger_egress egress; /* bytes and digest are filled in here */
};

struct link_response {
	struct err err;           /* ERR_NONE: there is an HTTP answer, of whatever status */
	int status;               /* of HTTP; 0 without an answer */
	struct buf headers, body;
	int64_t duration_us;
	int64_t sent;             /* bytes out with HTTP's headers, without TLS's own */
	bool body_sent;           /* all of it: the peer may have worked on it */
	int64_t seq;              /* its row in the egress ledger */
	int64_t server_not_after_us; /* when the peer's certificate ends; 0: not known */
};
void link_response_done(struct link_response *response);
static inline void link_response_done_owned(struct link_response *response)
{
	link_response_done(response);
}
/* The value of the header, whatever its case; "" when it is not there. Good until the response is done. */
const char *link_header(struct link_response *response, const char *name);
/* The same as a whole number; fallback when it is none. */
int64_t link_header_int(struct link_response *response, const char *name, int64_t fallback);
/* True for a 2xx. Else err is filled: from err, from {"error": {"code", "sentence"}} in the body, or from the
 * status. */
bool link_accepted(const struct link_response *response, struct err *err);

/* ledger: borrowed; without one nothing is sent. */
bool link_open(struct ledger *ledger, struct link **ret_link, struct err *err);
/* Open transfers are cancelled, without their callbacks. */
void link_close(struct link *link);
OWN_DEFINE(struct link *, link_close)
/* PEM texts of the client certificate (with its chain) and its key, for requests that start from now on;
 * NULL, NULL: none. Copied. */
bool link_identity(struct link *link, const char *certificate_pem, const char *key_pem, struct err *err);
/* Bytes a second for all bodies together from now on; 0: no cap. */
void link_uplink(struct link *link, double bytes_s);
/* What the uplink was last seen to carry while it was busy; 0: never. */
double link_measured(const struct link *link);

/* Called once, from link_turn. The response is the link's; what is wanted of it is moved out. */
typedef void link_done(void *context, struct link_response *response);
/* False: nothing left the box, done is not called. */
bool link_start(struct link *link, const struct link_request *request, link_done *done, void *context,
    struct link_transfer **ret_transfer, struct err *err);
/* done is not called; the egress row ends with "cancelled". ret_response: how far it had come; NULL: of no
 * interest. */
void link_cancel(struct link *link, struct link_transfer *transfer, struct link_response *ret_response);
int link_active(const struct link *link);
/* Moves what can be moved, calls what is done, waits at most wait_ms for more; others: further descriptors to
 * wait for, with poll's events. */
bool link_turn(struct link *link, struct pollfd *others, size_t count, int wait_ms, struct err *err);
/* One request and its answer. False without an HTTP answer; any status is an answer: see link_accepted. */
bool link_call(struct link *link, const struct link_request *request, struct link_response *ret_response,
    struct err *err);
/* From any thread: a link_call under way or to come fails soon, with ERR_UNAVAILABLE. */
void link_stop(struct link *link);
