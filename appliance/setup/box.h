/* The machine that is set up: its files below a root, which is / but in tests, and the commands that are run
 * on it. Every change is told in one line; a dry one is told and not made. */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"

#include <stdio.h>

struct box {
	/* "", or what stands for / in a test: nothing outside it is touched, nobody is become. */
	const char *root;
	bool dry;
	FILE *told; /* where changes are told */
	int changes;
};

#define BOX_LOCAL "/etc/daybreak/local"

/* The path below the root. */
bool box_path(const struct box *box, const char *path, char ret_path[LIMIT_PATH], struct err *err);
bool box_has(const struct box *box, const char *path);
/* ERR_NOT_FOUND when there is none. For keys, too. */
bool box_read(const struct box *box, const char *path, struct buf *to, struct err *err);
/* With this content, of this group (NULL: root's) and mode; nothing is done when it is so already. Folders
 * above it are made, 0755. */
bool box_write(
    struct box *box, const char *path, const char *text, const char *group, int mode, struct err *err);
bool box_remove(struct box *box, const char *path, struct err *err);
/* The old file under another name, whatever had it before. Nothing is done when there is none. */
bool box_keep(struct box *box, const char *path, const char *as, struct err *err);
bool box_link(struct box *box, const char *target, const char *path, struct err *err);
/* Runs a program to its end, by its name on PATH; what it prints is appended to `said` (NULL: dropped). False
 * and a sentence when it could not be started or failed. Not in a root for tests, nor dry. */
bool box_run(const struct box *box, const char *const *arguments, struct buf *said, struct err *err);
/* Whether commands would be run. */
bool box_runs(const struct box *box);
/* Does the work as the owner of a folder, in a process of its own; it fills the object `answer`, which the
 * caller owns. */
bool box_as_owner(const struct box *box, const char *folder,
    bool (*work)(void *context, json_t *answer, struct err *err), void *context, json_t **ret_answer,
    struct err *err);
/* A line of what is changed. */
void box_tell(struct box *box, const char *format, ...) __attribute__((format(printf, 2, 3)));
