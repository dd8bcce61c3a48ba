/* A word about an embryo is taken once: the word and the key it came with (Idempotency-Key) are one transaction, and
 * what is sent again, because its answer was lost, gets the first answer. */
#pragma once

#include "serve/call.h"

/* Does it, in a transaction. ret_id: of what was made; stays 0 where nothing has an id. */
typedef bool once_handler(struct call *call, void *word, int64_t *ret_id, struct err *err);

/* For a path that begins with the number of an embryo, whose patient is checked (serve/guards.h). Answers 201 with the
 * id, or 204. ERR_CONFLICT: the key was used for something else. */
bool once_answer(struct call *call, once_handler *handler, void *word, struct err *err);
