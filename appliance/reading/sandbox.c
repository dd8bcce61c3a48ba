#include "reading/sandbox.h"

#include <linux/close_range.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Sanitizers map terabytes of shadow memory and write their finding to stderr before they die. */
#ifdef DAYBREAK_SANITIZED
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static void release_owned(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

/* Memory, time and the end: what computing needs. */
static const int allowed_calls[] = {
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn),
};

/* The one descriptor it may speak on. */
static const int allowed_on_socket[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(close),
    SCMP_SYS(shutdown),
};

/* What the sanitizers' run time adds. */
static const int allowed_sanitized[] = {
    SCMP_SYS(mprotect),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(readlink),
    SCMP_SYS(openat),
    SCMP_SYS(getrusage),
};

static bool limit(int resource, rlim_t most, struct err *err)
{
	struct rlimit both = {most, most};
	return setrlimit((__rlimit_resource_t)resource, &both) == 0 ||
	       err_errno(err, "limiting resource %d", resource);
}

static bool close_others(int keep_fd, struct err *err)
{
	unsigned keep = (unsigned)keep_fd;
	unsigned first = SANITIZED ? 3 : 0;
	if (keep > first && close_range(first, keep - 1, 0) != 0)
		return err_errno(err, "closing descriptors");
	if (close_range(keep + 1, ~0U, 0) != 0)
		return err_errno(err, "closing descriptors");
	return true;
}

static bool allow_on(scmp_filter_ctx filter, int call, int fd)
{
	struct scmp_arg_cmp first_is_fd = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)fd};
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, first_is_fd) == 0;
}

/* malloc maps memory. Nothing of ours needs to run what it has written. */
static bool allow_memory(scmp_filter_ctx filter)
{
	struct scmp_arg_cmp not_executable = {
	    .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable) == 0;
}

static bool allow_calls(scmp_filter_ctx filter, int fd)
{
	bool ok = allow_memory(filter);
	for (size_t i = 0; i < sizeof allowed_calls / sizeof *allowed_calls; i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i], 0) == 0 && ok;
	for (size_t i = 0; i < sizeof allowed_on_socket / sizeof *allowed_on_socket; i++)
		ok = allow_on(filter, allowed_on_socket[i], fd) && ok;
	for (size_t i = 0; SANITIZED && i < sizeof allowed_sanitized / sizeof *allowed_sanitized; i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_sanitized[i], 0) == 0 && ok;
	if (SANITIZED)
		ok = allow_on(filter, SCMP_SYS(write), STDERR_FILENO) && ok;
	return ok;
}

static bool install_filter(int fd, struct err *err)
{
	__attribute__((cleanup(release_owned)))
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter || !allow_calls(filter, fd) || seccomp_load(filter) != 0)
		return err_set(err, ERR_UNAVAILABLE, "the kernel refuses the system call filter");
	return true;
}

bool sandbox_enter(int keep_fd, struct err *err)
{
	if (!close_others(keep_fd, err) || !limit(RLIMIT_CORE, 0, err) ||
	    !limit(RLIMIT_NOFILE, (rlim_t)keep_fd + 1, err) || !limit(RLIMIT_FSIZE, 0, err))
		return false;
	if (!SANITIZED && !limit(RLIMIT_AS, SANDBOX_MEMORY_BYTES, err))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_errno(err, "giving up privileges");
	return install_filter(keep_fd, err);
}
