#include "update/trial.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/owner.h"
#include "base/place.h"
#include "base/program.h"
#include "base/text.h"
#include "store/copies.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>

/* A large database takes its time to be migrated and verified. */
enum { READY_S = 900, STOP_S = 30 };

struct trial {
	const struct updater *updater;
	char folder[LIMIT_PATH], conf[LIMIT_PATH];
	bool models; /* the clinic has some of its own, or has chosen one */
};

/* The copy */

static bool make_copy(void *context, json_t *answer, struct err *err)
{
	struct trial *trial = context;
	const char *folder = trial->updater->store;
	int64_t needed, left;
	char copy[LIMIT_PATH], models[LIMIT_PATH];
	(void)answer;
	if (!copies_room(folder, &needed, &left, err))
		return false;
	if (left < needed)
		return err_set(err, ERR_UNAVAILABLE, "the trial needs %lld MB of free disk, there are %lld",
		    (long long)(needed >> 20), (long long)(left >> 20));
	return copies_make_trial(folder, copy, err) &&
	    (!trial->models || (folder_path(copy, "models", models, err) && folder_make(models, err)));
}

static bool remove_copy(void *context, json_t *answer, struct err *err)
{
	const struct trial *trial = context;
	(void)answer;
	return copies_remove_trial(trial->updater->store, err);
}

static bool lend(const struct trial *trial, const char *name, struct err *err)
{
	char from[LIMIT_PATH], to[LIMIT_PATH];
	if (!folder_path(trial->updater->store, name, from, err) || !folder_path(trial->folder, name, to, err))
		return false;
	if (mount(from, to, NULL, MS_BIND, NULL) != 0 ||
	    mount(NULL, to, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
		return err_errno(err, "lending the %s to the trial", name);
	return true;
}

/* The pictures and the clinic's models are lent to the copy, readable only, to this process and what it starts: the new
 * version may find all of them and change none. */
static bool lend_all(void *context, struct err *err)
{
	const struct trial *trial = context;
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return err_errno(err, "setting the trial apart");
	return lend(trial, "blobs", err) && (!trial->models || lend(trial, "models", err));
}

/* The daemon on it */

/* A port that nobody listens on at this moment. */
static int free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof address;
	OWN(fd_close) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
	    getsockname(fd, (struct sockaddr *)&address, &size) == 0;
	return ok ? ntohs(address.sin_port) : 0;
}

static bool write_conf(const struct trial *trial, struct err *err)
{
	uint8_t random[16];
	char secret[2 * sizeof random + 1], text[LIMIT_PATH + 256];
	crypto_random(random, sizeof random);
	text_hex(secret, random, sizeof random);
	int length = snprintf(text, sizeof text, "store = %s\nlisten_port = %d\nproxy_secret = %s\nlanes = 1\n",
	    trial->folder, free_port(), secret);
	return file_write(trial->conf, text, (size_t)length, 0600, err);
}

static bool start_daemon(const struct trial *trial, struct program **ret_daemon, struct err *err)
{
	char path[LIMIT_PATH];
	OWN(program_end) struct program *daemon = NULL;
	if (!place_program(path, sizeof path, "daybreakd", err))
		return false;
	const char *const arguments[] = {path, "--config", trial->conf, NULL};
	if (!program_start(arguments, &daemon, err))
		return false;
	switch (program_wait(daemon, "is ready at", READY_S)) {
	case PROGRAM_SAID: *ret_daemon = TAKE(daemon); return true;
	case PROGRAM_LATE: return err_set(err, ERR_UNAVAILABLE, "the daemon was not ready after %d s", READY_S);
	case PROGRAM_ENDED: break;
	}
	return err_set(err, ERR_UNAVAILABLE, "the daemon ended: %s", program_complaint(daemon));
}

/* The model that the clinic has in use must say, bit by bit, what it said in the version before. */
static bool compare_reading(const struct trial *trial, struct err *err)
{
	const struct record_reading *before = &trial->updater->record.trial.reading;
	struct record_reading now;
	if (!updater_reading(trial->updater, trial->conf, &now, err))
		return false;
	if (strcmp(now.model, before->model) != 0 || now.protocol != before->protocol ||
	    strcmp(now.digest, before->digest) == 0)
		return true;
	return err_set(err, ERR_UNAVAILABLE, "%s reads the known batch to the digest %.12s; before the update it was %.12s",
	    now.model, now.digest, before->digest);
}

static bool prove(void *context, json_t *answer, struct err *err)
{
	const struct trial *trial = context;
	(void)answer;
	OWN(program_end) struct program *daemon = NULL;
	if (!write_conf(trial, err) || !start_daemon(trial, &daemon, err) ||
	    !updater_healthy(trial->updater, trial->conf, err) || !compare_reading(trial, err))
		return false;
	/* One that cannot end would be killed at every stop. */
	program_stop(TAKE(daemon), STOP_S);
	return true;
}

bool trial_prove(const struct updater *updater, struct err *err)
{
	struct trial trial = {.updater = updater};
	if (!folder_path(updater->store, "trial", trial.folder, err) ||
	    !folder_path(trial.folder, "daybreakd.conf", trial.conf, err))
		return false;
	char models[LIMIT_PATH];
	trial.models = folder_path(updater->store, "models", models, NULL) && folder_is(models);
	struct owner_task task = {.folder = updater->store, .context = &trial};
	task.as_owner = make_copy;
	bool ok = owner_do(&task, NULL, err);
	if (ok) {
		task.as_root = lend_all;
		task.as_owner = prove;
		ok = owner_do(&task, NULL, err);
	}
	/* Here the pictures are not lent any more: only the copy can go. */
	struct err left;
	task.as_root = NULL;
	task.as_owner = remove_copy;
	if (!owner_do(&task, NULL, &left) && ok)
		ok = err_set(err, left.code, "%s", left.detail);
	return ok || err_add(err, "trying version %s on a copy of the data", updater->version);
}
