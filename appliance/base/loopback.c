#include "base/loopback.h"

#include "base/limits.h"
#include "base/own.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER_MAX = 1 << 20, PIECE = 4096 };

static bool dial(int port, int wait_ms, int *ret_fd, struct err *err)
{
	OWN(fd_close) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0)
		return err_errno(err, "opening a socket");
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		return err_set(err, ERR_UNAVAILABLE, "nobody answers at 127.0.0.1:%d", port);
	*ret_fd = fd;
	fd = -1;
	return true;
}

/* All of it, to the end of the connection. */
static bool collect(int fd, struct buf *answer, struct err *err)
{
	char piece[PIECE];
	for (;;) {
		ssize_t got = read(fd, piece, sizeof piece);
		if (got < 0)
			return err_set(err, ERR_UNAVAILABLE, "what listens there does not answer in time");
		if (got == 0)
			return buf_ok(answer, err);
		buf_add(answer, piece, (size_t)got);
	}
}

/* "HTTP/1.1 200 OK", headers, an empty line, the body. */
static bool take_apart(struct buf *answer, struct buf *to, int *ret_status, struct err *err)
{
	const char *text = buf_text(answer), *body = strstr(text, "\r\n\r\n");
	char digits[4];
	int64_t status;
	bool is_http = strncmp(text, "HTTP/1.", 7) == 0 && strlen(text) > 12 && body;
	if (is_http)
		snprintf(digits, sizeof digits, "%.3s", text + 9);
	if (!is_http || !text_to_i64(digits, &status))
		return err_set(err, ERR_UNAVAILABLE, "what listens there is not daybreakd");
	buf_add(to, body + 4, answer->size - (size_t)(body + 4 - text));
	if (!buf_ok(to, err))
		return false;
	*ret_status = (int)status;
	return true;
}

bool loopback_get(int port, const char *path, const char *proxy_secret, int wait_ms, struct buf *to, int *ret_status,
    struct err *err)
{
	OWN(buf_done) struct buf answer = BUF_INIT(ANSWER_MAX);
	OWN(buf_done) struct buf request = BUF_INIT(LIMIT_PATH);
	OWN(fd_close) int fd = -1;
	buf_print(&request,
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nX-Real-IP: 127.0.0.1\r\nX-Daybreak-Proxy: %s\r\nConnection: close\r\n\r\n",
	    path, proxy_secret);
	if (!buf_ok(&request, err) || !dial(port, wait_ms, &fd, err))
		return false;
	/* A question that short goes in one piece. */
	if (send(fd, request.data, request.size, MSG_NOSIGNAL) != (ssize_t)request.size)
		return err_set(err, ERR_UNAVAILABLE, "what listens there takes no question");
	return collect(fd, &answer, err) && take_apart(&answer, to, ret_status, err);
}
