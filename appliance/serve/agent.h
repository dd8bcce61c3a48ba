/* What the console asks of the sync agent, over the Unix socket of wire/slot.h. An agent that does not answer is a state
 * of the box with a reason, a time and a next step, not an error: the lab works on without it. */
#pragma once

#include "base/json.h"

enum agent_state {
	AGENT_OFF,     /* no socket is configured: nothing ever leaves the house */
	AGENT_UNKNOWN, /* nobody has asked yet */
	AGENT_ANSWERS,
	AGENT_DOWN,    /* nobody listens, or no answer came in time */
	AGENT_FAILING, /* it answers, with an error of its own */
	AGENT_STATES
};

struct agent; /* any thread */

/* socket_path: "" or NULL for none. NULL without memory. */
struct agent *agent_new(const char *socket_path);
void agent_free(struct agent *agent);
OWN_DEFINE(struct agent *, agent_free)

/* No socket is configured. */
bool agent_is_off(const struct agent *agent);
/* *ret_answer: the agent's words, new reference, or NULL where there are none, which agent_shape() explains. False only
 * where the question itself was wrong (ERR_BAD_INPUT, ERR_NOT_FOUND). */
bool agent_ask(struct agent *agent, const json_t *question, json_t **ret_answer, struct err *err);
/* {"state","reason","since","next"} as of the last question; a new reference. */
json_t *agent_shape(struct agent *agent);
