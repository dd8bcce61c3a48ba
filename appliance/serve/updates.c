/* The appliance's updates: what the updater, which runs as root and apart from the daemon, has written about them,
 * what the sync agent fetches, and the administrator's word that one may be installed, which the updater reads from
 * the store. */
#include "base/clock.h"
#include "serve/agent.h"
#include "serve/body.h"
#include "serve/handlers.h"
#include "serve/spoken.h"
#include "store/settings.h"

#include <string.h>
#include <sys/stat.h>

enum { STATUS_BYTES_MAX = 256 << 10 };

/* The updater's status; NULL where there is none: this is no appliance. told_us: when it was written. */
static bool read_status(const struct serve *serve, json_t **ret_status, int64_t *ret_told_us, struct err *err)
{
	const char *path = serve->options.update_status;
	struct stat file;
	json_t *status = NULL, *waiting;
	*ret_status = NULL;
	if (!path[0] || stat(path, &file) != 0)
		return true;
	if (!json_load(path, STATUS_BYTES_MAX, &status, err) || !json_member(status, "waiting", JSON_ARRAY, &waiting, err)) {
		json_decref(status);
		return err_add(err, "what the updater wrote cannot be read");
	}
	*ret_status = status;
	*ret_told_us = (int64_t)file.st_mtim.tv_sec * 1000000;
	return true;
}

bool get_updates(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", "updates");
	OWN(json_decref) json_t *fetch = NULL, *status = NULL;
	char approved[SETTING_DIGEST_SIZE];
	int64_t told_us = 0;
	struct err unread = {0};
	if (!settings_update_approved(call->store, approved, err) ||
	    !agent_ask(call->serve->agent, question, &fetch, err))
		return false;
	read_status(call->serve, &status, &told_us, &unread);
	reply_spoken(call,
	    json_pack("{s:O?, s:o, s:s, s:s?, s:o, s:O?}", "updater", status, "told", json_utc(told_us), "problem",
	        unread.code == ERR_NONE ? "" : unread.detail, "approved", approved[0] ? approved : NULL, "agent",
	        agent_shape(call->serve->agent), "fetch", fetch));
	return true;
}

/* Borrowed; NULL: none of that digest waits. */
static const json_t *find_waiting(const json_t *status, const char *digest)
{
	size_t i;
	const json_t *bundle;
	json_array_foreach(json_object_get(status, "waiting"), i, bundle)
		if (strcmp(json_text(bundle, "digest", ""), digest) == 0)
			return bundle;
	return NULL;
}

static bool approve(struct call *call, const char *digest, struct err *err)
{
	OWN(json_decref) json_t *status = NULL;
	int64_t told_us;
	if (!read_status(call->serve, &status, &told_us, err))
		return false;
	const json_t *bundle = find_waiting(status, digest);
	if (!bundle)
		return err_set(err, ERR_NOT_FOUND, "this update does not wait here, or not any more");
	if (strcmp(json_text(bundle, "state", ""), "refused") == 0)
		return err_set(err, ERR_CONFLICT, "this update is refused: %.200s", json_text(bundle, "why", ""));
	return settings_set_update_approved(call->store, call->user.id, digest, err);
}

static bool take_back(struct call *call, const char *digest, struct err *err)
{
	char approved[SETTING_DIGEST_SIZE];
	if (!settings_update_approved(call->store, approved, err))
		return false;
	return strcmp(approved, digest) != 0 || settings_set_update_approved(call->store, call->user.id, NULL, err);
}

bool post_update(struct call *call, struct err *err)
{
	const char *digest = strrchr(request_path(call->request), '/') + 1;
	const json_t *approved = json_object_get(call->body, "approved");
	if (!body_only(call->body, "approved", err))
		return false;
	if (!json_is_boolean(approved))
		return err_set(err, ERR_BAD_INPUT, "\"approved\" is to be true or false");
	if (!(json_is_true(approved) ? approve(call, digest, err) : take_back(call, digest, err)))
		return false;
	reply_nothing(call->request, 204);
	return true;
}
