#include "serve/http.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "serve/fields.h"
#include "serve/refusals.h"

#include <civetweb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	/* All headers of one request: a cookie, a few tags; nginx limits them to 8 KiB as well. */
	HEADERS_MAX = 16384,
	REPLY_HEADERS_MAX = 4096,
	/* Memory of one request besides its reply. */
	ARENA_MAX = 4 << 20,
	/* A board of 40 patients is under 2 MiB; an embryo of 800 runs under 1. */
	REPLY_JSON_MAX = 32 << 20,
	/* Read and thrown away after a reply to a client that is still sending. */
	DRAIN_MAX = 4 << 20,
};

/* Sent with every reply. The pages are our own files and our own pictures, nothing else: no other origin may load
 * anything from us, frame us or be loaded by us. */
static const char security_headers[] =
    "Content-Security-Policy: default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Connection: close\r\n";

struct http {
	struct http_options options;
	struct mg_context *server;
	int port;
	atomic_bool stopping;
};

struct block {
	struct block *next;
	max_align_t data[];
};

struct request {
	struct mg_connection *connection;
	const struct mg_request_info *info;
	struct http *http;
	struct block *blocks;
	size_t taken;
	struct buf headers; /* of the reply, added by the handler */
	bool body_ended;
	int status;
};

/* The server */

static int count_headers(const struct mg_request_info *info, const char *name)
{
	int count = 0;
	for (int i = 0; i < info->num_headers; i++)
		count += strcasecmp(info->http_headers[i].name, name) == 0;
	return count;
}

/* What a proxy and a server could understand in two ways; NULL when there is nothing of the kind. */
static const char *ambiguity(const struct request *request)
{
	const struct mg_request_info *info = request->info;
	const char *length = request_header(request, "Content-Length");
	const char *coding = request_header(request, "Transfer-Encoding");
	/* civetweb drops the headers that do not fit its table. */
	if (info->num_headers >= MG_MAX_HEADERS)
		return "too many headers";
	if (count_headers(info, "Content-Length") > 1 || (length && !fields_is_digits(length)))
		return "Content-Length is not one number";
	if (count_headers(info, "Transfer-Encoding") > 1 || (coding && strcasecmp(coding, "chunked") != 0))
		return "Transfer-Encoding is something else than chunked";
	if (length && coding)
		return "Content-Length and Transfer-Encoding together";
	if (count_headers(info, "Host") > 1)
		return "more than one Host";
	if (!info->request_uri || !info->local_uri_raw || !fields_path_is_plain(info->request_uri) ||
	    strcmp(info->request_uri, info->local_uri_raw) != 0)
		return "the path is not plain";
	return NULL;
}

/* After the reply: closing on unread bytes would reset the connection, and the client might never see why. */
static void drain(struct request *request)
{
	char scrap[4096];
	for (size_t total = 0; total < DRAIN_MAX;) {
		int64_t got = request_read(request, scrap, sizeof scrap);
		if (got <= 0)
			return;
		total += (size_t)got;
	}
}

static int on_request(struct mg_connection *connection)
{
	struct http *http = mg_get_user_context_data(connection);
	struct request request = {
	    .connection = connection,
	    .info = mg_get_request_info(connection),
	    .http = http,
	    .headers = BUF_INIT(REPLY_HEADERS_MAX),
	};
	const char *problem = ambiguity(&request);
	if (problem) {
		struct err err;
		err_set(&err, ERR_BAD_INPUT, "%s", problem);
		/* Where the body ends is not known, so none of it is read. */
		request.body_ended = true;
		reply_error(&request, &err);
	} else {
		http->options.answer(&request, http->options.context);
	}
	if (!request.status) {
		struct err err;
		err_set(&err, ERR_INTERNAL, "a handler gave no answer");
		reply_error(&request, &err);
	}
	drain(&request);
	buf_done(&request.headers);
	while (request.blocks) {
		struct block *next = request.blocks->next;
		free(request.blocks);
		request.blocks = next;
	}
	return request.status;
}

/* What civetweb refuses by itself (no HTTP, too long a head) is answered in our form too. */
static int on_error(struct mg_connection *connection, int status, const char *message)
{
	(void)message;
	static const char body[] = "{\"error\":{\"code\":\"bad-input\",\"message\":\"not a valid HTTP request\"}}";
	mg_printf(connection, "HTTP/1.1 %d Error\r\n%sContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    status, security_headers, sizeof body - 1, body);
	return 0;
}

/* Messages about a request may quote it, and a file name may be a patient's: only the server's own are logged. */
static int on_log(const struct mg_connection *connection, const char *message)
{
	if (!connection)
		log_line(LOG_ERROR, "http: %s", message);
	return 1;
}

bool http_start(const struct http_options *options, struct http **ret_http, struct err *err)
{
	OWN(free) struct http *http = calloc(1, sizeof *http);
	if (!http)
		return err_set(err, ERR_NO_MEMORY, "starting HTTP");
	http->options = *options;
	char address[32], threads[16], head[16];
	snprintf(address, sizeof address, "127.0.0.1:%d", options->port);
	snprintf(threads, sizeof threads, "%d", options->threads);
	snprintf(head, sizeof head, "%d", HEADERS_MAX);
	const char *settings[] = {
	    "listening_ports", address, "num_threads", threads, "max_request_size", head,
	    /* A client that stalls gives its worker back. */
	    "request_timeout_ms", "30000", "enable_keep_alive", "no", "linger_timeout_ms", "2000",
	    "tcp_nodelay", "1", "decode_url", "no", "enable_directory_listing", "no",
	    "enable_auth_domain_check", "no", "access_control_allow_origin", "", NULL};
	const struct mg_callbacks callbacks = {
	    .begin_request = on_request,
	    .http_error = on_error,
	    .log_message = on_log,
	};
	/* No feature but the plain one: TLS is nginx's. */
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
	atomic_store(&http->stopping, true);
	mg_stop(http->server);
	mg_exit_library();
	free(http);
}

int http_port(const struct http *http)
{
	return http->port;
}

/* The request */

const char *request_method(const struct request *request)
{
	return request->info->request_method;
}

const char *request_path(const struct request *request)
{
	return request->info->local_uri_raw;
}

const char *request_header(const struct request *request, const char *name)
{
	for (int i = 0; i < request->info->num_headers; i++)
		if (strcasecmp(request->info->http_headers[i].name, name) == 0)
			return request->info->http_headers[i].value;
	return NULL;
}

enum language request_language(const struct request *request)
{
	const char *wanted = request_header(request, "Accept-Language");
	return wanted && text_starts(wanted, language_name(LANGUAGE_FR)) ? LANGUAGE_FR : LANGUAGE_EN;
}

const char *request_address(const struct request *request)
{
	const char *address = request_header(request, "X-Real-IP");
	return address ? address : request->info->remote_addr;
}

const char *request_cookie(struct request *request, const char *name)
{
	const char *header = request_header(request, "Cookie");
	char *value = header ? request_alloc(request, strlen(header) + 1) : NULL;
	if (!value || !fields_cookie(header, name, value, strlen(header) + 1))
		return NULL;
	return value;
}

const char *request_query(struct request *request, const char *name)
{
	const char *query = request->info->query_string;
	char *value = query ? request_alloc(request, strlen(query) + 1) : NULL;
	if (!value || !fields_query(query, name, value, strlen(query) + 1) || !text_is_plain(value))
		return NULL;
	return value;
}

bool request_is_stopping(const struct request *request)
{
	return atomic_load(&request->http->stopping);
}

void *request_alloc(struct request *request, size_t size)
{
	if (size > ARENA_MAX - request->taken)
		return NULL;
	struct block *block = calloc(1, sizeof *block + size);
	if (!block)
		return NULL;
	request->taken += size;
	block->next = request->blocks;
	request->blocks = block;
	return block->data;
}

int64_t request_length(const struct request *request)
{
	if (request_header(request, "Transfer-Encoding"))
		return -1;
	const char *length = request_header(request, "Content-Length");
	int64_t value = 0;
	return length && text_to_i64(length, &value) ? value : 0;
}

int64_t request_read(struct request *request, void *to, size_t size)
{
	if (request->body_ended || request_length(request) == 0)
		return 0;
	int got = mg_read(request->connection, to, size);
	if (got <= 0)
		request->body_ended = true;
	return got;
}

/* The announced length is known to be within the limit; a body in chunks is not. */
static bool read_body(struct request *request, struct buf *body, struct err *err)
{
	char chunk[4096];
	int64_t got;
	while ((got = request_read(request, chunk, sizeof chunk)) > 0) {
		buf_add(body, chunk, (size_t)got);
		if (!buf_ok(body, NULL))
			return err_set(err, ERR_TOO_LARGE, "a request has at most %d bytes", LIMIT_REQUEST_BODY);
	}
	if (got < 0 || (request_length(request) >= 0 && (int64_t)body->size != request_length(request)))
		return err_set(err, ERR_BAD_INPUT, "the body is not complete");
	return true;
}

bool request_json(struct request *request, json_t **ret_value, struct err *err)
{
	if (request_length(request) > LIMIT_REQUEST_BODY)
		return err_set(err, ERR_TOO_LARGE, "a request has at most %d bytes", LIMIT_REQUEST_BODY);
	const char *type = request_header(request, "Content-Type");
	if (!type || strncasecmp(type, "application/json", strlen("application/json")) != 0)
		return err_set(err, ERR_UNSUPPORTED, "the body is to be application/json");
	OWN(buf_done) struct buf body = BUF_INIT(LIMIT_REQUEST_BODY);
	OWN(json_decref) json_t *value = NULL;
	if (!read_body(request, &body, err))
		return false;
	if (!body.size)
		return err_set(err, ERR_BAD_INPUT, "the body is empty");
	if (!json_parse((const char *)body.data, body.size, &value, err))
		return false;
	if (!json_is_object(value))
		return err_set(err, ERR_BAD_INPUT, "the body is to be a JSON object");
	*ret_value = TAKE(value);
	return true;
}

/* The reply */

void reply_header(struct request *request, const char *name, const char *value)
{
	if (!strpbrk(value, "\r\n"))
		buf_print(&request->headers, "%s: %s\r\n", name, value);
}

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} table[] = {
	    {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {304, "Not Modified"},
	    {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
	    {405, "Method Not Allowed"}, {409, "Conflict"}, {413, "Content Too Large"},
	    {415, "Unsupported Media Type"}, {422, "Unprocessable Content"}, {429, "Too Many Requests"},
	    {500, "Internal Server Error"}, {503, "Service Unavailable"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].status == status)
			return table[i].text;
	return "Other";
}

/* length < 0: not known, the connection's end is the reply's. */
static bool send_head(struct request *request, int status, const char *type, int64_t length)
{
	OWN(buf_done) struct buf head = BUF_INIT(2 * REPLY_HEADERS_MAX);
	buf_print(&head, "HTTP/1.1 %d %s\r\n%s", status, reason(status), security_headers);
	if (type)
		buf_print(&head, "Content-Type: %s\r\n", type);
	if (length >= 0)
		buf_print(&head, "Content-Length: %lld\r\n", (long long)length);
	buf_add(&head, request->headers.data, request->headers.size);
	buf_print(&head, "\r\n");
	request->status = status;
	return buf_ok(&head, NULL) && mg_write(request->connection, head.data, head.size) > 0;
}

void reply_bytes(struct request *request, int status, const char *type, const void *data, size_t size)
{
	bool wants_body = strcmp(request_method(request), "HEAD") != 0;
	if (send_head(request, status, type, (int64_t)size) && size && wants_body)
		mg_write(request->connection, data, size);
}

void reply_nothing(struct request *request, int status)
{
	send_head(request, status, NULL, -1);
}

static int add_to_buf(const char *data, size_t size, void *context)
{
	buf_add(context, data, size);
	return 0;
}

void reply_json(struct request *request, int status, json_t *value)
{
	OWN(json_decref) json_t *owned = value;
	OWN(buf_done) struct buf text = BUF_INIT(REPLY_JSON_MAX);
	struct err err;
	if (!owned || json_dump_callback(owned, add_to_buf, &text, JSON_COMPACT | JSON_ENCODE_ANY) != 0 ||
	    !buf_ok(&text, NULL)) {
		err_set(&err, ERR_NO_MEMORY, "writing the reply");
		reply_error(request, &err);
		return;
	}
	reply_header(request, "Cache-Control", "no-store");
	reply_bytes(request, status, "application/json", text.data, text.size);
}

void reply_error(struct request *request, const struct err *err)
{
	int status = err_http_status(err->code);
	const char *message = err->detail;
	/* What broke inside goes to the log; a browser is told what kind it was. */
	if (status == 500) {
		log_line(LOG_ERROR, "http: %s: %s", err_name(err->code), err->detail);
		message = err_sentence(err->code);
	}
	char told[REFUSAL_SIZE];
	refusals_tell(request_language(request), err->code, message, told, sizeof told);
	OWN(json_decref) json_t *value =
	    json_pack("{s:{s:s, s:s}}", "error", "code", err_name(err->code), "message", told);
	OWN(free) char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
	static const char fallback[] = "{\"error\":{\"code\":\"internal\",\"message\":\"no message\"}}";
	reply_header(request, "Cache-Control", "no-store");
	if (err_retry(err->code) && status != 500)
		reply_header(request, "Retry-After", "2");
	reply_bytes(request, status, "application/json", text ? text : fallback,
	    strlen(text ? text : fallback));
}

bool reply_begin(struct request *request, const char *type)
{
	return send_head(request, 200, type, -1);
}

bool reply_write(struct request *request, const void *data, size_t size)
{
	return mg_write(request->connection, data, size) > 0;
}

int reply_status(const struct request *request)
{
	return request->status;
}
