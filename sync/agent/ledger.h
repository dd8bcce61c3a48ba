/* The agent's records, one SQLite file: every request that left the box (egress), every batch that was asked
 * of a function (invocations), and what an operator should know (events). Rows are only ever added; an egress
 * row is added before its first byte goes, and once more touched to say how it ended. There are sealed,
 * pseudonymous things in it only: a random batch number is the nearest it comes to an embryo.
 *
 * What left the box is kept for ten years, as clinics keep their records, and costs with it. Asking an endpoint who it is
 * carries nothing and makes most of the rows, 26 MB a year for each endpoint: these and the events are kept for two years.
 *
 * A ledger belongs to one thread; several may be open on one file. */
#pragma once

#include "base/crypto.h"
#include "base/db.h"
#include "base/err.h"
#include "base/own.h"

struct ledger;

bool ledger_open(const char *path, struct ledger **ret_ledger, struct err *err);
void ledger_close(struct ledger *ledger);
OWN_DEFINE(struct ledger *, ledger_close)
/* For books.c, which reads. */
struct db *ledger_db(struct ledger *ledger);

/* What is added in between comes to the disk together, and is paid for with one flush; an egress row that
 * begins must not be among it. */
bool ledger_begin(struct ledger *ledger, struct err *err);
bool ledger_commit(struct ledger *ledger, struct err *err);

/* Egress */

enum ledger_class {
	LEDGER_SEALED_BATCH,
	LEDGER_VERSION_CHECK,
	LEDGER_ENROLMENT,
	LEDGER_RENEWAL,
	LEDGER_UPDATE,
	LEDGER_CLASSES
};
/* "sealed-batch", ... */
const char *ledger_class_name(enum ledger_class class);

struct ledger_egress {
	enum ledger_class class;
	const char *endpoint; /* its name; "authority" for certificates, "updates" for what the appliance installs */
	const char *region;   /* where it goes; "" when it is not a region's */
	const char *why;      /* "spill", "hedge", "again", "check", "enrol", "rotate", "channel", "fetch" */
	const char *batch;    /* hex, or "" */
	int64_t bytes;        /* of content */
	uint8_t digest[CRYPTO_DIGEST_SIZE]; /* SHA-256 of the content */
};
/* On disk when it returns. */
bool ledger_egress_begin(
    struct ledger *ledger, const struct ledger_egress *egress, int64_t *ret_seq, struct err *err);
/* sent: bytes with headers as far as they went; outcome: "answered 200" or the name of an error. A row that
 * was never ended says "unknown": the agent died in between. */
bool ledger_egress_end(
    struct ledger *ledger, int64_t seq, int64_t sent, const char *outcome, struct err *err);

/* Invocations */

struct ledger_invocation {
	int64_t seq;          /* of its egress row */
	const char *endpoint, *batch;
	int attempt, cuts;
	const char *code;     /* err_name; "none" */
	const char *sentence;
	bool throttled, cold;
	int64_t duration_ms, read_ms, billed_ms, cost_nano;
};
bool ledger_invocation_add(
    struct ledger *ledger, const struct ledger_invocation *invocation, struct err *err);
/* Ends what was on its way when the agent died. What a batch cost then is not known: `price` fills in the
 * billed_ms and cost_nano that it is booked at. At the start, before anything is sent, by the agent alone. */
bool ledger_recover(struct ledger *ledger, void (*price)(void *context, struct ledger_invocation *lost),
    void *context, int64_t *ret_count, struct err *err);
/* All costs booked from that time on, nano-dollars. */
bool ledger_spent(struct ledger *ledger, int64_t from_us, int64_t *ret_nano, struct err *err);

enum { LEDGER_YEARS = 10, LEDGER_CHECK_YEARS = 2, LEDGER_PRUNE_MOST = 1000 };
/* Removes what is older than that, at most LEDGER_PRUNE_MOST rows of a kind: asked once an hour it keeps up, and a clock that is
 * years ahead for an hour costs little. */
bool ledger_prune(struct ledger *ledger, int64_t now_us, int64_t *ret_removed, struct err *err);

/* Events: for operators, under ids that stay the same. severity: "info", "warning", "alarm". */

bool ledger_event(struct ledger *ledger, const char *id, const char *severity, const char *text,
    const char *next, struct err *err);
