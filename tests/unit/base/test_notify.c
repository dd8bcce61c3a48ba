/* What a service says to systemd arrives as one datagram, and where nobody listens nothing happens. */
#include "unit/unit.h"

#include "base/notify.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct err err;

static int listen_at(const struct sockaddr_un *address, socklen_t size)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)address, size), 0);
	return fd;
}

static void hears(int fd, const char *expected)
{
	char text[256] = "";
	ssize_t got = recv(fd, text, sizeof text - 1, 0);
	assert_int_equal(got, (ssize_t)strlen(expected));
	assert_string_equal(text, expected);
}

static void notify_says_it_to_a_path(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	must(path_join(address.sun_path, sizeof address.sun_path, *state, "notify"));
	OWN(fd_close) int fd = listen_at(&address, sizeof address);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	notify_say("READY=1\nSTATUS=answers");
	hears(fd, "READY=1\nSTATUS=answers");
}

static void notify_says_it_to_an_abstract_name(void **state)
{
	(void)state;
	char name[64];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(name, sizeof name, "@daybreak-test-%d", (int)getpid());
	memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
	OWN(fd_close) int fd = listen_at(&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name)));
	setenv("NOTIFY_SOCKET", name, 1);
	notify_say("WATCHDOG=1");
	hears(fd, "WATCHDOG=1");
}

static void notify_is_silent_where_nobody_listens(void **state)
{
	(void)state;
	char long_path[200];
	memset(long_path, 'x', sizeof long_path - 1);
	long_path[sizeof long_path - 1] = 0;
	const char *nowhere[] = {"", "/nowhere/notify", long_path};
	for (size_t i = 0; i < 3; i++) {
		setenv("NOTIFY_SOCKET", nowhere[i], 1);
		notify_say("READY=1");
	}
	unsetenv("NOTIFY_SOCKET");
	notify_say("READY=1");
}

static void notify_watchdog_is_for_this_process(void **state)
{
	(void)state;
	char process[32];
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(notify_watchdog_ms(), 60000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	snprintf(process, sizeof process, "%d", (int)getpid());
	setenv("WATCHDOG_PID", process, 1);
	assert_int_equal(notify_watchdog_ms(), 60000);
	setenv("WATCHDOG_USEC", "soon", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(notify_says_it_to_a_path, folder_setup, folder_teardown),
	    cmocka_unit_test(notify_says_it_to_an_abstract_name),
	    cmocka_unit_test(notify_is_silent_where_nobody_listens),
	    cmocka_unit_test(notify_watchdog_is_for_this_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
