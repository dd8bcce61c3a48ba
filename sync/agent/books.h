/* What the ledger says, as JSON: the answers to ASK but "status", which the agent's own state gives
 * (agent_status.c). Shapes are those of wire/slot.h's ASK; sums are over the rows that match, whatever the
 * limit. */
#pragma once

#include "agent/ledger.h"
#include "agent/budget.h"
#include "base/json.h"

enum {
	BOOKS_ROWS_MAX = 1000,
	BOOKS_BUCKETS_MAX = 2400, /* three months by the hour */
	BOOKS_FAILURES_MAX = 50,
	BOOKS_DAYS = 31,
};

/* {"what": "egress", "from", "to", "class", "endpoint": optional; "after": seq, "limit", "newest" */
bool books_egress(struct ledger *ledger, const json_t *question, json_t **ret_answer, struct err *err);
/* {"what": "invocations", "from", "to", "bucket_s"}; without times: the last day. Buckets without invocations
 * are left out. Percentiles are by nearest rank; a bucket's concurrency is the most that were in flight when
 * one began. */
bool books_invocations(struct ledger *ledger, const json_t *question, json_t **ret_answer, struct err *err);
/* {"what": "costs"} */
bool books_costs(struct ledger *ledger, const struct budget *budget, const struct cloud *cloud,
    int64_t now_us, json_t **ret_answer, struct err *err);
/* {"what": "events", "after": seq, "limit", "newest": bool} */
bool books_events(struct ledger *ledger, const json_t *question, json_t **ret_answer, struct err *err);
