/* Signing in and out. The session is a random token in a cookie that scripts cannot read and other sites cannot
 * send; the store keeps its digest. */
#include "base/crypto.h"
#include "serve/body.h"
#include "serve/handlers.h"
#include "serve/passwords.h"
#include "store/audit.h"
#include "store/sessions.h"

#include <stdio.h>

static void reply_user(struct call *call, const struct user *user)
{
	reply_json(call->request, 200,
	    json_pack("{s:{s:s, s:s}}", "user", "name", user->name, "role", role_name(user->role)));
}

bool get_session(struct call *call, struct err *err)
{
	(void)err;
	reply_user(call, &call->user);
	return true;
}

static void set_cookie(struct request *request, const char *token, int seconds)
{
	char cookie[256];
	snprintf(cookie, sizeof cookie, "daybreak_session=%s; Path=/; Max-Age=%d; HttpOnly; Secure; SameSite=Strict",
	    token, seconds);
	reply_header(request, "Set-Cookie", cookie);
	crypto_wipe(cookie, sizeof cookie);
}

bool post_session(struct call *call, struct err *err)
{
	char name[LIMIT_NAME], password[USER_PASSWORD_MAX + 1];
	const char *address = request_address(call->request);
	if (!body_only(call->body, "name password", err) ||
	    !body_text(call->body, "name", true, name, sizeof name, err) ||
	    !body_text(call->body, "password", true, password, sizeof password, err))
		return false;
	struct user user;
	bool right = passwords_check(call, name, password, &user, err);
	crypto_wipe(password, sizeof password);
	if (!right)
		return false;
	char token[SESSION_TOKEN_SIZE];
	if (!sessions_open(call->store, user.id, token, err) ||
	    !audit_add(call->store, user.id, "session.open", user.id, address, err))
		return false;
	set_cookie(call->request, token, SESSION_LIFE_S);
	crypto_wipe(token, sizeof token);
	reply_user(call, &user);
	return true;
}

bool delete_session(struct call *call, struct err *err)
{
	if (!sessions_close(call->store, call->token, err) ||
	    !audit_add(call->store, call->user.id, "session.close", call->user.id, "", err))
		return false;
	set_cookie(call->request, "", 0);
	reply_nothing(call->request, 204);
	return true;
}
