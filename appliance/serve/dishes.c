/* What a person says about a dish. The store writes the audit rows. */
#include "serve/body.h"
#include "serve/guards.h"
#include "serve/handlers.h"
#include "serve/whole.h"
#include "store/dishes.h"

/* Clocks of exports count from 1970 or from their own start; both stay far below. */
#define CLOCK_S_MAX (INT64_C(1) << 40)
#define FIRST_PICTURE_S_MAX (48 * 3600)

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

/* A lab knows how old its embryos were at the first picture, not what the clock of an export said. */
static bool clock_of_first_picture(struct call *call, int64_t *ret_clock_s, struct err *err)
{
	int64_t age_s, first_s;
	if (!body_int(call->body, "first_picture_s", 0, FIRST_PICTURE_S_MAX, &age_s, err) ||
	    !dishes_first_clock(call->store, call->numbers[0], &first_s, err))
		return false;
	if (first_s == TIME_UNKNOWN)
		return err_set(err, ERR_CONFLICT,
		    "no picture of this slide has a time: its hours cannot be counted");
	*ret_clock_s = first_s - age_s;
	return true;
}

static bool insemination_clock(struct call *call, int64_t *ret_clock_s, struct err *err)
{
	const json_t *clock = json_object_get(call->body, "clock_s");
	bool by_picture = json_object_get(call->body, "first_picture_s");
	if (by_picture && clock)
		return err_set(err, ERR_BAD_INPUT, "either \"clock_s\" or \"first_picture_s\", not both");
	if (by_picture)
		return clock_of_first_picture(call, ret_clock_s, err);
	if (!json_is_null(clock))
		return body_int(call->body, "clock_s", -CLOCK_S_MAX, CLOCK_S_MAX, ret_clock_s, err);
	*ret_clock_s = TIME_UNKNOWN;
	return true;
}

static bool set_insemination(struct call *call, void *word, struct err *err)
{
	(void)word;
	int64_t clock_s;
	return guards_dish(call, call->numbers[0], err) && insemination_clock(call, &clock_s, err) &&
	    dishes_set_insemination(call->store, call->numbers[0], clock_s, call->user.id, err);
}

bool put_insemination(struct call *call, struct err *err)
{
	return body_only(call->body, "clock_s first_picture_s", err) &&
	    whole_answer(call, set_insemination, NULL, err);
}
