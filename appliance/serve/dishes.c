/* What a person says about a dish. The store writes the audit rows. */
#include "serve/body.h"
#include "serve/guards.h"
#include "serve/handlers.h"
#include "store/dishes.h"

/* Clocks of exports count from 1970 or from their own start; both stay far below. */
#define CLOCK_S_MAX (INT64_C(1) << 40)

/* In one transaction with the check of whose it is. */
static bool answer(struct call *call, call_handler *change, struct err *err)
{
	if (!store_begin(call->store, err))
		return false;
	if (!guards_dish(call, call->numbers[0], err) || !change(call, err)) {
		store_rollback(call->store);
		return false;
	}
	if (!store_commit(call->store, err))
		return false;
	reply_nothing(call->request, 204);
	return true;
}

static bool assign(struct call *call, struct err *err)
{
	int64_t cycle_id;
	return body_int(call->body, "cycle", 1, INT64_MAX, &cycle_id, err) &&
	    dishes_assign(call->store, call->numbers[0], cycle_id, call->user.id, err);
}

bool post_assign(struct call *call, struct err *err)
{
	return body_only(call->body, "cycle", err) && answer(call, assign, err);
}

static bool release(struct call *call, struct err *err)
{
	return dishes_release(call->store, call->numbers[0], call->user.id, err);
}

bool delete_assign(struct call *call, struct err *err)
{
	return answer(call, release, err);
}

static bool set_insemination(struct call *call, struct err *err)
{
	int64_t clock_s = TIME_UNKNOWN;
	return (json_is_null(json_object_get(call->body, "clock_s")) ||
	           body_int(call->body, "clock_s", -CLOCK_S_MAX, CLOCK_S_MAX, &clock_s, err)) &&
	    dishes_set_insemination(call->store, call->numbers[0], clock_s, call->user.id, err);
}

bool put_insemination(struct call *call, struct err *err)
{
	return body_only(call->body, "clock_s", err) && answer(call, set_insemination, err);
}
