/* A thread beside the agent's loop, for work that goes on asking until it has an answer: it has its own ledger and
 * link, and looks once a second whether there is something to do. */
#pragma once

#include "agent/link.h"

#include <pthread.h>
#include <stdatomic.h>

struct helper {
	struct ledger *ledger; /* of ledger.db in the folder */
	struct link *link;
	void (*look)(void *context);
	void *context;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	bool opened, running;
	atomic_bool stopping; /* what fails from here on fails because of it */
};

/* Opens ledger and link. helper: zeroed; the caller's, until helper_stop has returned. */
bool helper_open(struct helper *helper, const char *folder, struct err *err);
bool helper_run(struct helper *helper, void (*look)(void *context), void *context, struct err *err);
/* Ends a link_call that is under way, waits for the thread, closes what was opened; also when nothing was. */
void helper_stop(struct helper *helper);
/* An event, and a line of the log. */
void helper_tell(
    struct helper *helper, const char *id, const char *severity, const char *text, const char *next);
