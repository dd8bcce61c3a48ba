/* The walls hold: a process that has entered computes and speaks on its socket, and dies of
 * anything else. */
#include "unit/unit.h"

#include "reading/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FD = 3, REFUSED = 99 };

/* The sanitizers' own run time opens files and maps terabytes. */
#ifdef DAYBREAK_SANITIZED
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static void compute(void)
{
	char *memory = malloc(64 << 20);
	memset(memory, 1, 64 << 20);
	free(memory);
}

static void speak(void)
{
	char byte = 'x';
	if (send(FD, &byte, 1, MSG_NOSIGNAL) != 1)
		_exit(1);
}

static void open_file(void)
{
	open("/etc/hostname", O_RDONLY);
}

static void open_socket(void)
{
	socket(AF_INET, SOCK_STREAM, 0);
}

static void run_program(void)
{
	char program[] = "/bin/true";
	char *const arguments[] = {program, NULL};
	execve(program, arguments, NULL);
}

static void make_process(void)
{
	fork();
}

static void trace_parent(void)
{
	kill(getppid(), 0);
}

static void write_elsewhere(void)
{
	char byte = 'x';
	ssize_t written = write(FD + 1, &byte, 1);
	(void)written;
}

static void map_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void take_memory(void)
{
	volatile char *memory = mmap(NULL, 2UL * SANDBOX_MEMORY_BYTES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		_exit(2);
}

/* The wait status of a child that enters the sandbox and does this. */
static int inside(void (*act)(void))
{
	int pair[2], status;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid_t child = fork();
	if (child == 0) {
		struct err err;
		dup2(pair[1], FD);
		if (!sandbox_enter(FD, &err))
			_exit(REFUSED);
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(pair[0]);
	close(pair[1]);
	return status;
}

static void dies_of(void (*act)(void))
{
	int status = inside(act);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void computing_and_speaking_are_allowed(void **state)
{
	(void)state;
	assert_int_equal(inside(compute), 0);
	assert_int_equal(inside(speak), 0);
}

static void everything_else_kills(void **state)
{
	(void)state;
	if (!SANITIZED)
		dies_of(open_file);
	dies_of(open_socket);
	dies_of(run_program);
	dies_of(make_process);
	dies_of(trace_parent);
	dies_of(write_elsewhere);
	dies_of(map_code);
}

static void memory_has_an_end(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	int status = inside(take_memory);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(computing_and_speaking_are_allowed),
	    cmocka_unit_test(everything_else_kills),
	    cmocka_unit_test(memory_has_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
