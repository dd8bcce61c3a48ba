#include "authority/http.h"

#include "base/log.h"
#include "base/text.h"

#include <civetweb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	/* A gateway asks seldom; more at a time wait. */
	THREADS = 4,
	REPLY_MAX = 2 << 20, /* a full list of revoked certificates is under 1 MiB */
};

struct http {
	struct http_options options;
	struct mg_context *server;
	int port;
	pthread_mutex_t lock;
};

static const char *header(const struct mg_request_info *info, const char *name)
{
	for (int i = 0; i < info->num_headers; i++)
		if (strcasecmp(info->http_headers[i].name, name) == 0)
			return info->http_headers[i].value;
	return "";
}

static int count_headers(const struct mg_request_info *info, const char *name)
{
	int count = 0;
	for (int i = 0; i < info->num_headers; i++)
		count += strcasecmp(info->http_headers[i].name, name) == 0;
	return count;
}

/* Nothing that two servers could understand in two ways. */
static bool read_body(struct mg_connection *connection, struct buf *body, struct err *err)
{
	const struct mg_request_info *info = mg_get_request_info(connection);
	const char *length = header(info, "Content-Length");
	int64_t size = 0;
	char chunk[2048];
	if (count_headers(info, "Transfer-Encoding") || count_headers(info, "Content-Length") > 1 ||
	    (*length && (strspn(length, "0123456789") != strlen(length) || !text_to_i64(length, &size))))
		return err_set(err, ERR_BAD_INPUT, "the length of the body is not one number");
	if (size > HTTP_BODY_MAX)
		return err_set(err, ERR_TOO_LARGE, "a request has at most %d bytes", HTTP_BODY_MAX);
	while ((int64_t)body->size < size) {
		int got = mg_read(connection, chunk, sizeof chunk);
		if (got <= 0)
			return err_set(err, ERR_BAD_INPUT, "the body is not complete");
		buf_add(body, chunk, (size_t)got);
	}
	if (body->size && memchr(body->data, 0, body->size))
		return err_set(err, ERR_BAD_INPUT, "the body is not a text");
	return buf_ok(body, err);
}

static void fill_error(struct http_reply *reply, const struct err *err)
{
	reply->status = err_http_status(err->code);
	const char *sentence = reply->status == 500 ? err_sentence(err->code) : err->detail;
	if (reply->status == 500)
		log_line(LOG_ERROR, "%s: %s", err_name(err->code), err->detail);
	json_decref(reply->value);
	reply->type = NULL;
	reply->value =
	    json_pack("{s:{s:s, s:s}}", "error", "code", err_name(err->code), "sentence", sentence);
}

static void send_reply(struct mg_connection *connection, struct http_reply *reply)
{
	static const char fallback[] = "{\"error\":{\"code\":\"no-memory\",\"sentence\":\"out of memory\"}}";
	OWN(free) char *json = reply->value ? json_dumps(reply->value, JSON_COMPACT) : NULL;
	const char *body = json;
	if (!body)
		body = reply->type ? buf_text(&reply->text) : fallback;
	mg_printf(connection,
	    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
	    "Connection: close\r\n\r\n",
	    reply->status, reply->status < 300 ? "OK" : "Refused",
	    reply->type ? reply->type : "application/json", strlen(body));
	mg_write(connection, body, strlen(body));
}

static int on_request(struct mg_connection *connection)
{
	struct http *http = mg_get_user_context_data(connection);
	const struct mg_request_info *info = mg_get_request_info(connection);
	OWN(buf_done) struct buf body = BUF_INIT(HTTP_BODY_MAX + 1);
	struct http_reply reply = {.status = 200, .text = BUF_INIT(REPLY_MAX)};
	struct err err;
	bool ok = read_body(connection, &body, &err);
	if (ok) {
		const struct http_request request = {
		    .method = info->request_method,
		    .path = info->local_uri_raw ? info->local_uri_raw : "",
		    .body = buf_text(&body),
		    .verify = header(info, "X-Client-Verify"),
		    .subject = header(info, "X-Client-Subject"),
		    .serial = header(info, "X-Client-Serial"),
		    .secret = header(info, "X-Daybreak-Gateway"),
		};
		pthread_mutex_lock(&http->lock);
		ok = http->options.answer(&request, &reply, http->options.context, &err);
		pthread_mutex_unlock(&http->lock);
	}
	if (!ok)
		fill_error(&reply, &err);
	send_reply(connection, &reply);
	json_decref(reply.value);
	buf_done(&reply.text);
	return reply.status;
}

static int on_log(const struct mg_connection *connection, const char *message)
{
	if (!connection)
		log_line(LOG_ERROR, "http: %s", message);
	return 1;
}

bool http_start(const struct http_options *options, struct http **ret_http, struct err *err)
{
	OWN(http_stop) struct http *http = calloc(1, sizeof *http);
	if (!http)
		return err_set(err, ERR_NO_MEMORY, "starting HTTP");
	http->options = *options;
	pthread_mutex_init(&http->lock, NULL);
	char address[32], threads[8];
	snprintf(address, sizeof address, "127.0.0.1:%d", options->port);
	snprintf(threads, sizeof threads, "%d", THREADS);
	const char *settings[] = {"listening_ports", address, "num_threads", threads, "request_timeout_ms",
	    "15000", "enable_keep_alive", "no", "decode_url", "no", "enable_directory_listing", "no",
	    "enable_auth_domain_check", "no", "access_control_allow_origin", "", NULL};
	const struct mg_callbacks callbacks = {.begin_request = on_request, .log_message = on_log};
	mg_init_library(MG_FEATURES_DEFAULT);
	http->server = mg_start(&callbacks, http, settings);
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
	if (http->server)
		mg_stop(http->server);
	mg_exit_library();
	pthread_mutex_destroy(&http->lock);
	free(http);
}

int http_port(const struct http *http)
{
	return http->port;
}
