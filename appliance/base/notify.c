#include "base/notify.h"

#include "base/own.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* One datagram to a socket whose path systemd gave: too little to load its library for. */
void notify_say(const char *lines)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	if (!path || !text_copy(address.sun_path, sizeof address.sun_path, path))
		return;
	/* "@" stands for the zero byte of an abstract name. */
	if (address.sun_path[0] == '@')
		address.sun_path[0] = 0;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	OWN(fd_close) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		sendto(fd, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
}

int64_t notify_watchdog_ms(void)
{
	const char *time = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
	int64_t time_us, id;
	if (!time || !text_to_i64(time, &time_us) || time_us <= 0)
		return 0;
	/* Meant for another process, which handed its environment on. */
	if (process && (!text_to_i64(process, &id) || id != getpid()))
		return 0;
	return time_us / 1000;
}
