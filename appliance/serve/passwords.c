#include "serve/passwords.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdio.h>

enum { CHECKS_WAITING_MAX = 8 };

static pthread_mutex_t one_check = PTHREAD_MUTEX_INITIALIZER;
static atomic_int checks_waiting;

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

static bool check_in_turn(struct call *call, const char *name, const char *password, struct user *ret_user,
    struct err *err)
{
	if (atomic_fetch_add(&checks_waiting, 1) >= CHECKS_WAITING_MAX) {
		atomic_fetch_sub(&checks_waiting, 1);
		return err_set(err, ERR_BUSY, "many passwords are being checked: try again in a moment");
	}
	pthread_mutex_lock(&one_check);
	bool right = users_check(call->store, name, password, ret_user, err);
	pthread_mutex_unlock(&one_check);
	atomic_fetch_sub(&checks_waiting, 1);
	return right;
}

bool passwords_check(struct call *call, const char *name, const char *password, struct user *ret_user,
    struct err *err)
{
	const char *address = request_address(call->request);
	struct throttle *throttle = call->serve->throttle;
	if (!may_try(call, err))
		return false;
	if (check_in_turn(call, name, password, ret_user, err)) {
		throttle_passed(throttle, address);
		return true;
	}
	if (err->code == ERR_UNAUTHENTICATED) {
		throttle_failed(throttle, address, clock_monotonic_us());
		log_line(LOG_NOTICE, "wrong password from %s", address);
	}
	return false;
}
