#include "serve/once.h"

#include "base/text.h"
#include "serve/guards.h"
#include "serve/whole.h"
#include "store/acts.h"

#include <inttypes.h>
#include <string.h>

/* What is kept of an act: method, path, id. */
enum { RESULT_MAX = 512 };

static bool answer_again(struct call *call, struct buf *result, int64_t *ret_id, struct err *err)
{
	OWN(buf_done) struct buf asked = BUF_INIT(RESULT_MAX);
	buf_print(&asked, "%s %s ", request_method(call->request), request_path(call->request));
	const char *kept = buf_text(result);
	if (!buf_ok(&asked, err))
		return false;
	if (!text_starts(kept, buf_text(&asked)) || !text_to_i64(kept + asked.size, ret_id))
		return err_set(err, ERR_CONFLICT, "this Idempotency-Key was used for something else");
	return true;
}

static bool keep(struct call *call, const char *key, int64_t id, struct err *err)
{
	OWN(buf_done) struct buf result = BUF_INIT(RESULT_MAX);
	buf_print(&result, "%s %s %" PRId64, request_method(call->request), request_path(call->request), id);
	return buf_ok(&result, err) && acts_add(call->store, key, call->user.id, buf_text(&result), err);
}

struct act {
	once_handler *handler;
	void *word;
	int64_t id;
};

static bool take(struct call *call, void *context, struct err *err)
{
	struct act *act = context;
	const char *key = request_header(call->request, "Idempotency-Key");
	OWN(buf_done) struct buf result = BUF_INIT(RESULT_MAX);
	bool found = false;
	if (key && !acts_find(call->store, key, call->user.id, &result, &found, err))
		return false;
	if (found)
		return answer_again(call, &result, &act->id, err);
	return guards_embryo(call, call->numbers[0], err) && act->handler(call, act->word, &act->id, err) &&
	    (!key || keep(call, key, act->id, err));
}

bool once_answer(struct call *call, once_handler *handler, void *word, struct err *err)
{
	struct act act = {.handler = handler, .word = word};
	if (!whole_do(call, take, &act, err))
		return false;
	if (act.id)
		reply_json(call->request, 201, json_pack("{s:I}", "id", (json_int_t)act.id));
	else
		reply_nothing(call->request, 204);
	return true;
}
