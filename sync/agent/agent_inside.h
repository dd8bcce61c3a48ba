/* The agent's own state, shared by the files that make it up and by nobody else. */
#pragma once

#include "agent/agent.h"
#include "agent/breaker.h"
#include "agent/budget.h"
#include "agent/door.h"
#include "agent/ledger.h"
#include "agent/link.h"
#include "wire/cloud.h"

enum { REASON_MAX = 320 };

enum endpoint_state {
	ENDPOINT_UNCONFIRMED,
	ENDPOINT_READY,
	ENDPOINT_OPEN,
	ENDPOINT_HALF_OPEN,
	ENDPOINT_REFUSED
};

struct endpoint {
	struct agent *agent;
	const struct cloud_endpoint *cloud;
	struct breaker breaker;
	struct window window;
	bool confirmed;              /* it said who it is, and that is right */
	bool refused;                /* they will not have us, or we must not have them; reason says why */
	bool elsewhere;              /* the latter: it is not in the region that it should be in */
	char reason[REASON_MAX], next[REASON_MAX];
	enum endpoint_state told;    /* the state that events have told of */
	int64_t told_us;             /* UTC: since when */
	int64_t confirmed_us;        /* UTC: when it was last asked and right; 0: never */
	struct link_transfer *check; /* a version check under way */
	int64_t check_started_us, check_at_us; /* monotonic */
	char reader_label[LIMIT_NAME], reader_digest[2 * CRYPTO_DIGEST_SIZE + 1];
	int64_t server_not_after_us;
	int64_t hold_until_us;       /* monotonic: throttled even with one request at a time */
	int in_flight;
	double latency_ms;           /* of answered batches, fading */
	double dear_ms;              /* what a batch was billed at most, fading */
};

struct errand;

struct agent {
	struct settings settings;
	struct cloud *cloud;
	struct ledger *ledger;
	struct budget budget;
	struct link *link;
	struct door *door;
	struct endpoint endpoints[CLOUD_ENDPOINTS_MAX];
	struct errand *first;        /* oldest first */
	int64_t since_us;            /* UTC */
	bool certified;              /* there is a certificate to show */
	char certificate_problem[REASON_MAX]; /* why there is none */
	int64_t certificate_stamp;   /* of the file that was taken over */
	int64_t cloud_stamp;         /* of the cloud.json that was looked at last */
	int64_t other_cloud_us;      /* monotonic: since when there is another one; 0: there is none */
	char certificate_refused[32]; /* the gateway's word: "revoked", "expired" ...; "": none */
	int64_t certificate_refused_us;
	int64_t pruned_us;           /* monotonic: when old rows of the ledger were removed last */
	bool over_budget;            /* and the event is written */
	struct enrol *enrol;
	struct updates *updates;
};

/* agent.c */
double agent_chance(void); /* 0 <= chance < 1, from the kernel */
void agent_event(
    struct agent *agent, const char *id, const char *severity, const char *text, const char *next);
/* A gateway's word about our certificate; "": it is taken again. */
void agent_certificate_refused(struct agent *agent, const char *reason);

/* endpoints.c */
void endpoints_open(struct agent *agent);
/* Starts version checks that are due. Returns how long until the next, ms. */
int endpoints_look(struct agent *agent, int64_t now_us);
/* A new certificate: whoever refused the old one is asked again. */
void endpoints_again(struct agent *agent, int64_t now_us);
void endpoints_stop(struct agent *agent);
struct endpoint *endpoints_find(struct agent *agent, const char *name);
enum endpoint_state endpoint_state(struct endpoint *endpoint, int64_t now_us);
const char *endpoint_state_name(enum endpoint_state state);
/* ms until an open one is tried again, or a throttled one is asked again; 0: now. */
int64_t endpoint_wait_ms(const struct endpoint *endpoint, int64_t now_us);
void endpoint_failed(struct endpoint *endpoint, int64_t started_us, const char *reason);
void endpoint_passed(struct endpoint *endpoint);
/* Fewer at a time from now on; when it was one at a time, none for wait_ms. */
void endpoint_throttled(struct endpoint *endpoint, int64_t started_us, int64_t wait_ms);
/* It is in another region than it should be: refused until it says otherwise. */
void endpoint_elsewhere(struct endpoint *endpoint, const char *reason);
/* Who answered with a refusal, and what to do about it. */
void endpoint_refused_by(
    struct endpoint *endpoint, const struct link_response *response, const struct err *why);

/* errands.c */
void errands_take(struct agent *agent, struct caller *caller, struct slot_message *message);
void errands_forget(struct agent *agent, struct caller *caller);
/* Starts what can start, fails what cannot any more. Returns how long until the next look, ms. */
int errands_look(struct agent *agent, int64_t now_us);
void errands_stop(struct agent *agent);

/* agent_status.c: the answer to an ASK; new reference, NULL without memory. */
json_t *agent_answer(struct agent *agent, const json_t *question);
