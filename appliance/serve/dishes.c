/* What a person says about a dish. The store writes the audit rows. */
#include "serve/body.h"
#include "serve/guards.h"
#include "serve/handlers.h"
#include "serve/whole.h"
#include "store/dishes.h"

/* Clocks of exports count from 1970 or from their own start; both stay far below. */
#define CLOCK_S_MAX (INT64_C(1) << 40)

static bool assign(struct call *call, void *word, struct err *err)
{
	(void)word;
	int64_t cycle_id;
	return guards_dish(call, call->numbers[0], err) &&
	    body_int(call->body, "cycle", 1, INT64_MAX, &cycle_id, err) &&
	    dishes_assign(call->store, call->numbers[0], cycle_id, call->user.id, err);
}

bool post_assign(struct call *call, struct err *err)
{
	return body_only(call->body, "cycle", err) && whole_answer(call, assign, NULL, err);
}

static bool release(struct call *call, void *word, struct err *err)
{
	(void)word;
	return guards_dish(call, call->numbers[0], err) &&
	    dishes_release(call->store, call->numbers[0], call->user.id, err);
}

bool delete_assign(struct call *call, struct err *err)
{
	return whole_answer(call, release, NULL, err);
}

static bool set_insemination(struct call *call, void *word, struct err *err)
{
	(void)word;
	int64_t clock_s = TIME_UNKNOWN;
	return guards_dish(call, call->numbers[0], err) &&
	    (json_is_null(json_object_get(call->body, "clock_s")) ||
	           body_int(call->body, "clock_s", -CLOCK_S_MAX, CLOCK_S_MAX, &clock_s, err)) &&
	    dishes_set_insemination(call->store, call->numbers[0], clock_s, call->user.id, err);
}

bool put_insemination(struct call *call, struct err *err)
{
	return body_only(call->body, "clock_s", err) && whole_answer(call, set_insemination, NULL, err);
}
