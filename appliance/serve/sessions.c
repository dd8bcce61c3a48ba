/* Signing in and out. The session is a random token in a cookie that scripts cannot read and other sites cannot
 * send; the store keeps its digest. */
#include "base/crypto.h"
#include "serve/body.h"
#include "serve/handlers.h"
#include "serve/passwords.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/sessions.h"

#include <stdio.h>

/* With the change number the box stands at: who asks for pages from now on misses nothing by following the changes
 * after it. */
static bool reply_user(struct call *call, const struct user *user, struct err *err)
{
	int64_t seq;
	if (!changes_last(call->store, &seq, err))
		return false;
	reply_json(call->request, 200,
	    json_pack("{s:I, s:{s:s, s:s}}", "seq", (json_int_t)seq, "user", "name", user->name, "role",
	        role_name(user->role)));
	return true;
}

bool get_session(struct call *call, struct err *err)
{
	return reply_user(call, &call->user, err);
}

static void set_cookie(struct request *request, const char *token, int seconds)
{
	char cookie[256];
	snprintf(cookie, sizeof cookie, "daybreak_session=%s; Path=/; Max-Age=%d; HttpOnly; Secure; SameSite=Strict",
	    token, seconds);
	reply_header(request, "Set-Cookie", cookie);
	crypto_wipe(cookie, sizeof cookie);
}

static bool open_session(struct call *call, int64_t user_id, struct err *err)
{
	char token[SESSION_TOKEN_SIZE];
	if (!sessions_open(call->store, user_id, token, err) ||
	    !audit_add(call->store, user_id, "session.open", user_id, request_address(call->request), err))
		return false;
	set_cookie(call->request, token, SESSION_LIFE_S);
	crypto_wipe(token, sizeof token);
	return true;
}

bool post_session(struct call *call, struct err *err)
{
	char name[LIMIT_NAME], password[USER_PASSWORD_MAX + 1];
	if (!body_only(call->body, "name password", err) ||
	    !body_text(call->body, "name", true, name, sizeof name, err) ||
	    !body_text(call->body, "password", true, password, sizeof password, err))
		return false;
	struct user user;
	bool right = passwords_check(call, name, password, &user, err);
	crypto_wipe(password, sizeof password);
	if (!right)
		return false;
	return open_session(call, user.id, err) && reply_user(call, &user, err);
}

/* The old one is asked for, so that who finds a screen open cannot keep the account. Everywhere else the user is signed
 * out. */
bool put_own_password(struct call *call, struct err *err)
{
	char old[USER_PASSWORD_MAX + 1], new[USER_PASSWORD_MAX + 1];
	struct user user;
	bool ok = body_only(call->body, "old new", err) && body_text(call->body, "old", true, old, sizeof old, err) &&
	    body_text(call->body, "new", true, new, sizeof new, err);
	if (ok && !passwords_check(call, call->user.name, old, &user, err)) {
		ok = false;
		if (err->code == ERR_UNAUTHENTICATED)
			err_set(err, ERR_FORBIDDEN, "the old password is wrong");
	}
	ok = ok && users_set_password(call->store, call->user.id, call->user.id, new, err) &&
	    open_session(call, call->user.id, err);
	crypto_wipe(old, sizeof old);
	crypto_wipe(new, sizeof new);
	if (ok)
		reply_nothing(call->request, 204);
	return ok;
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
