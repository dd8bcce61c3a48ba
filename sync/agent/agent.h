/* daybreak-sync run: the process that may reach the internet and must not know whose embryos it carries.
 *
 *   daybreakd ──Unix socket──▶ door ──▶ errands ──▶ link ──mutual TLS──▶ gateway
 *                                          │  ▲       │
 *                              budget, breaker, window └─▶ ledger (before a byte leaves)
 *
 * One thread and one loop: door.c takes messages, errands.c carries each SEND until it is answered or has
 * failed, endpoints.c keeps asking each endpoint who it is and when to leave it alone, books.c answers ASK.
 * Beside it a thread looks after the certificate (enrol.c), another fetches the appliance's updates (updates.c).
 * Nothing of a batch is on the disk but its row in the ledger: who dies here costs repeats, and the box asks
 * again. */
#pragma once

#include "agent/settings.h"
#include "base/own.h"

#include <signal.h>

struct agent;

bool agent_open(const struct settings *settings, struct agent **ret_agent, struct err *err);
/* Until one of those signals comes; the caller has blocked them. ret_again: there is another cloud.json, and the agent is to
 * be closed, opened and run again. */
bool agent_run(struct agent *agent, const sigset_t *until, bool *ret_again, struct err *err);
void agent_close(struct agent *agent);
OWN_DEFINE(struct agent *, agent_close)
