/* Cloud slots: each is a thread that carries one batch at a time to an endpoint and its answer home.
 *
 *   flight ──▶ pixels of its cuts ──▶ READ question ──▶ pack ──▶ sealed to the function's key ──▶ agent's socket
 *                                                                                                    │
 *   store ◀── each cut's own reading ◀── reader, batch and cut digests compared ◀── unsealed ◀───────┘
 *
 * The agent sees a random batch number, an endpoint's name, how many cuts, and ciphertext; the function sees pixels, their
 * digests and another random number. An answer counts only when every check holds; otherwise the cuts wait again, and
 * after a few failures, or when the agent says that no endpoint could do better, they are read at home.
 *
 * Included by this room only. */
#pragma once

#include "base/err.h"

struct work;
struct cloud_slots;

/* Starts as many as the endpoints of work->cloud in allowed regions have slots. On failure, too, those that it started
 * are to be stopped. */
bool cloud_slots_start(struct work *work, struct cloud_slots **ret_slots, struct err *err);
/* After burst_stop; does not wait for answers. NULL is fine. */
void cloud_slots_stop(struct cloud_slots *slots);
