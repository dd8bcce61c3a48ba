/* What the clinic has settled, and what each user likes. */
#include "store/settings.h"

#include "serve/body.h"
#include "serve/handlers.h"
#include "serve/whole.h"
#include "store/preferences.h"

#include <math.h>

static bool add_format(const char *format, int64_t nm, void *context)
{
	return json_object_set_new(context, format, nm ? json_real((double)nm / 1000) : json_null()) == 0;
}

bool get_settings(struct call *call, struct err *err)
{
	bool on;
	OWN(json_decref) json_t *sizes = json_object();
	if (!settings_score_after_grade(call->store, &on, err) ||
	    !settings_each_format(call->store, add_format, sizes, err))
		return false;
	reply_json(call->request, 200, json_pack("{s:b, s:O}", "score_after_grade", on, "pixel_um", sizes));
	return true;
}

static bool put_pixel_sizes(struct call *call, json_t *sizes, struct err *err)
{
	const char *format;
	json_t *size;
	json_object_foreach(sizes, format, size) {
		double nm = round(json_number_value(size) * 1000);
		if (!json_is_null(size) && (!json_is_number(size) || !(nm >= 1 && nm <= SETTING_PIXEL_NM_MAX)))
			return err_set(err, ERR_BAD_INPUT, "a pixel is from 0.001 to %d micrometres wide, or null",
			    SETTING_PIXEL_NM_MAX / 1000);
		if (!settings_set_pixel_nm(call->store, call->user.id, format, (int64_t)nm, err))
			return false;
	}
	return true;
}

static bool put_all(struct call *call, void *word, struct err *err)
{
	(void)word;
	json_t *on = json_object_get(call->body, "score_after_grade"),
	       *sizes = json_object_get(call->body, "pixel_um");
	if ((on && !json_is_boolean(on)) || (sizes && !json_is_object(sizes)))
		return err_set(err, ERR_BAD_INPUT,
		    "\"score_after_grade\" is to be true or false, \"pixel_um\" an object of numbers by format");
	return (!on || settings_set_score_after_grade(call->store, call->user.id, json_is_true(on), err)) &&
	    (!sizes || put_pixel_sizes(call, sizes, err));
}

bool put_settings(struct call *call, struct err *err)
{
	return body_only(call->body, "score_after_grade pixel_um", err) && whole_answer(call, put_all, NULL, err);
}

bool get_preferences(struct call *call, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(LIMIT_PREFERENCES);
	json_t *value = NULL;
	bool found;
	if (!preferences_get(call->store, call->user.id, &text, &found, err) ||
	    (found && !json_parse((const char *)text.data, text.size, &value, err)))
		return false;
	reply_json(call->request, 200, found ? value : json_object());
	return true;
}

bool put_preferences(struct call *call, struct err *err)
{
	OWN(free) char *text = json_dumps(call->body, JSON_COMPACT);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "keeping preferences");
	if (!preferences_put(call->store, call->user.id, text, err))
		return false;
	reply_nothing(call->request, 204);
	return true;
}
