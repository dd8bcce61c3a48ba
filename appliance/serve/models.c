/* The models of this box, and the card of each: what it learned from and how right it was measured to be. Looked up
 * anew for each call, as the command line may have installed or chosen one. */
#include "models/models.h"

#include "serve/handlers.h"

#include <string.h>

static json_t *text_or_null(const json_t *object, const char *name)
{
	const char *text = json_text(object, name, NULL);
	return text ? json_string(text) : json_null();
}

static json_t *shape_entry(const struct model_entry *entry)
{
	bool good = !entry->problem;
	return json_pack("{s:s, s:b, s:b, s:s?, s:s?, s:s?, s:o, s:o, s:o, s:o}", "label", entry->label, "shipped",
	    entry->shipped, "current", entry->current, "problem", entry->problem, "digest",
	    good ? entry->digest : NULL, "signer", good ? entry->signer : NULL, "name", text_or_null(entry->manifest, "name"), "version",
	    text_or_null(entry->manifest, "version"), "made", text_or_null(entry->manifest, "made"), "summary",
	    text_or_null(entry->manifest, "summary"));
}

static bool add_entry(const struct model_entry *entry, void *context)
{
	return json_array_append_new(context, shape_entry(entry)) == 0;
}

bool get_models(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *list = json_array();
	if (!models_each(&call->serve->models.folders, add_entry, list, err))
		return false;
	reply_json(call->request, 200, json_pack("{s:O}", "models", list));
	return true;
}

struct wanted {
	const char *label;
	json_t *reply; /* NULL until it is found */
};

static bool find_entry(const struct model_entry *entry, void *context)
{
	struct wanted *wanted = context;
	if (strcmp(entry->label, wanted->label) != 0)
		return true;
	wanted->reply = shape_entry(entry);
	json_object_set(wanted->reply, "manifest", entry->manifest ? (json_t *)(uintptr_t)entry->manifest : json_null());
	json_object_set(wanted->reply, "report", entry->report ? (json_t *)(uintptr_t)entry->report : json_null());
	return false;
}

bool get_model(struct call *call, struct err *err)
{
	struct wanted wanted = {.label = strrchr(request_path(call->request), '/') + 1};
	if (!models_each(&call->serve->models.folders, find_entry, &wanted, err))
		return false;
	if (!wanted.reply)
		return err_set(err, ERR_NOT_FOUND, "there is no model %s", wanted.label);
	reply_json(call->request, 200, wanted.reply);
	return true;
}
