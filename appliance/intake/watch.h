/* A watched folder: each finished export in it triggers its own intake.
 *
 * Everything directly below the folder is one export: a file, or a folder as a whole. An export is finished when it
 * has not changed (size, time, number of files) for the settle time: incubators and network shares write slowly and
 * say nothing when they are done. inotify tells of news at once; because changes inside sub-folders and writes from
 * other machines make no event here, the folder is also looked through every WATCH_RESCAN_S. A share may come and go.
 * Names that begin with a dot or end in .part, .tmp, .crdownload or .filepart are somebody's work in progress.
 *
 * One thread of its own calls both functions, never two at a time.
 */
#pragma once

#include "base/err.h"
#include "base/own.h"

#include <stdbool.h>

enum { WATCH_RESCAN_S = 60 };

struct watch_options {
	const char *folder;  /* copied; made if it is not there, waited for if that fails */
	int settle_ms;       /* 0: exports are moved in whole */
	/* True: this export was taken before, unchanged. Asked once per finished export. */
	bool (*known)(const char *path, const char *name, void *context);
	/* A finished export. */
	void (*ready)(const char *path, const char *name, void *context);
	void *context;
};

struct watch;
bool watch_start(const struct watch_options *options, struct watch **ret_watch, struct err *err);
/* Why the folder could not be made at the start: a share that is not mounted yet, or a wrong name; "". */
const char *watch_problem(const struct watch *watch);
/* Returns once the thread has ended: at once while it waits, after the running callback otherwise. NULL is fine. */
void watch_stop(struct watch *watch);
OWN_DEFINE(struct watch *, watch_stop)
