/* The cloud's end of a burst: one small program that opens a sealed batch, reads its cuts with the same
 * library as the box at home, seals the answer and forgets both.
 *
 *   HTTP (http.h) ───────────┐
 *   Azure, OpenFaaS, Knative ┤                        ┌─ who asks (identity.h)
 *   Lambda Runtime API ──────┼──▶ call ──▶ function ──┤  digest, seal, pack (wire/)      ──▶ reply
 *   (lambda.h, event.h)      │                        └─ answer() of the batch protocol (reading/)
 *   objects in S3 (bucket.h)─┘
 *
 * It keeps nothing: any call may be repeated, raced or lost. Memory is bounded by the number of batches read
 * at one time, which the environment sets (settings.h); one more gets 429. It logs ids and numbers
 * (journal.h).
 *
 *   POST /v1/read      a sealed question, its batch id in Idempotency-Key, its SHA-256 in X-Daybreak-Digest
 *   GET  /v1/version   what it is: region, reader, key; for callers that may ask
 *   GET  /v1/health    for the platform; 503 while it stops */
#pragma once

#include "function/call.h"
#include "function/settings.h"

struct function; /* any thread */

/* settings: kept, not copied. started_us: monotonic, when this process began to cost; its start-up is
 * billed with the first batch. Errors of models_open. */
bool function_open(
    const struct settings *settings, int64_t started_us, struct function **ret_function, struct err *err);
void function_close(struct function *function);
OWN_DEFINE(struct function *, function_close)

/* Answers a call, whatever it holds, and writes a line to the log. reply: as REPLY_INIT. */
void function_answer(struct function *function, const struct call *call, struct reply *reply);

/* Takes no more batches and waits until those in flight are answered, but no longer than the limit. */
void function_drain(struct function *function, int limit_ms);
