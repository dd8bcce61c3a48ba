#include "serve/guards.h"

#include "base/text.h"
#include "serve/fields.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/embryos.h"

#include <string.h>

bool guards_user(const struct call *call, struct err *err)
{
	const char *header = request_header(call->request, "X-Daybreak-User");
	char name[LIMIT_NAME];
	if (!header || (fields_decode(header, name, sizeof name) && strcmp(name, call->user.name) == 0))
		return true;
	return err_set(err, ERR_MIX_UP, "%s is signed in by now: nothing was done", call->user.name);
}

/* NULL where the page says nothing. */
static const char *said_patient(struct call *call)
{
	return request_header(call->request, "X-Daybreak-Patient");
}

bool guards_dish(struct call *call, int64_t dish_id, struct err *err)
{
	const char *said = said_patient(call);
	struct dish dish;
	struct cycle cycle = {0};
	int64_t patient_id;
	if (!said)
		return true;
	if (!fields_is_digits(said) || !text_to_i64(said, &patient_id))
		return err_set(err, ERR_BAD_INPUT, "X-Daybreak-Patient is to be the number of a patient, or 0");
	if (!dishes_get(call->store, dish_id, &dish, err) ||
	    (dish.cycle_id && !cycles_get(call->store, dish.cycle_id, &cycle, err)))
		return false;
	if (cycle.patient_id == patient_id)
		return true;
	return err_set(err, ERR_MIX_UP, "slide %s belongs to %s by now: nothing was done", dish.slide,
	    cycle.patient_id ? "another patient" : "nobody");
}

bool guards_embryo(struct call *call, int64_t embryo_id, struct err *err)
{
	struct embryo embryo;
	if (!said_patient(call))
		return true;
	return embryos_get(call->store, embryo_id, &embryo, err) && guards_dish(call, embryo.dish_id, err);
}
