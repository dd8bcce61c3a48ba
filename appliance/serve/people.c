/* Who may sign in, and as what: the administrators'. A password is made here and shown once: nobody has to
 * think one up for somebody else, and whoever gets it can choose another. */
#include "base/crypto.h"
#include "base/text.h"
#include "serve/body.h"
#include "serve/handlers.h"
#include "store/users.h"

#include <string.h>

static json_t *person_json(const struct user *user)
{
	return json_pack("{s:I, s:s, s:s, s:b}", "id", (json_int_t)user->id, "name", user->name, "role",
	    role_name(user->role), "disabled", user->disabled);
}

static bool add_person(const struct user *user, void *context)
{
	return json_array_append_new(context, person_json(user)) == 0;
}

bool get_people(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *people = json_array();
	if (!users_each(call->store, add_person, people, err))
		return false;
	reply_json(call->request, 200, json_pack("{s:O}", "people", people));
	return true;
}

static bool take_role(struct call *call, enum role *ret_role, struct err *err)
{
	char name[LIMIT_NAME];
	return body_text(call->body, "role", true, name, sizeof name, err) &&
	    (role_from_name(name, ret_role) ||
	        err_set(err, ERR_BAD_INPUT, "\"role\" is to be viewer, embryologist or admin"));
}

static void reply_password(struct call *call, int status, int64_t id, const char *password)
{
	reply_json(
	    call->request, status, json_pack("{s:I, s:s}", "id", (json_int_t)id, "password", password));
}

bool post_person(struct call *call, struct err *err)
{
	char name[LIMIT_NAME], password[USER_PASSWORD_MADE_SIZE];
	enum role role;
	int64_t id;
	if (!body_only(call->body, "name role", err) ||
	    !body_text(call->body, "name", true, name, sizeof name, err) || !take_role(call, &role, err))
		return false;
	users_make_password(password);
	bool ok = users_add(call->store, call->user.id, text_trim(name), password, role, &id, err);
	if (ok)
		reply_password(call, 201, id, password);
	crypto_wipe(password, sizeof password);
	return ok;
}

bool put_person(struct call *call, struct err *err)
{
	enum role role;
	const json_t *disabled = json_object_get(call->body, "disabled");
	if (!body_only(call->body, "role disabled", err) || !take_role(call, &role, err))
		return false;
	if (!json_is_boolean(disabled))
		return err_set(err, ERR_BAD_INPUT, "\"disabled\" is to be true or false");
	if (!users_set_role(call->store, call->user.id, call->numbers[0], role, json_is_true(disabled), err))
		return false;
	reply_nothing(call->request, 204);
	return true;
}

bool post_person_password(struct call *call, struct err *err)
{
	char password[USER_PASSWORD_MADE_SIZE];
	if (call->numbers[0] == call->user.id)
		return err_set(err, ERR_CONFLICT, "change your own password where the old one is asked for");
	users_make_password(password);
	bool ok = users_set_password(call->store, call->user.id, call->numbers[0], password, err);
	if (ok)
		reply_password(call, 200, call->numbers[0], password);
	crypto_wipe(password, sizeof password);
	return ok;
}
