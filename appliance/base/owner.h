/* Becoming the user whom something belongs to: what root started must not leave files behind that the daemon cannot open. */
#pragma once

#include "base/json.h"

/* Does nothing unless the process is root's and the path is somebody else's. For good: there is no way back. Must be
 * called before any thread is started. */
bool owner_become(const char *path, struct err *err);

/* The same for a part of what root does, in a child process. */
struct owner_task {
	const char *folder; /* whose owner */
	bool (*as_root)(void *context, struct err *err); /* first, in the child; NULL: nothing */
	bool (*as_owner)(void *context, json_t *answer, struct err *err); /* fills the object `answer` */
	void *context;
};

/* Waits for the child. Who is not root does all of it as they are. ret_answer may be NULL. */
bool owner_do(const struct owner_task *task, json_t **ret_answer, struct err *err);
