/* One question to the daemon: its answer, or a sentence of why there is none. */
#include "unit/unit.h"

#include "base/loopback.h"

#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct err err;

struct server {
	int fd, port;
	const char *answer; /* NULL: takes the question and is silent */
	char question[1024];
	pthread_t thread;
};

static void *serve_one(void *context)
{
	struct server *server = context;
	OWN(fd_close) int fd = accept(server->fd, NULL, NULL);
	ssize_t got = recv(fd, server->question, sizeof server->question - 1, 0);
	if (got > 0 && server->answer)
		send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL);
	if (!server->answer)
		usleep(600000);
	return NULL;
}

static void server_start(struct server *server, const char *answer)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof address;
	*server = (struct server){.answer = answer, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->fd, 1), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve_one, server), 0);
}

static void server_end(struct server *server)
{
	pthread_join(server->thread, NULL);
	close(server->fd);
}

static void loopback_brings_status_and_body(void **state)
{
	(void)state;
	struct server server;
	OWN(buf_done) struct buf body = BUF_INIT(100);
	int status;
	server_start(&server, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}");
	must(loopback_get(server.port, "/api/health", "0123456789abcdef", 5000, &body, &status, &err));
	server_end(&server);
	assert_int_equal(status, 503);
	assert_string_equal(buf_text(&body), "{}");
	assert_non_null(strstr(server.question, "GET /api/health HTTP/1.1\r\n"));
	assert_non_null(strstr(server.question, "X-Daybreak-Proxy: 0123456789abcdef\r\n"));
}

static void loopback_tells_what_is_wrong(void **state)
{
	(void)state;
	static const char *const answers[] = {"", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200 OK\r\nno end of it", "HTTP/1.1\r\n\r\n"};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct server server;
		OWN(buf_done) struct buf body = BUF_INIT(100);
		int status = -1;
		server_start(&server, answers[i]);
		must_fail(loopback_get(server.port, "/", "s", 5000, &body, &status, &err), ERR_UNAVAILABLE);
		server_end(&server);
		assert_int_equal(status, -1);
	}
}

static void loopback_waits_only_so_long(void **state)
{
	(void)state;
	struct server server;
	OWN(buf_done) struct buf body = BUF_INIT(100);
	int status;
	server_start(&server, NULL);
	must_fail(loopback_get(server.port, "/", "s", 100, &body, &status, &err), ERR_UNAVAILABLE);
	server_end(&server);
	must_fail(loopback_get(server.port, "/", "s", 100, &body, &status, &err), ERR_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loopback_brings_status_and_body),
	    cmocka_unit_test(loopback_tells_what_is_wrong),
	    cmocka_unit_test(loopback_waits_only_so_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
