/* What the burst shows of itself: the plan of the last second and the batches that left, for screens and the command
 * line. Nothing is decided by these rows; what is in flight lives in the memory of work. A row of a batch names no
 * patient, no dish and no embryo.
 *
 * The plan is a JSON text of work's, about once a second while anything happens:
 *
 *   {"made": time, "state": "off" | "home" | "spilling" | "draining" | "stalled", "reason", "since": time,
 *    "pace": {"slots", "cut_ms", "read_ms"},
 *    "lanes": [{"name", "kind": "local" | "cloud", "slots", "busy", "rate_per_min", "latency_ms", "healthy", "reason",
 *        "since", "next", "region", "price_per_1000_nano"}],
 *    "dishes": [{"dish", "deadline": time | null, "to_cut", "to_read", "in_flight", "ready": time | null,
 *        "ready_local_only": time | null, "late", "spill", "why"}],
 *    "board_ready", "board_ready_local_only", "deadline": time | null,
 *    "budget": {"day", "month", "spent_today_nano", "spent_month_nano", "left_nano"} | null,
 *    "money_forecast_nano"}
 *
 * Times are "2026-11-21T06:30:00Z", rates cuts a minute, money nano-dollars (1e-9), budgets dollars. */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "store/store.h"

enum {
	BURST_PLAN_MAX = 1 << 20,
	BATCH_ID_SIZE = 33, /* 32 hexadecimal digits and the end */
	BATCH_NAME_SIZE = 64,
	/* A morning of 128 embryos is some 1,500 batches of 64 cuts; older rows than these are dropped. */
	BATCHES_KEPT = 20000,
};

bool bursts_plan_put(struct store *store, const char *json, struct err *err);
/* Appends the JSON to `to`. Nothing found (no daemon has ever run) is not an error. */
bool bursts_plan_get(struct store *store, struct buf *to, bool *ret_found, struct err *err);

enum batch_state {
	BATCH_SENT,     /* no word yet */
	BATCH_ANSWERED, /* and its readings stored, as far as they were still waited for */
	BATCH_FAILED,   /* its cuts go into other batches */
	BATCH_HOME,     /* it would fail anywhere: its cuts are read at home */
	BATCH_STATES
};
const char *batch_state_name(enum batch_state state); /* "sent", "answered", "failed", "home" */

struct burst_batch {
	char id[BATCH_ID_SIZE];
	char lane[BATCH_NAME_SIZE]; /* the endpoint */
	char why[BATCH_NAME_SIZE];  /* "spill", "hedge", "again" */
	int cuts, embryos;
	enum batch_state state;
	int64_t made_us, ended_us; /* ended 0: not yet */
	char sentence[ERR_DETAIL_MAX]; /* why it failed, or "" */
	bool hedge; /* asked for a second time because the first answer is late */
};
/* As screens and the command line show it. */
json_t *burst_batch_json(const struct burst_batch *batch);

/* ended_us and sentence are not looked at; the state is BATCH_SENT. Drops the oldest beyond BATCHES_KEPT. */
bool bursts_batch_add(struct store *store, const struct burst_batch *batch, struct err *err);
/* Ends one that was sent; one that has ended stays as it is. */
bool bursts_batch_end(struct store *store, const char *id, enum batch_state state, const char *sentence, struct err *err);
/* At the start of the daemon: the batches that the one before had in flight have failed. */
bool bursts_recover(struct store *store, struct err *err);
/* Newest first, at most limit. */
bool bursts_batches_each(struct store *store, int limit, bool (*each)(const struct burst_batch *batch, void *context),
    void *context, struct err *err);
