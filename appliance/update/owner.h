/* The store belongs to a user of its own, and root opening it would leave files that its owner cannot write. So what is
 * to be done in the store is done by a child process that has become its owner. */
#pragma once

#include "base/json.h"

struct owner_task {
	const char *folder; /* whose owner */
	bool (*as_root)(void *context, struct err *err); /* first, in the child; NULL: nothing */
	bool (*as_owner)(void *context, json_t *answer, struct err *err); /* fills the object `answer` */
	void *context;
};

/* Waits for the child. Who is not root does all of it as they are. ret_answer may be
 * NULL. */
bool owner_do(const struct owner_task *task, json_t **ret_answer, struct err *err);
