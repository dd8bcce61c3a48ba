/* The feed of changes, for those who poll. */
#include "serve/handlers.h"

#include "base/text.h"
#include "store/changes.h"

enum { CHANGES_MAX = 1000 };

static bool add_change(const struct change *change, void *context)
{
	json_array_append_new(context,
	    json_pack("{s:I, s:s, s:I}", "seq", (json_int_t)change->seq, "kind", change_kind_name(change->kind),
	        "subject", (json_int_t)change->subject));
	return json_array_size(context) < CHANGES_MAX;
}

bool get_changes(struct call *call, struct err *err)
{
	const char *text = request_query(call->request, "since");
	int64_t since = 0, last = 0;
	if (text && (!text_to_i64(text, &since) || since < 0))
		return err_set(err, ERR_BAD_INPUT, "\"since\" is to be a change number");
	OWN(json_decref) json_t *list = json_array();
	if (!changes_each(call->store, since, add_change, list, err) || !changes_last(call->store, &last, err))
		return false;
	reply_json(call->request, 200, json_pack("{s:I, s:O}", "seq", (json_int_t)last, "changes", list));
	return true;
}
