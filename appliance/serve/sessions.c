/* Signing in and out. The session is a random token in a cookie that scripts cannot read and other sites cannot
 * send; the store keeps its digest. A password check takes 64 MiB and a fifth of a second on purpose, so few run at a
 * time and the rest is turned away. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "serve/body.h"
#include "serve/handlers.h"
#include "store/audit.h"
#include "store/sessions.h"

#include <pthread.h>
#include <stdio.h>

enum { CHECKS_WAITING_MAX = 8 };

static pthread_mutex_t one_check = PTHREAD_MUTEX_INITIALIZER;
static atomic_int checks_waiting;

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

static bool may_try(struct call *call, struct err *err)
{
	int wait_s = throttle_wait_s(call->serve->throttle, request_address(call->request), clock_monotonic_us());
	if (!wait_s)
		return true;
	char text[16];
	snprintf(text, sizeof text, "%d", wait_s);
	reply_header(call->request, "Retry-After", text);
	return err_set(err, ERR_TOO_MANY, "too many wrong passwords: wait %d seconds, then try again", wait_s);
}

static bool check_password(struct call *call, const char *name, const char *password, struct user *ret_user,
    struct err *err)
{
	if (atomic_fetch_add(&checks_waiting, 1) >= CHECKS_WAITING_MAX) {
		atomic_fetch_sub(&checks_waiting, 1);
		return err_set(err, ERR_BUSY, "many people are signing in: try again in a moment");
	}
	pthread_mutex_lock(&one_check);
	bool right = users_check(call->store, name, password, ret_user, err);
	pthread_mutex_unlock(&one_check);
	atomic_fetch_sub(&checks_waiting, 1);
	return right;
}

bool post_session(struct call *call, struct err *err)
{
	char name[LIMIT_NAME], password[USER_PASSWORD_MAX + 1];
	const char *address = request_address(call->request);
	struct throttle *throttle = call->serve->throttle;
	if (!body_only(call->body, "name password", err) ||
	    !body_text(call->body, "name", true, name, sizeof name, err) ||
	    !body_text(call->body, "password", true, password, sizeof password, err) ||
	    !may_try(call, err))
		return false;
	struct user user;
	bool right = check_password(call, name, password, &user, err);
	crypto_wipe(password, sizeof password);
	if (!right && err->code == ERR_UNAUTHENTICATED) {
		throttle_failed(throttle, address, clock_monotonic_us());
		log_line(LOG_NOTICE, "sign-in refused from %s", address);
	}
	if (!right)
		return false;
	throttle_passed(throttle, address);
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
