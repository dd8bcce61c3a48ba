#include "function/http.h"

#include "base/clock.h"
#include "base/text.h"
#include "function/journal.h"

#include <civetweb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	/* All headers of one request; gateways limit them to 8 KiB. */
	HEAD_MAX = 16384,
	/* Threads beside those that read batches: for 429, version and health. */
	THREADS_SPARE = 8,
	/* Read and thrown away after a reply to a client that is still sending. */
	DRAIN_MAX = 2 * CALL_BODY_MAX,
	/* Replies are small: what takes longer is a client that does not read. */
	FINISH_MS = 1000,
	FINISH_STEP_MS = 5,
};

struct http {
	struct function *function;
	struct mg_context *server;
	int port;
	atomic_int answering; /* requests whose reply is not all sent */
};

struct source {
	struct mg_connection *connection;
	const struct mg_request_info *info;
	bool ended;
};

static const char *header(const struct mg_request_info *info, const char *name, int *ret_count)
{
	const char *value = NULL;
	*ret_count = 0;
	for (int i = 0; i < info->num_headers; i++) {
		if (strcasecmp(info->http_headers[i].name, name) != 0)
			continue;
		value = info->http_headers[i].value;
		++*ret_count;
	}
	return value;
}

/* What a proxy and a server could understand in two ways. */
static bool check_framing(const struct mg_request_info *info, struct err *err)
{
	int lengths, codings;
	const char *length = header(info, "Content-Length", &lengths);
	const char *coding = header(info, "Transfer-Encoding", &codings);
	/* civetweb drops the headers that do not fit its table. */
	if (info->num_headers >= MG_MAX_HEADERS)
		return err_set(err, ERR_BAD_INPUT, "too many headers");
	if (lengths > 1 || (length && (!*length || length[strspn(length, "0123456789")])))
		return err_set(err, ERR_BAD_INPUT, "Content-Length is not one number");
	if (codings > 1 || (coding && strcasecmp(coding, "chunked") != 0))
		return err_set(err, ERR_BAD_INPUT, "Transfer-Encoding is something else than chunked");
	if (length && coding)
		return err_set(err, ERR_BAD_INPUT, "Content-Length and Transfer-Encoding together");
	return true;
}

static int read_some(struct source *source, void *to, size_t size)
{
	if (source->ended)
		return 0;
	int got = mg_read(source->connection, to, size);
	source->ended = got <= 0;
	return got;
}

static bool read_body(void *context, struct buf *to, struct err *err)
{
	struct source *source = context;
	int count, got;
	const char *length_text = header(source->info, "Content-Length", &count);
	const char *expect = header(source->info, "Expect", &count);
	int64_t length = 0;
	char chunk[16384];
	if (length_text && (!text_to_i64(length_text, &length) || length > CALL_BODY_MAX))
		return err_set(err, ERR_TOO_LARGE, "a batch has at most %d bytes", CALL_BODY_MAX);
	if (expect && strcasecmp(expect, "100-continue") == 0)
		mg_printf(source->connection, "HTTP/1.1 100 Continue\r\n\r\n");
	while ((got = read_some(source, chunk, sizeof chunk)) > 0) {
		buf_add(to, chunk, (size_t)got);
		if (!buf_ok(to, NULL))
			return err_set(err, ERR_TOO_LARGE, "a batch has at most %d bytes", CALL_BODY_MAX);
	}
	if (got < 0 || (length_text && to->size != (size_t)length))
		return err_set(err, ERR_BAD_INPUT, "the body is not complete");
	return true;
}

/* After the reply: closing on unread bytes would reset the connection, and the client might never see why. */
static void drain(struct source *source)
{
	char scrap[16384];
	int got;
	for (size_t total = 0; total < DRAIN_MAX && (got = read_some(source, scrap, sizeof scrap)) > 0;)
		total += (size_t)got;
}

static void send_reply(struct mg_connection *connection, const struct reply *reply)
{
	OWN(buf_done) struct buf head = BUF_INIT(4096);
	buf_print(&head,
	    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n",
	    reply->status, mg_get_response_code_text(connection, reply->status), reply->type,
	    reply->body.size);
	for (size_t i = 0; i < reply->headers_count; i++)
		buf_print(&head, "%s: %s\r\n", reply->headers[i].name, reply->headers[i].value);
	buf_print(&head, "\r\n");
	if (buf_ok(&head, NULL) && mg_write(connection, head.data, head.size) > 0)
		mg_write(connection, reply->body.data, reply->body.size);
}

static bool take_call(struct source *source, struct call *ret_call, struct err *err)
{
	const struct mg_request_info *info = source->info;
	struct call call = {.method = info->request_method,
	    .path = info->local_uri_raw ? info->local_uri_raw : "",
	    .body = read_body,
	    .context = source};
	if (!check_framing(info, err)) {
		/* Where the body ends is not known, so none of it is read. */
		source->ended = true;
		return false;
	}
	for (int i = 0; i < info->num_headers; i++)
		if (!call_take_header(&call, info->http_headers[i].name, info->http_headers[i].value, err))
			return false;
	*ret_call = call;
	return true;
}

static int on_request(struct mg_connection *connection)
{
	struct http *http = mg_get_user_context_data(connection);
	struct source source = {.connection = connection, .info = mg_get_request_info(connection)};
	OWN(reply_done) struct reply reply = REPLY_INIT;
	struct call call;
	struct err err;
	atomic_fetch_add(&http->answering, 1);
	if (take_call(&source, &call, &err))
		function_answer(http->function, &call, &reply);
	else
		reply_error(&reply, &err);
	send_reply(connection, &reply);
	atomic_fetch_sub(&http->answering, 1);
	drain(&source);
	return reply.status;
}

/* What civetweb refuses by itself (no HTTP, too long a head) is answered in our form too. */
static int on_error(struct mg_connection *connection, int status, const char *message)
{
	(void)message;
	static const char body[] =
	    "{\"error\":{\"code\":\"bad-input\",\"sentence\":\"not a valid HTTP request\"}}";
	mg_printf(connection,
	    "HTTP/1.1 %d Error\r\nConnection: close\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    status, sizeof body - 1, body);
	return 0;
}

/* Messages about a request may quote it: only the server's own are logged. */
static int on_log(const struct mg_connection *connection, const char *message)
{
	if (!connection)
		journal_line("ERROR", "http", json_pack("{s:s}", "sentence", message));
	return 1;
}

bool http_start(
    const struct settings *settings, struct function *function, struct http **ret_http, struct err *err)
{
	OWN(free) struct http *http = calloc(1, sizeof *http);
	if (!http)
		return err_set(err, ERR_NO_MEMORY, "starting HTTP");
	http->function = function;
	char address[128], threads[16], head[16];
	snprintf(address, sizeof address, "%.100s:%d", settings->listen, settings->port);
	snprintf(threads, sizeof threads, "%d", settings->concurrency + THREADS_SPARE);
	snprintf(head, sizeof head, "%d", HEAD_MAX);
	const char *options[] = {
	    "listening_ports", address, "num_threads", threads, "max_request_size", head,
	    /* A client that stalls gives its place back. */
	    "request_timeout_ms", "30000", "enable_keep_alive", "no", "linger_timeout_ms", "2000",
	    "tcp_nodelay", "1", "decode_url", "no", "enable_directory_listing", "no",
	    "enable_auth_domain_check", "no", "access_control_allow_origin", "", NULL};
	const struct mg_callbacks callbacks = {
	    .begin_request = on_request, .http_error = on_error, .log_message = on_log};
	/* No feature but the plain one: TLS is the gateway's. */
	mg_init_library(MG_FEATURES_DEFAULT);
	http->server = mg_start(&callbacks, http, options);
	if (!http->server)
		return err_set(err, ERR_UNAVAILABLE, "cannot listen on %s", address);
	struct mg_server_port ports[1] = {{0}};
	mg_get_server_ports(http->server, 1, ports);
	http->port = ports[0].port;
	*ret_http = TAKE(http);
	return true;
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	/* Once it stops, civetweb cuts off what is being written. */
	int64_t end_us = clock_monotonic_us() + FINISH_MS * INT64_C(1000);
	while (atomic_load(&http->answering) && clock_monotonic_us() < end_us)
		clock_sleep_ms(FINISH_STEP_MS);
	mg_stop(http->server);
	mg_exit_library();
	free(http);
}

int http_port(const struct http *http)
{
	return http->port;
}
