#include "base/owner.h"

#include "base/buf.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX = 1 << 20 };

bool owner_become(const char *path, struct err *err)
{
	struct stat status;
	if (geteuid() != 0 || stat(path, &status) != 0 || status.st_uid == 0)
		return true;
	/* Somebody without a name, as of a disk of another machine, has no further groups. */
	const struct passwd *user = getpwuid(status.st_uid);
	int grouped = user ? initgroups(user->pw_name, user->pw_gid) : setgroups(0, NULL);
	if (grouped != 0 || setgid(user ? user->pw_gid : status.st_gid) != 0 || setuid(status.st_uid) != 0)
		return err_errno(err, "becoming the owner of %s", path);
	return true;
}

/* A part of what root does */

static bool work(const struct owner_task *task, json_t *answer, struct err *err)
{
	if ((task->as_root && !task->as_root(task->context, err)) || !owner_become(task->folder, err))
		return false;
	/* After the change of user, which forgets it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return task->as_owner(task->context, answer, err);
}

_Noreturn static void work_and_tell(const struct owner_task *task, int fd)
{
	struct err err = {0};
	json_t *answer = json_object();
	bool ok = work(task, answer, &err);
	json_t *told = json_pack("{s:b, s:s, s:s, s:o}", "ok", ok, "code", err_name(err.code), "detail", ok ? "" : err.detail,
	    "answer", answer);
	char *text = told ? json_dumps(told, JSON_COMPACT) : NULL;
	_exit(text && fd_write(fd, text, strlen(text)) ? 0 : 1);
}

static bool hear(int fd, struct buf *to)
{
	for (;;) {
		char chunk[4096];
		ssize_t got = read(fd, chunk, sizeof chunk);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0 && buf_ok(to, NULL);
		buf_add(to, chunk, (size_t)got);
	}
}

static bool understand(const struct buf *text, json_t **ret_answer, struct err *err)
{
	OWN(json_decref) json_t *told = NULL;
	if (!json_parse((const char *)text->data, text->size, &told, err))
		return false;
	if (!json_bool(told, "ok", false)) {
		enum err_code code = err_named(json_text(told, "code", ""));
		return err_set(err, code ? code : ERR_INTERNAL, "%s", json_text(told, "detail", "it failed"));
	}
	if (ret_answer)
		*ret_answer = json_incref(json_object_get(told, "answer"));
	return true;
}

bool owner_do(const struct owner_task *task, json_t **ret_answer, struct err *err)
{
	int pair[2], status = 0;
	OWN(buf_done) struct buf text = BUF_INIT(ANSWER_MAX);
	if (pipe2(pair, O_CLOEXEC) != 0)
		return err_errno(err, "starting a process for the store");
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		work_and_tell(task, pair[1]);
	int number = errno;
	close(pair[1]);
	bool heard = child > 0 && hear(pair[0], &text);
	close(pair[0]);
	if (child < 0)
		return err_set(err, ERR_UNAVAILABLE, "starting a process for the store: %s", strerror(number));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!heard || status != 0)
		return err_set(err, ERR_UNAVAILABLE, "the process for the store died (status %d)", status);
	return understand(&text, ret_answer, err);
}
