#include "intake/watch.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "intake/filename.h"
#include "intake/mark.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>

enum {
	NAME_MAX_SIZE = 256,
	/* Exports in one folder that are looked after at a time; others wait for the next look. */
	ENTRIES_MAX = 1024,
	EVENTS_SIZE = 16 << 10,
};

/* One export below the folder. */
struct entry {
	char name[NAME_MAX_SIZE];
	uint8_t mark[MARK_SIZE];
	int64_t since_us; /* unchanged since */
	bool finished;    /* told, or known */
	bool seen;        /* in the last look */
};

struct watch {
	char folder[LIMIT_PATH];
	struct watch_options options;
	pthread_t thread;
	int stop_fd, events_fd;
	struct entry *entries;
	size_t count;
	char problem[ERR_DETAIL_MAX];
};

static bool is_unfinished_name(const char *name)
{
	static const char *const endings[] = {".part", ".tmp", ".crdownload", ".filepart", "-journal", "-wal", NULL};
	for (const char *const *ending = endings; *ending; ending++)
		if (text_ends_nocase(name, *ending))
			return true;
	return filename_is_noise(name);
}

static struct entry *find_entry(struct watch *watch, const char *name)
{
	for (size_t i = 0; i < watch->count; i++)
		if (strcmp(watch->entries[i].name, name) == 0)
			return &watch->entries[i];
	if (watch->count == ENTRIES_MAX)
		return NULL;
	struct entry *entry = &watch->entries[watch->count++];
	*entry = (struct entry){0};
	text_copy(entry->name, sizeof entry->name, name);
	return entry;
}

/* Made, but not filled yet: it stays unfinished, and is looked at until something is in it. */
static bool is_empty_folder(const char *path)
{
	DIR *listing = opendir(path);
	if (!listing)
		return false;
	bool empty = true;
	for (struct dirent *item; empty && (item = readdir(listing));)
		empty = strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0;
	closedir(listing);
	return empty;
}

/* One look at one export: whether it has changed since the last. */
static void look_at(struct watch *watch, const char *name, int64_t now_us)
{
	char path[LIMIT_PATH];
	uint8_t mark[MARK_SIZE];
	if (is_unfinished_name(name) || strlen(name) >= NAME_MAX_SIZE ||
	    !path_join(path, sizeof path, watch->folder, name) || !mark_make(path, name, mark))
		return;
	struct entry *entry = find_entry(watch, name);
	if (!entry)
		return;
	entry->seen = true;
	if (entry->since_us && memcmp(entry->mark, mark, MARK_SIZE) == 0)
		return;
	memcpy(entry->mark, mark, MARK_SIZE);
	entry->since_us = now_us;
	entry->finished = false;
}

static void look_around(struct watch *watch)
{
	int64_t now_us = clock_monotonic_us();
	for (size_t i = 0; i < watch->count; i++)
		watch->entries[i].seen = false;
	/* Again each time: another file system may be mounted there by now. That of the same one costs nothing. Without news,
	 * the look every WATCH_RESCAN_S remains. */
	inotify_add_watch(watch->events_fd, watch->folder, IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
	DIR *listing = opendir(watch->folder);
	if (!listing)
		return; /* a share that is gone for a while: the next look finds it again */
	for (struct dirent *item; (item = readdir(listing));)
		look_at(watch, item->d_name, now_us);
	closedir(listing);
	/* What is gone is forgotten. */
	size_t kept = 0;
	for (size_t i = 0; i < watch->count; i++)
		if (watch->entries[i].seen)
			watch->entries[kept++] = watch->entries[i];
	watch->count = kept;
}

static bool stop_wanted(const struct watch *watch)
{
	struct pollfd stop = {.fd = watch->stop_fd, .events = POLLIN};
	return poll(&stop, 1, 0) > 0;
}

/* Unchanged for the settle time, up to this very moment: a callback before it may have taken minutes. */
static bool has_settled(struct watch *watch, struct entry *entry)
{
	int64_t settle_us = watch->options.settle_ms * INT64_C(1000);
	if (clock_monotonic_us() - entry->since_us < settle_us)
		return false;
	look_at(watch, entry->name, clock_monotonic_us());
	return clock_monotonic_us() - entry->since_us >= settle_us;
}

/* Tells of every export that has settled; false when it is time to stop. */
static bool tell_finished(struct watch *watch)
{
	const struct watch_options *options = &watch->options;
	for (size_t i = 0; i < watch->count; i++) {
		struct entry *entry = &watch->entries[i];
		char path[LIMIT_PATH];
		if (stop_wanted(watch))
			return false;
		if (entry->finished || !has_settled(watch, entry) ||
		    !path_join(path, sizeof path, watch->folder, entry->name) || is_empty_folder(path))
			continue;
		entry->finished = true;
		if (!options->known(path, entry->name, options->context))
			options->ready(path, entry->name, options->context);
	}
	return true;
}

static bool any_unsettled(const struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (!watch->entries[i].finished)
			return true;
	return false;
}

/* Waits for news, for the settling of what is there, or for the next look round. */
static void wait_for_news(struct watch *watch)
{
	struct pollfd fds[] = {{.fd = watch->stop_fd, .events = POLLIN}, {.fd = watch->events_fd, .events = POLLIN}};
	int wait_ms = any_unsettled(watch) ? watch->options.settle_ms / 2 + 1 : WATCH_RESCAN_S * 1000;
	poll(fds, 2, wait_ms);
	/* What exactly happened does not matter, and an overflow neither: the look that follows sees everything. */
	char events[EVENTS_SIZE] __attribute__((aligned(8)));
	while (read(watch->events_fd, events, sizeof events) > 0) {
	}
}

static void *watch_thread(void *opaque)
{
	struct watch *watch = opaque;
	while (!stop_wanted(watch)) {
		look_around(watch);
		if (!tell_finished(watch))
			break;
		wait_for_news(watch);
	}
	return NULL;
}

static void watch_free(struct watch *watch)
{
	if (watch->stop_fd >= 0)
		close(watch->stop_fd);
	if (watch->events_fd >= 0)
		close(watch->events_fd);
	free(watch->entries);
	free(watch);
}
OWN_DEFINE(struct watch *, watch_free)

bool watch_start(const struct watch_options *options, struct watch **ret_watch, struct err *err)
{
	if (options->settle_ms < 0 || options->settle_ms > 3600 * 1000)
		return err_set(err, ERR_BAD_INPUT, "the settle time must be 0 to an hour");
	OWN(watch_free) struct watch *watch = calloc(1, sizeof *watch);
	if (!watch)
		return err_set(err, ERR_NO_MEMORY, "watching a folder");
	struct err missing;
	watch->stop_fd = watch->events_fd = -1;
	watch->entries = calloc(ENTRIES_MAX, sizeof *watch->entries);
	if (!watch->entries)
		return err_set(err, ERR_NO_MEMORY, "watching a folder");
	watch->options = *options;
	watch->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	watch->events_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (!text_copy(watch->folder, sizeof watch->folder, options->folder))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", options->folder);
	watch->options.folder = watch->folder;
	if (watch->stop_fd < 0 || watch->events_fd < 0)
		return err_errno(err, "watching %s", watch->folder);
	if (!folder_make(watch->folder, &missing))
		text_copy(watch->problem, sizeof watch->problem, missing.detail);
	int code = pthread_create(&watch->thread, NULL, watch_thread, watch);
	if (code != 0) {
		errno = code;
		return err_errno(err, "watching %s", watch->folder);
	}
	*ret_watch = TAKE(watch);
	return true;
}

const char *watch_problem(const struct watch *watch)
{
	return watch->problem;
}

void watch_stop(struct watch *watch)
{
	if (!watch)
		return;
	eventfd_write(watch->stop_fd, 1);
	pthread_join(watch->thread, NULL);
	watch_free(watch);
}
