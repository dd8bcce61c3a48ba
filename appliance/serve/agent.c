#include "serve/agent.h"

#include "base/clock.h"
#include "base/text.h"
#include "serve/shapes.h"
#include "wire/slot.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* The agent answers from its books at once; a person who waits longer than this is better told that it does not. */
enum { AGENT_PATIENCE_MS = 8000 };

static const struct {
	const char *name, *reason, *next;
} states[AGENT_STATES] = {
    [AGENT_OFF] = {"off", "No cloud is configured: everything is read at home and nothing leaves the house.",
        "Nothing to do. To allow a burst, write cloud.json and name it in daybreakd.conf."},
    [AGENT_UNKNOWN] = {"unknown", "The agent has not been asked yet.", "Wait a moment."},
    [AGENT_ANSWERS] = {"answers", "", ""},
    [AGENT_DOWN] = {"down", "",
        "Start it: systemctl start daybreak-sync. Why it ended: journalctl -u daybreak-sync. Until then all is read at home."},
    [AGENT_FAILING] = {"failing", "",
        "Look at its log: journalctl -u daybreak-sync. Until then all is read at home."},
};

struct agent {
	char socket_path[LIMIT_PATH]; /* nobody writes it */
	pthread_mutex_t lock;         /* over all below */
	enum agent_state state;
	int64_t since_us;
	char reason[ERR_DETAIL_MAX];
};

struct agent *agent_new(const char *socket_path)
{
	struct agent *agent = calloc(1, sizeof *agent);
	if (!agent)
		return NULL;
	text_copy(agent->socket_path, sizeof agent->socket_path, socket_path ? socket_path : "");
	pthread_mutex_init(&agent->lock, NULL);
	agent->state = agent->socket_path[0] ? AGENT_UNKNOWN : AGENT_OFF;
	agent->since_us = clock_now_us();
	return agent;
}

void agent_free(struct agent *agent)
{
	if (!agent)
		return;
	pthread_mutex_destroy(&agent->lock);
	free(agent);
}

static void enter(struct agent *agent, enum agent_state state, const char *reason)
{
	pthread_mutex_lock(&agent->lock);
	if (agent->state != state)
		agent->since_us = clock_now_us();
	agent->state = state;
	text_copy(agent->reason, sizeof agent->reason, reason);
	pthread_mutex_unlock(&agent->lock);
}

bool agent_is_off(const struct agent *agent)
{
	return !agent->socket_path[0];
}

bool agent_ask(struct agent *agent, const json_t *question, json_t **ret_answer, struct err *err)
{
	struct err own;
	*ret_answer = NULL;
	if (agent_is_off(agent))
		return true;
	if (slot_ask(agent->socket_path, question, AGENT_PATIENCE_MS, ret_answer, &own)) {
		enter(agent, AGENT_ANSWERS, "");
		return true;
	}
	*ret_answer = NULL;
	if (own.code == ERR_BAD_INPUT || own.code == ERR_NOT_FOUND) {
		enter(agent, AGENT_ANSWERS, "");
		return err_set(err, own.code, "%s", own.detail);
	}
	enter(agent, own.code == ERR_UNAVAILABLE || own.code == ERR_IO ? AGENT_DOWN : AGENT_FAILING, own.detail);
	return true;
}

json_t *agent_shape(struct agent *agent)
{
	pthread_mutex_lock(&agent->lock);
	json_t *shape = json_pack("{s:s, s:s, s:o, s:s}", "state", states[agent->state].name, "reason",
	    agent->reason[0] ? agent->reason : states[agent->state].reason, "since", json_utc(agent->since_us),
	    "next", states[agent->state].next);
	pthread_mutex_unlock(&agent->lock);
	return shape;
}
