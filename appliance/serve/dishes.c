/* What a person says about a dish. The store writes the audit rows. */
#include "serve/body.h"
#include "serve/handlers.h"
#include "store/dishes.h"

/* Clocks of exports count from 1970 or from their own start; both stay far below. */
#define CLOCK_S_MAX (INT64_C(1) << 40)

bool post_assign(struct call *call, struct err *err)
{
	int64_t cycle_id;
	if (!body_only(call->body, "cycle", err) || !body_int(call->body, "cycle", 1, INT64_MAX, &cycle_id, err) ||
	    !dishes_assign(call->store, call->numbers[0], cycle_id, call->user.id, err))
		return false;
	reply_nothing(call->request, 204);
	return true;
}

bool delete_assign(struct call *call, struct err *err)
{
	if (!dishes_release(call->store, call->numbers[0], call->user.id, err))
		return false;
	reply_nothing(call->request, 204);
	return true;
}

bool put_insemination(struct call *call, struct err *err)
{
	int64_t clock_s = TIME_UNKNOWN;
	const json_t *member = json_object_get(call->body, "clock_s");
	if (!body_only(call->body, "clock_s", err) ||
	    (!json_is_null(member) &&
	        !body_int(call->body, "clock_s", -CLOCK_S_MAX, CLOCK_S_MAX, &clock_s, err)) ||
	    !dishes_set_insemination(call->store, call->numbers[0], clock_s, call->user.id, err))
		return false;
	reply_nothing(call->request, 204);
	return true;
}
