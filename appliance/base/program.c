#include "base/program.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* What a bundle's manifest or a status takes, many times over. */
enum { OUTPUT_MAX = 1 << 20, LINE_SIZE = 240 };

extern char **environ;

struct program {
	pid_t process; /* 0: collected */
	int status; /* once it has ended: 0 to 255, or 128 and the signal */
	int fds[2]; /* its standard output and error; -1: closed */
	struct buf said[2];
	char line[LINE_SIZE];
	char name[64];
};

static bool spawn(const char *const *arguments, const int out[2], const int complaints[2], pid_t *ret_process)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, complaints[1], STDERR_FILENO);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	char *const *words = (char *const *)(uintptr_t)arguments;
	int number = posix_spawnp(ret_process, arguments[0], &actions, &attributes, words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	errno = number;
	return number == 0;
}

bool program_start(const char *const *arguments, struct program **ret_program, struct err *err)
{
	int out[2], complaints[2];
	OWN(free) struct program *program = calloc(1, sizeof *program);
	if (!program)
		return err_set(err, ERR_NO_MEMORY, "starting %s", arguments[0]);
	if (pipe2(out, O_CLOEXEC) != 0)
		return err_errno(err, "starting %s", arguments[0]);
	if (pipe2(complaints, O_CLOEXEC) != 0) {
		close(out[0]);
		close(out[1]);
		return err_errno(err, "starting %s", arguments[0]);
	}
	bool started = spawn(arguments, out, complaints, &program->process);
	int number = errno;
	close(out[1]);
	close(complaints[1]);
	if (!started) {
		close(out[0]);
		close(complaints[0]);
		return err_set(err, ERR_UNAVAILABLE, "%s cannot be started: %s", arguments[0], strerror(number));
	}
	program->fds[0] = out[0];
	program->fds[1] = complaints[0];
	text_copy(program->name, sizeof program->name, path_name(arguments[0]));
	for (int i = 0; i < 2; i++)
		program->said[i] = (struct buf)BUF_INIT(OUTPUT_MAX);
	*ret_program = TAKE(program);
	return true;
}

static bool collect(struct program *program)
{
	int status;
	if (!program->process)
		return true;
	if (waitpid(program->process, &status, WNOHANG) != program->process)
		return false;
	program->process = 0;
	program->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return true;
}

/* More than the most that is kept is read and dropped, so that nobody who says too much hangs. */
static void listen_to(struct program *program, int which)
{
	char chunk[4096];
	ssize_t got = read(program->fds[which], chunk, sizeof chunk);
	if (got > 0 && program->said[which].size + (size_t)got <= OUTPUT_MAX)
		buf_add(&program->said[which], chunk, (size_t)got);
	if (got > 0 || (got < 0 && errno == EINTR))
		return;
	close(program->fds[which]);
	program->fds[which] = -1;
}

enum program_news program_wait(struct program *program, const char *mark, int patience_s)
{
	enum { LOOK_MS = 100, SOON_MS = 5 };
	int64_t until_us = clock_monotonic_us() + (int64_t)patience_s * 1000000;
	for (;;) {
		struct pollfd polled[2] = {{program->fds[0], POLLIN, 0}, {program->fds[1], POLLIN, 0}};
		bool silent = program->fds[0] < 0 && program->fds[1] < 0;
		int ready = poll(polled, 2, silent ? SOON_MS : LOOK_MS);
		for (int i = 0; i < 2; i++)
			if (ready > 0 && polled[i].revents)
				listen_to(program, i);
		if (mark && strstr(program_output(program), mark))
			return PROGRAM_SAID;
		/* Its end counts, not that of its pipes: something it started may hold them. */
		if (ready <= 0 && collect(program))
			return PROGRAM_ENDED;
		if (clock_monotonic_us() > until_us)
			return PROGRAM_LATE;
	}
}

const char *program_output(struct program *program)
{
	return program->said[0].size ? buf_text(&program->said[0]) : "";
}

/* Without the name that programs put before what they complain of. */
static bool keep_line(struct program *program, const char *begin, const char *end)
{
	size_t named = strlen(program->name);
	if (strncmp(begin, program->name, named) == 0 && text_starts(begin + named, ": "))
		begin += named + 2;
	snprintf(program->line, sizeof program->line, "%.*s", (int)(end - begin), begin);
	return end > begin;
}

/* RAUC names the reason in a line that begins so; what follows only says that it failed. */
static bool keep_reason(struct program *program, const char *text)
{
	static const char reason[] = "LastError: ";
	const char *found = strstr(text, reason);
	const char *begin = found ? found + strlen(reason) : NULL;
	return found && keep_line(program, begin, begin + strcspn(begin, "\r\n"));
}

static bool keep_last(struct program *program, const char *text)
{
	const char *end = text + strlen(text);
	while (end > text && strchr(" \r\n\t", end[-1]))
		end--;
	const char *begin = end;
	while (begin > text && begin[-1] != '\n')
		begin--;
	return keep_line(program, begin, end);
}

const char *program_complaint(struct program *program)
{
	const char *output = program_output(program);
	const char *complaints = program->said[1].size ? buf_text(&program->said[1]) : "";
	if (!keep_reason(program, complaints) && !keep_reason(program, output) && !keep_last(program, complaints) &&
	    !keep_last(program, output))
		snprintf(program->line, sizeof program->line, "%s ended with status %d", program->name, program->status);
	return program->line;
}

void program_stop(struct program *program, int patience_s)
{
	if (!program)
		return;
	if (!collect(program)) {
		kill(program->process, SIGTERM);
		if (program_wait(program, NULL, patience_s) != PROGRAM_ENDED) {
			kill(program->process, SIGKILL);
			while (waitpid(program->process, NULL, 0) < 0 && errno == EINTR)
				;
		}
	}
	for (int i = 0; i < 2; i++) {
		if (program->fds[i] >= 0)
			close(program->fds[i]);
		buf_done(&program->said[i]);
	}
	free(program);
}

bool program_run(const char *const *arguments, int patience_s, struct buf *ret_output, struct err *err)
{
	OWN(program_end) struct program *program = NULL;
	if (!program_start(arguments, &program, err))
		return false;
	if (program_wait(program, NULL, patience_s) != PROGRAM_ENDED)
		return err_set(err, ERR_UNAVAILABLE, "%s did not end within %d s", program->name, patience_s);
	if (program->status != 0)
		return err_set(err, ERR_UNAVAILABLE, "%s", program_complaint(program));
	if (ret_output)
		buf_add(ret_output, program->said[0].data, program->said[0].size);
	return true;
}
