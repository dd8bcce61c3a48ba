/* Every word there ever was about an embryo. */
#include "store/history.h"

#include "serve/cover.h"
#include "serve/handlers.h"
#include "serve/shapes.h"
#include "serve/stored.h"

struct telling {
	json_t *rows;
	struct cover cover;
	int64_t user_id;
};

static bool is_hidden(const struct telling *telling, const struct history_row *row)
{
	if (row->user_id == telling->user_id)
		return false;
	return telling->cover.blind || (telling->cover.covered && row->what == HISTORY_GRADE);
}

static bool add_row(const struct history_row *row, void *context)
{
	struct telling *telling = context;
	if (is_hidden(telling, row))
		return true;
	return json_array_append_new(telling->rows,
	    json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o}", "made", json_utc(row->made_us), "author",
	        row->author, "what", history_kind_name(row->what), "name", row->name, "value", row->value, "run",
	        shape_run(row->run), "time_s", shape_seconds(row->time_s), "day", row->day, "replaced",
	        json_utc(row->replaced_us), "withdrawn", json_utc(row->withdrawn_us))) == 0;
}

bool get_history(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *evaluation = NULL;
	OWN(json_decref) json_t *rows = json_array();
	struct telling telling = {.rows = rows, .user_id = call->user.id};
	int64_t id = call->numbers[0];
	if (!stored_evaluation(call->store, id, &evaluation, err) ||
	    !cover_of(call, id, evaluation, &telling.cover, err) ||
	    !history_each(call->store, id, add_row, &telling, err))
		return false;
	reply_json(call->request, 200, json_pack("{s:O}", "rows", rows));
	return true;
}
