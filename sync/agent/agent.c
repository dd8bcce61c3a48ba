#include "agent/agent_inside.h"
#include "agent/enrol.h"
#include "agent/updates.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/text.h"

#include <string.h>
#include <sys/signalfd.h>

enum {
	TURN_MS = 1000, /* certificate, uplink's schedule and midnight are looked at so often */
	PULSE_TURNS = 10, /* the watchdog hears of every tenth */
	OTHER_CLOUD_PATIENCE_US = 30 * 1000000, /* for what is on its way when cloud.json has changed */
	PRUNE_S = 3600,
	WAITS_MAX = DOOR_CALLERS_MAX + 2,
};

double agent_chance(void)
{
	uint32_t number;
	crypto_random(&number, sizeof number);
	return number / 4294967296.0;
}

void agent_event(
    struct agent *agent, const char *id, const char *severity, const char *text, const char *next)
{
	struct err err;
	bool alarm = strcmp(severity, "info") != 0;
	log_line(alarm ? LOG_ERROR : LOG_NOTICE, "%s: %s", id, text);
	if (!ledger_event(agent->ledger, id, severity, text, next, &err))
		log_line(LOG_ERROR, "%s", err.detail);
}

/* The certificate */

void agent_certificate_refused(struct agent *agent, const char *reason)
{
	if (strcmp(agent->certificate_refused, reason) == 0)
		return;
	text_copy(agent->certificate_refused, sizeof agent->certificate_refused, reason);
	agent->certificate_refused_us = clock_now_us();
	if (!*reason)
		return;
	char text[128];
	snprintf(text, sizeof text, "a gateway refuses this box's certificate: %.40s", reason);
	agent_event(
	    agent, "sync.certificate-refused", "alarm", text, "ask the authority, then daybreak-sync enrol");
}

/* Enrolment and rotation put another file there: the connections that are open end with the old one, new ones
 * show the new one. One that cannot be used is tried again, as its key may come after it. */
static void look_at_certificate(struct agent *agent)
{
	char path[LIMIT_PATH], before[REASON_MAX];
	struct err err;
	int64_t stamp =
	    path_join(path, sizeof path, agent->settings.folder, "certificate.pem") ? file_stamp(path) : 0;
	if (stamp == agent->certificate_stamp && (agent->certified || stamp == 0))
		return;
	text_copy(before, sizeof before, agent->certificate_problem);
	agent->certificate_stamp = stamp;
	agent->certified = stamp != 0 && enrol_identity(agent->link, agent->settings.folder, agent->cloud->site, &err);
	text_copy(agent->certificate_problem, sizeof agent->certificate_problem,
	    agent->certified ? "" : stamp == 0 ? "this box has no certificate yet" : err.detail);
	if (agent->certified) {
		agent->certificate_refused[0] = 0;
		agent_event(
		    agent, "sync.certificate-taken", "info", "this box's certificate was taken over", "");
		endpoints_again(agent, clock_monotonic_us());
	} else if (stamp != 0 && strcmp(before, agent->certificate_problem) != 0) {
		agent_event(agent, "sync.certificate-broken", "alarm", agent->certificate_problem,
		    "daybreak-sync enrol");
	}
}

/* What the door hears */

static void hear(void *context, struct caller *caller, struct slot_message *message)
{
	struct agent *agent = context;
	if (message->kind == SLOT_SEND) {
		errands_take(agent, caller, message);
		return;
	}
	OWN(json_decref) json_t *answer = NULL;
	if (message->kind == SLOT_ASK)
		answer = agent_answer(agent, message->text);
	if (!answer)
		answer = json_pack("{s:{s:s, s:s}}", "error", "code", "bad-input", "sentence",
		    "only SEND and ASK are answered");
	door_answer(caller, SLOT_TELL, answer, NULL, 0);
}

static void forget(void *context, struct caller *caller)
{
	errands_forget(context, caller);
}

/* Opening and closing */

/* A lost batch is booked at what a batch is thought to cost at most. */
static void price_lost(void *context, struct ledger_invocation *lost)
{
	const struct endpoint *endpoint = endpoints_find(context, lost->endpoint);
	if (!endpoint)
		return;
	lost->billed_ms = (int64_t)endpoint->dear_ms;
	lost->cost_nano = cloud_cost_nano(endpoint->cloud, lost->billed_ms);
}

static bool recover(struct agent *agent, struct err *err)
{
	int64_t count = 0;
	if (!ledger_recover(agent->ledger, price_lost, agent, &count, err))
		return false;
	if (count > 0) {
		char text[128];
		snprintf(text, sizeof text, "%lld requests were on their way when the agent last ended",
		    (long long)count);
		agent_event(agent, "sync.recovered", "warning", text,
		    "nothing: the box asks again for what it misses");
	}
	return true;
}

static bool open_parts(struct agent *agent, struct err *err)
{
	char path[LIMIT_PATH];
	const struct settings *settings = &agent->settings;
	const struct door_hooks hooks = {.message = hear, .gone = forget, .context = agent};
	if (!path_join(path, sizeof path, settings->folder, "ledger.db"))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", settings->folder);
	agent->cloud_stamp = file_stamp(settings->cloud);
	/* The door first: two agents on one folder would book each other's batches as lost. */
	if (!cloud_load(settings->cloud, &agent->cloud, err) || !folder_make(settings->folder, err) ||
	    !door_open(settings->socket, &hooks, &agent->door, err) ||
	    !ledger_open(path, &agent->ledger, err) || !link_open(agent->ledger, &agent->link, err))
		return false;
	endpoints_open(agent);
	if (!recover(agent, err) ||
	    !budget_open(&agent->budget, agent->cloud, agent->ledger, agent->since_us, err))
		return false;
	agent_event(agent, "sync.started", "info", "the sync agent " DAYBREAK_VERSION " has started", "");
	if (!enrol_start(agent->cloud, settings->folder, &agent->enrol, err) ||
	    !updates_start(agent->cloud, settings->folder, &agent->updates, err))
		return false;
	look_at_certificate(agent);
	return true;
}

bool agent_open(const struct settings *settings, struct agent **ret_agent, struct err *err)
{
	OWN(agent_close) struct agent *agent = calloc(1, sizeof *agent);
	if (!agent)
		return err_set(err, ERR_NO_MEMORY, "starting the agent");
	agent->settings = *settings;
	agent->since_us = clock_now_us();
	agent->certificate_stamp = -1; /* not looked at yet */
	if (!open_parts(agent, err))
		return false;
	*ret_agent = TAKE(agent);
	return true;
}

void agent_close(struct agent *agent)
{
	if (!agent)
		return;
	enrol_stop(agent->enrol);
	updates_stop(agent->updates);
	if (agent->link) {
		errands_stop(agent);
		endpoints_stop(agent);
	}
	if (agent->door)
		door_close(agent->door);
	link_close(agent->link);
	ledger_close(agent->ledger);
	cloud_free(agent->cloud);
	free(agent);
}

/* The loop */

static bool turn(struct agent *agent, struct pollfd *waits, size_t *ret_count, int wait_ms, struct err *err)
{
	size_t count = 1 + door_waits(agent->door, waits + 1);
	*ret_count = count;
	return link_turn(agent->link, waits, count, wait_ms, err);
}

static int lesser(int a, int b)
{
	return a < b ? a : b;
}

/* Another cloud.json: whoever runs the agent opens it anew when what is on its way has come, or has had time enough. */
static void look_at_cloud(struct agent *agent)
{
	struct err err;
	enum cloud_news news = cloud_look(agent->settings.cloud, &agent->cloud_stamp, &err);
	if (news == CLOUD_SAME)
		return;
	agent->other_cloud_us = news == CLOUD_OTHER ? clock_monotonic_us() : 0;
	if (news == CLOUD_BROKEN)
		agent_event(agent, "sync.cloud-broken", "alarm", err.detail, "daybreak-sync check");
}

static bool is_over(const struct agent *agent)
{
	return agent->other_cloud_us &&
	    (!agent->first || clock_monotonic_us() - agent->other_cloud_us > OTHER_CLOUD_PATIENCE_US);
}

/* What is older than the ledger keeps goes, a little once an hour. */
static void prune(struct agent *agent)
{
	struct err err;
	int64_t removed, now_us = clock_monotonic_us();
	if (agent->pruned_us && now_us - agent->pruned_us < PRUNE_S * INT64_C(1000000))
		return;
	agent->pruned_us = now_us;
	if (!ledger_prune(agent->ledger, clock_now_us(), &removed, &err))
		log_line(LOG_ERROR, "%s", err.detail);
	else if (removed > 0)
		log_line(LOG_NOTICE, "%lld old rows were removed from the ledger", (long long)removed);
}

/* What time alone brings. */
static void look_around(struct agent *agent)
{
	struct err err;
	look_at_certificate(agent);
	look_at_cloud(agent);
	link_uplink(agent->link, cloud_uplink(agent->cloud, clock_now_us()));
	if (!budget_look(&agent->budget, clock_now_us(), &err))
		log_line(LOG_ERROR, "%s", err.detail);
	prune(agent);
}

/* The loop turns, as this is called; the ledger answers a question of it. */
static void pulse(struct agent *agent)
{
	struct err err;
	int64_t nano;
	if (ledger_spent(agent->ledger, clock_now_us(), &nano, &err))
		notify_say("WATCHDOG=1");
	else
		log_line(LOG_ALARM, "the ledger does not answer: %s", err.detail);
}

bool agent_run(struct agent *agent, const sigset_t *until, bool *ret_again, struct err *err)
{
	struct pollfd waits[WAITS_MAX];
	OWN(fd_close) int signals = signalfd(-1, until, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signals < 0)
		return err_errno(err, "waiting for signals");
	int64_t looked_us = INT64_MIN / 2;
	notify_say("READY=1");
	for (int turns = 0;;) {
		int64_t now_us = clock_monotonic_us();
		if (now_us - looked_us >= TURN_MS * 1000) {
			look_around(agent);
			looked_us = now_us;
			if (turns++ % PULSE_TURNS == 0)
				pulse(agent);
		}
		int wait_ms = lesser(endpoints_look(agent, now_us), errands_look(agent, now_us));
		size_t count;
		waits[0] = (struct pollfd){.fd = signals, .events = POLLIN};
		if (!turn(agent, waits, &count, lesser(wait_ms, TURN_MS), err))
			return false;
		if (waits[0].revents & POLLIN)
			break;
		door_serve(agent->door, waits + 1, count - 1);
		if (is_over(agent)) {
			agent_event(agent, "sync.cloud-changed", "info", "cloud.json has changed and is read again", "");
			*ret_again = true;
			return true;
		}
	}
	*ret_again = false;
	notify_say("STOPPING=1");
	agent_event(agent, "sync.stopped", "info", "the sync agent was asked to stop", "");
	return true;
}
