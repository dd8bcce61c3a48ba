/* What people see in an embryo, and what became of it. */
#include "serve/body.h"
#include "serve/cover.h"
#include "serve/handlers.h"
#include "serve/once.h"
#include "store/observations.h"

static bool read_kind(const json_t *body, enum observation_kind *ret_kind, struct err *err)
{
	char name[64];
	if (!body_text(body, "kind", true, name, sizeof name, err))
		return false;
	return observation_from_name(name, ret_kind) ||
	    err_set(err, ERR_BAD_INPUT, "there is no observation of the kind \"%s\"", name);
}

/* Whether an outcome is taken tells of the decision. */
static bool may_say(struct call *call, const struct observation *observation, struct err *err)
{
	return observation_group(observation->kind) == ASSESSMENT ||
	    cover_embryo_free(call->store, call->user.id, call->numbers[0], err);
}

static bool add(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)ret_id;
	return may_say(call, word, err) &&
	    observations_add(call->store, call->numbers[0], call->user.id, word, err);
}

static bool withdraw(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)ret_id;
	const struct observation *observation = word;
	return may_say(call, observation, err) &&
	    observations_withdraw(call->store, call->numbers[0], call->user.id, observation->kind, err);
}

bool post_observation(struct call *call, struct err *err)
{
	const json_t *body = call->body;
	struct observation observation = {.run = -1};
	if (!body_only(body, "kind value run day withdrawn", err) || !read_kind(body, &observation.kind, err))
		return false;
	if (json_bool(body, "withdrawn", false))
		return body_only(body, "kind withdrawn", err) && once_answer(call, withdraw, &observation, err);
	if (!body_text(body, "value", true, observation.value, sizeof observation.value, err) ||
	    !body_text(body, "day", false, observation.day, sizeof observation.day, err) ||
	    !body_run(body, &observation.run, err))
		return false;
	return once_answer(call, add, &observation, err);
}
