#include "serve/whole.h"

bool whole_do(struct call *call, whole_handler *handler, void *word, struct err *err)
{
	if (!store_begin(call->store, err))
		return false;
	if (handler(call, word, err))
		return store_commit(call->store, err);
	store_rollback(call->store);
	return false;
}

bool whole_answer(struct call *call, whole_handler *handler, void *word, struct err *err)
{
	if (!whole_do(call, handler, word, err))
		return false;
	reply_nothing(call->request, 204);
	return true;
}
