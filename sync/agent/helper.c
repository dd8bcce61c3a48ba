#include "agent/helper.h"

#include "base/file.h"
#include "base/log.h"

#include <string.h>
#include <time.h>

void helper_tell(
    struct helper *helper, const char *id, const char *severity, const char *text, const char *next)
{
	struct err err;
	log_line(strcmp(severity, "info") == 0 ? LOG_NOTICE : LOG_ERROR, "%s: %s", id, text);
	if (!ledger_event(helper->ledger, id, severity, text, next, &err))
		log_line(LOG_ERROR, "%s", err.detail);
}

static void *run(void *context)
{
	struct helper *helper = context;
	pthread_mutex_lock(&helper->lock);
	while (!helper->stopping) {
		struct timespec until;
		pthread_mutex_unlock(&helper->lock);
		helper->look(helper->context);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += 1;
		pthread_mutex_lock(&helper->lock);
		if (!helper->stopping)
			pthread_cond_timedwait(&helper->news, &helper->lock, &until);
	}
	pthread_mutex_unlock(&helper->lock);
	return NULL;
}

bool helper_open(struct helper *helper, const char *folder, struct err *err)
{
	char path[LIMIT_PATH];
	helper->opened = true;
	pthread_mutex_init(&helper->lock, NULL);
	pthread_cond_init(&helper->news, NULL);
	return folder_path(folder, "ledger.db", path, err) && ledger_open(path, &helper->ledger, err) &&
	    link_open(helper->ledger, &helper->link, err);
}

bool helper_run(struct helper *helper, void (*look)(void *context), void *context, struct err *err)
{
	helper->look = look;
	helper->context = context;
	helper->running = pthread_create(&helper->thread, NULL, run, helper) == 0;
	return helper->running || err_set(err, ERR_UNAVAILABLE, "cannot start a thread");
}

void helper_stop(struct helper *helper)
{
	if (!helper->opened)
		return;
	if (helper->running) {
		pthread_mutex_lock(&helper->lock);
		helper->stopping = true;
		pthread_cond_signal(&helper->news);
		pthread_mutex_unlock(&helper->lock);
		link_stop(helper->link);
		pthread_join(helper->thread, NULL);
	}
	link_close(helper->link);
	ledger_close(helper->ledger);
	pthread_cond_destroy(&helper->news);
	pthread_mutex_destroy(&helper->lock);
}
