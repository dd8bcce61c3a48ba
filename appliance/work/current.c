#include "work/current.h"

#include "base/clock.h"
#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* How soon a running daemon sees that another model was chosen; a look costs reading a line. */
enum { LOOK_MS = 2000 };

struct current {
	struct models_places places;
	bool told;
	pthread_mutex_t lock; /* over all below */
	int serial;           /* 0: not looked yet */
	int64_t looked_us;
	struct model_open model; /* fd -1: none, and why says it */
	struct err why;
};

bool current_new(const char *store_folder, bool told, struct current **ret_current, struct err *err)
{
	OWN(current_free) struct current *current = calloc(1, sizeof *current);
	if (!current)
		return err_set(err, ERR_NO_MEMORY, "looking for a model");
	current->model.fd = -1;
	current->told = told;
	pthread_mutex_init(&current->lock, NULL);
	if (!models_places(store_folder, &current->places, err))
		return false;
	*ret_current = TAKE(current);
	return true;
}

void current_free(struct current *current)
{
	if (!current)
		return;
	model_open_done(&current->model);
	pthread_mutex_destroy(&current->lock);
	free(current);
}

static bool same_as_before(const struct current *current, const char *label)
{
	return current->model.fd >= 0 && strcmp(current->model.label, label) == 0;
}

/* Says a change once, not with every look. */
static void replace(struct current *current, struct model_open *model, const struct err *why)
{
	bool same_sentence = current->serial && !model && current->model.fd < 0 &&
	    strcmp(why->detail, current->why.detail) == 0;
	if (same_sentence)
		return;
	model_open_done(&current->model);
	current->serial++;
	if (model)
		current->model = *model;
	else
		current->why = *why;
	if (current->told && model)
		log_line(LOG_NOTICE, "reading with %s", model->label);
	else if (current->told)
		log_line(LOG_ALARM, "nothing can be read: %s", why->detail);
}

/* Under the lock. */
static void look(struct current *current)
{
	const struct models_folders *folders = &current->places.folders;
	struct model_open model = MODEL_OPEN_INIT;
	char label[MODEL_LABEL_SIZE];
	struct err err;
	int64_t now_us = clock_monotonic_us();
	if (current->serial && now_us - current->looked_us < LOOK_MS * 1000)
		return;
	current->looked_us = now_us;
	if (!models_current(folders, label, &err))
		replace(current, NULL, &err);
	else if (same_as_before(current, label))
		return;
	else if (!models_open(folders, label, &model, &err))
		replace(current, NULL, &err);
	else
		replace(current, &model, NULL);
}

bool current_take(struct current *current, int *ret_fd, char ret_label[MODEL_LABEL_SIZE], int *ret_serial,
    struct err *err)
{
	pthread_mutex_lock(&current->lock);
	look(current);
	*ret_serial = current->serial;
	bool there = current->model.fd >= 0;
	if (!there)
		*err = current->why;
	int fd = there ? fcntl(current->model.fd, F_DUPFD_CLOEXEC, 3) : -1;
	if (there && fd < 0)
		err_errno(err, "giving the model to a lane");
	if (fd >= 0) {
		*ret_fd = fd;
		memcpy(ret_label, current->model.label, MODEL_LABEL_SIZE);
	}
	pthread_mutex_unlock(&current->lock);
	return fd >= 0;
}

int current_serial(struct current *current)
{
	pthread_mutex_lock(&current->lock);
	look(current);
	int serial = current->serial;
	pthread_mutex_unlock(&current->lock);
	return serial;
}
