/* Quality of the laboratory (quality/quality.h): indicators and who is in them, agreement, reference curves. */
#include "quality/quality.h"

#include "base/clock.h"
#include "serve/handlers.h"
#include "serve/shapes.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/patients.h"

#include <string.h>

static bool asked_period(struct call *call, struct period *ret_period, struct err *err)
{
	return period_parse(request_query(call->request, "from"), request_query(call->request, "to"), clock_now_us(),
	    ret_period, err);
}

bool get_quality(struct call *call, struct err *err)
{
	const char *language = request_query(call->request, "language");
	enum tongue tongue = TONGUE_EN;
	struct period period;
	json_t *quality;
	if (language && !tongue_from_name(language, &tongue))
		return err_set(err, ERR_BAD_INPUT, "\"language\" is en or fr");
	if (!asked_period(call, &period, err) || !quality_json(call->store, &period, call->user.id, tongue, &quality, err))
		return false;
	reply_json(call->request, 200, quality);
	return true;
}

struct naming {
	struct call *call;
	json_t *members;
	/* Of the dish last met: embryos come dish by dish. */
	int64_t dish_id;
	struct dish dish;
	json_t *name; /* of the patient, or null */
	struct err *err;
	bool failed;
};

static bool name_dish(struct naming *naming, int64_t dish_id, struct err *err)
{
	struct cycle cycle;
	struct patient patient = {0};
	if (naming->dish_id == dish_id)
		return true;
	if (!dishes_get(naming->call->store, dish_id, &naming->dish, err) ||
	    (naming->dish.cycle_id && (!cycles_get(naming->call->store, naming->dish.cycle_id, &cycle, err) ||
	                                  !patients_get(naming->call->store, cycle.patient_id, &patient, err))))
		return false;
	json_decref(naming->name);
	naming->name = naming->dish.cycle_id ? json_string(patient.name) : json_null();
	naming->dish_id = dish_id;
	return true;
}

static bool add_member(const struct subject *subject, enum verdict verdict, enum left_out why, void *context)
{
	struct naming *naming = context;
	bool left_out = verdict == VERDICT_LEFT_OUT;
	char month[PERIOD_TEXT_SIZE];
	naming->failed = !name_dish(naming, subject->dish_id, naming->err);
	if (naming->failed)
		return false;
	period_format(month, subject->month);
	json_array_append_new(naming->members,
	    json_pack("{s:I, s:i, s:s, s:s, s:O, s:o, s:s?}", "embryo", (json_int_t)subject->embryo_id, "well", subject->well,
		"slide", naming->dish.slide, "month", month, "patient", naming->name, "counted",
		left_out ? json_null() : json_boolean(verdict == VERDICT_COUNTED), "left_out",
		left_out ? left_out_name(why) : NULL));
	return true;
}

bool get_quality_members(struct call *call, struct err *err)
{
	const char *id = strrchr(request_path(call->request), '/') + 1;
	const struct indicator *indicator = indicators_find(id);
	struct naming naming = {.call = call, .err = err};
	struct period period;
	if (!indicator)
		return err_set(err, ERR_NOT_FOUND, "there is no indicator %s", id);
	if (!asked_period(call, &period, err))
		return false;
	OWN(json_decref) json_t *members = json_array();
	naming.members = members;
	bool good = quality_each(call->store, indicator, &period, call->user.id, add_member, &naming, err) && !naming.failed;
	json_decref(naming.name);
	if (good)
		reply_json(call->request, 200, json_pack("{s:s, s:O}", "id", indicator->id, "members", members));
	return good;
}

bool get_agreement(struct call *call, struct err *err)
{
	struct period period;
	json_t *agreement;
	if (!asked_period(call, &period, err) ||
	    !quality_agreement_json(call->store, &period, call->user.id, &agreement, err))
		return false;
	reply_json(call->request, 200, agreement);
	return true;
}

bool get_reference(struct call *call, struct err *err)
{
	const char *name = request_query(call->request, "method");
	enum insemination method;
	json_t *reference;
	if (!name || !insemination_from_name(name, &method) || method == INSEMINATION_UNKNOWN)
		return err_set(err, ERR_BAD_INPUT, "\"method\" is ICSI or IVF: the two are never merged");
	if (!quality_reference_json(call->store, method, &reference, err))
		return false;
	reply_json(call->request, 200, reference);
	return true;
}
