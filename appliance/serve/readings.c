/* What each reader said of one time point: the reading that counts, and those of earlier models beside it. */
#include "serve/cover.h"
#include "serve/handlers.h"
#include "serve/shapes.h"
#include "store/embryos.h"
#include "store/readings.h"

static bool add_reading(const struct reading_past *past, void *context)
{
	json_t *object = json_pack("{s:{s:s, s:s}, s:o}", "reader", "version", past->version, "digest", past->digest,
	    "replaced", json_utc(past->replaced_us));
	shape_reading(object, &past->reading, past->motion);
	return json_array_append_new(context, object) == 0;
}

bool get_readings(struct call *call, struct err *err)
{
	struct embryo embryo;
	bool blind;
	OWN(json_decref) json_t *list = json_array();
	if (!embryos_get(call->store, call->numbers[0], &embryo, err) ||
	    !cover_is_blind(call->store, call->user.id, embryo.id, &blind, err))
		return false;
	if (!blind && !readings_history(call->store, embryo.id, (int)call->numbers[1], add_reading, list, err))
		return false;
	reply_json(call->request, 200, json_pack("{s:O}", "readings", list));
	return true;
}
