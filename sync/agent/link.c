#include "agent/link.h"

#include "agent/uplink.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

#include <ctype.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
	CONNECT_MS = 10000,
	/* All batches to one peer on one connection, and a second one above that. */
	STREAMS_MAX = 32,
	OTHERS_MAX = 1024,
	/* A line that went dead without a word: bytes that nobody acknowledges for so long, or silence when
	 * asked, end it. Without this a connection that all batches share would keep them for a quarter of an
	 * hour. */
	LINE_DEAD_MS = 20000,
	LINE_ASK_S = 15,
	/* What is handed to curl at once under a cap: a TLS record. */
	CAPPED_PIECE = 16 << 10,
	LOOP_MS = 1000,
};

struct link_transfer {
	struct link *link;
	struct link_transfer *next;
	CURL *easy;
	struct curl_slist *headers;
	char reason[CURL_ERROR_SIZE];
	struct link_response response;
	const uint8_t *body;
	size_t body_size, body_at;
	int64_t body_moved; /* with what was sent again on a new connection */
	int64_t seq;        /* its row in the egress ledger */
	int64_t started_us, moved_us;
	int quiet_ms, limit_ms;
	bool paused, too_large;
	link_done *done;
	void *context;
	link_take *take;
	void *take_context;
	size_t taken, take_max;
};

struct link {
	struct ledger *ledger;
	CURLM *multi;
	struct link_transfer *first;
	int active;
	bool finished;           /* a transfer, in this turn */
	bool booking;            /* and the ledger is open for it */
	char *certificate, *key; /* PEM; NULL: none */
	struct uplink uplink;
	struct meter meter;
	size_t moved;            /* bytes of bodies since the last turn */
	int64_t turned_us;
	atomic_bool stopped;
};

void link_response_done(struct link_response *response)
{
	buf_done(&response->headers);
	buf_done(&response->body);
}

/* Headers are kept as name, end, value, end. */
const char *link_header(struct link_response *response, const char *name)
{
	if (response->headers.size == 0)
		return "";
	const char *at = (const char *)response->headers.data;
	const char *end = at + response->headers.size;
	while (at < end) {
		const char *value = at + strlen(at) + 1;
		if (strcasecmp(at, name) == 0)
			return value;
		at = value + strlen(value) + 1;
	}
	return "";
}

int64_t link_header_int(struct link_response *response, const char *name, int64_t fallback)
{
	int64_t value;
	return text_to_i64(link_header(response, name), &value) ? value : fallback;
}

static enum err_code code_of_status(int status)
{
	for (int code = ERR_NONE + 1; code < ERR_COUNT; code++)
		if (err_http_status(code) == status)
			return code;
	if (status == 401 || status == 407)
		return ERR_FORBIDDEN;
	return status >= 500 ? ERR_UNAVAILABLE : ERR_BAD_INPUT;
}

bool link_accepted(const struct link_response *response, struct err *err)
{
	if (response->err.code != ERR_NONE) {
		if (err)
			*err = response->err;
		return false;
	}
	if (response->status >= 200 && response->status < 300)
		return true;
	enum err_code code = code_of_status(response->status);
	OWN(json_decref) json_t *text = NULL;
	if (json_parse((const char *)response->body.data, response->body.size, &text, NULL)) {
		const json_t *error = json_object_get(text, "error");
		const char *sentence = json_text(error, "sentence", "");
		enum err_code named = err_named(json_text(error, "code", ""));
		if (*sentence && text_is_plain(sentence))
			return err_set(err, named != ERR_NONE ? named : code, "%s", sentence);
	}
	return err_set(err, code, "it answered HTTP %d: %s", response->status, err_sentence(code));
}

/* What curl calls */

static size_t give_body(char *to, size_t size, size_t count, void *context)
{
	struct link_transfer *transfer = context;
	struct link *link = transfer->link;
	size_t room = size * count, left = transfer->body_size - transfer->body_at;
	size_t want = left < room ? left : room;
	int64_t now_us = clock_monotonic_us();
	if (link->uplink.rate > 0 && want > CAPPED_PIECE)
		want = CAPPED_PIECE;
	/* No crumbs: a piece whole, or a pause. */
	if (want > 0 && uplink_wait_us(&link->uplink, want, now_us) > 0) {
		transfer->paused = true;
		return CURL_READFUNC_PAUSE;
	}
	want = uplink_take(&link->uplink, want, now_us);
	if (want > 0)
		memcpy(to, transfer->body + transfer->body_at, want);
	transfer->body_at += want;
	transfer->body_moved += (int64_t)want;
	transfer->moved_us = now_us;
	link->moved += want;
	return want;
}

/* A request begins, perhaps once more on another connection. curl 7.88 asks for the body from its start
 * (seek_body) only if some of it was sent; what it had merely taken when a stream was refused (GOAWAY) would
 * be missing. */
static int begin_body(void *context, char *to, char *from, int to_port, int from_port)
{
	struct link_transfer *transfer = context;
	(void)to, (void)from, (void)to_port, (void)from_port;
	transfer->body_at = 0;
	return CURL_PREREQFUNC_OK;
}

static int seek_body(void *context, curl_off_t offset, int origin)
{
	struct link_transfer *transfer = context;
	if (origin != SEEK_SET || offset < 0 || (size_t)offset > transfer->body_size)
		return CURL_SEEKFUNC_FAIL;
	transfer->body_at = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* Not kept but given on: what is larger than memory. */
static bool give_on(struct link_transfer *transfer, long status, const char *data, size_t length)
{
	transfer->response.status = (int)status;
	transfer->taken += length;
	transfer->too_large = transfer->taken > transfer->take_max;
	return !transfer->too_large &&
	    transfer->take(transfer->take_context, &transfer->response, data, length, &transfer->response.err);
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
	struct link_transfer *transfer = context;
	size_t length = size * count;
	long status = 0;
	transfer->moved_us = clock_monotonic_us();
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	if (transfer->take && status >= 200 && status < 300)
		return give_on(transfer, status, data, length) ? length : 0;
	buf_add(&transfer->response.body, data, length);
	if (buf_ok(&transfer->response.body, NULL))
		return length;
	transfer->too_large = true;
	return 0;
}

static size_t take_header(char *data, size_t size, size_t count, void *context)
{
	struct link_transfer *transfer = context;
	struct buf *headers = &transfer->response.headers;
	size_t length = size * count;
	transfer->moved_us = clock_monotonic_us();
	if (length > 5 && memcmp(data, "HTTP/", 5) == 0)
		buf_clear(headers); /* an answer to come after "100 Continue" */
	const char *colon = memchr(data, ':', length);
	if (!colon || memchr(data, 0, length))
		return length;
	const char *value = colon + 1, *end = data + length;
	while (value < end && isspace((unsigned char)*value))
		value++;
	while (end > value && isspace((unsigned char)end[-1]))
		end--;
	buf_add(headers, data, (size_t)(colon - data));
	buf_add_u8(headers, 0);
	buf_add(headers, value, (size_t)(end - value));
	buf_add_u8(headers, 0);
	if (buf_ok(headers, NULL))
		return length;
	transfer->too_large = true;
	return 0;
}

static int set_socket(void *context, curl_socket_t fd, curlsocktype kind)
{
	(void)context;
	(void)kind;
	unsigned dead_ms = LINE_DEAD_MS;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof dead_ms);
	return CURL_SOCKOPT_OK;
}

/* Starting */

static void free_transfer(struct link_transfer *transfer)
{
	if (transfer->easy)
		curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	link_response_done(&transfer->response);
	free(transfer);
}
OWN_DEFINE(struct link_transfer *, free_transfer)

static bool add_header(struct link_transfer *transfer, const char *line)
{
	struct curl_slist *longer = curl_slist_append(transfer->headers, line);
	if (longer)
		transfer->headers = longer;
	return longer != NULL;
}

static bool set_headers(struct link_transfer *transfer, const struct link_request *request)
{
	/* curl's own additions that would only tell more or cost a round trip are taken out. */
	bool ok = add_header(transfer, "Expect:") && add_header(transfer, "Accept: */*");
	for (int i = 0; ok && i < LINK_HEADERS_MAX && request->headers[i]; i++)
		ok = add_header(transfer, request->headers[i]);
	return ok && curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK;
}

/* The peer has to prove itself to the one authority of the request; we show our certificate unless told not
 * to. */
static bool set_trust(struct link_transfer *transfer, const struct link_request *request)
{
	CURL *easy = transfer->easy;
	const struct link *link = transfer->link;
	/* Debian's curl trusts /etc/ssl/certs besides the file unless the folder is taken away. */
	bool ok = curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L) == CURLE_OK;
	if (!ok || request->anonymous || !link->certificate)
		return ok;
	struct curl_blob certificate = {link->certificate, strlen(link->certificate), CURL_BLOB_COPY};
	struct curl_blob key = {link->key, strlen(link->key), CURL_BLOB_COPY};
	return curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key) == CURLE_OK;
}

static bool set_body(struct link_transfer *transfer, const struct link_request *request)
{
	CURL *easy = transfer->easy;
	if (!request->post)
		return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
	return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_READDATA, transfer) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, begin_body) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer) == CURLE_OK;
}

static bool set_up(struct link_transfer *transfer, const struct link_request *request)
{
	CURL *easy = transfer->easy;
	return curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->reason) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)LINE_ASK_S) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)LINE_ASK_S) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, set_socket) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_MAX_RECV_SPEED_LARGE, (curl_off_t)request->down_bytes_s) == CURLE_OK &&
	    set_body(transfer, request) && set_headers(transfer, request) && set_trust(transfer, request);
}

static struct link_transfer *new_transfer(struct link *link, const struct link_request *request)
{
	struct link_transfer *transfer = calloc(1, sizeof *transfer);
	if (!transfer)
		return NULL;
	transfer->link = link;
	transfer->body = request->body;
	transfer->body_size = request->post ? request->body_size : 0;
	transfer->quiet_ms = request->quiet_ms;
	transfer->limit_ms = request->limit_ms;
	transfer->take = request->take;
	transfer->take_context = request->take_context;
	transfer->take_max = request->answer_max;
	transfer->response.headers.max = LINK_ANSWER_HEADERS_MAX;
	transfer->response.body.max = request->take ? LINK_REFUSAL_MAX : request->answer_max;
	transfer->easy = curl_easy_init();
	if (transfer->easy && set_up(transfer, request))
		return transfer;
	free_transfer(transfer);
	return NULL;
}

bool link_start(struct link *link, const struct link_request *request, link_done *done, void *context,
    struct link_transfer **ret_transfer, struct err *err)
{
	if (!text_starts(request->url, "https://"))
		return err_set(err, ERR_BAD_INPUT, "only https:// is spoken, not %s", request->url);
	OWN(free_transfer) struct link_transfer *transfer = new_transfer(link, request);
	if (!transfer)
		return err_set(err, ERR_NO_MEMORY, "starting a request");
	transfer->done = done;
	transfer->context = context;
	struct ledger_egress egress = request->egress;
	egress.bytes = (int64_t)transfer->body_size;
	crypto_sha256(transfer->body, transfer->body_size, egress.digest);
	if (!ledger_egress_begin(link->ledger, &egress, &transfer->seq, err))
		return false;
	transfer->response.seq = transfer->seq;
	transfer->started_us = transfer->moved_us = clock_monotonic_us();
	if (curl_multi_add_handle(link->multi, transfer->easy) != CURLM_OK) {
		ledger_egress_end(link->ledger, transfer->seq, 0, "not sent", NULL);
		return err_set(err, ERR_NO_MEMORY, "starting a request");
	}
	transfer->next = link->first;
	link->first = transfer;
	link->active++;
	*ret_transfer = TAKE(transfer);
	return true;
}

/* Ending */

static void unlink_transfer(struct link *link, struct link_transfer *transfer)
{
	curl_multi_remove_handle(link->multi, transfer->easy);
	struct link_transfer **at = &link->first;
	while (*at != transfer)
		at = &(*at)->next;
	*at = transfer->next;
	link->active--;
}

static void note_figures(struct link_transfer *transfer)
{
	struct link_response *response = &transfer->response;
	long status = 0, request_size = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request_size);
	response->status = (int)status;
	response->sent = transfer->body_moved + request_size;
	response->body_sent = request_size > 0 && transfer->body_at == transfer->body_size;
	response->duration_us = clock_monotonic_us() - transfer->started_us;
	struct curl_certinfo *chain = NULL;
	if (curl_easy_getinfo(transfer->easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain ||
	    chain->num_of_certs < 1)
		return;
	for (struct curl_slist *line = chain->certinfo[0]; line; line = line->next) {
		struct tm parts = {0};
		if (text_starts(line->data, "Expire date:") &&
		    strptime(line->data + strlen("Expire date:"), "%b %d %H:%M:%S %Y GMT", &parts))
			response->server_not_after_us = (int64_t)timegm(&parts) * 1000000;
	}
}

/* Which of the many ways a peer can fail to be the one that was meant; OpenSSL's numbers (X509_V_ERR_...). */
static const char *untrusted(const struct link_transfer *transfer)
{
	long result = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	switch (result) {
	case 9: return "the server's certificate is not valid yet; is this box's clock right?";
	case 10: return "the server's certificate has expired";
	case 18:
	case 19:
	case 20:
	case 21:
		return "the server's certificate comes from an authority that is not trusted here";
	case 26: return "the server's certificate is not made for servers";
	default: return "the server's certificate does not carry the name of the address";
	}
}

static void explain(struct link_transfer *transfer, CURLcode result)
{
	struct err *err = &transfer->response.err;
	const char *reason = transfer->reason[0] ? transfer->reason : curl_easy_strerror(result);
	if (err->code != ERR_NONE)
		return; /* the taker said why */
	if (transfer->too_large)
		err_set(err, ERR_TOO_LARGE, "the answer is larger than an answer may be");
	else if (result == CURLE_PEER_FAILED_VERIFICATION)
		err_set(err, ERR_FORBIDDEN, "%s (%s)", untrusted(transfer), reason);
	else if (result == CURLE_SSL_CACERT_BADFILE)
		err_set(err, ERR_BAD_INPUT, "the file of trusted authorities cannot be read (%s)", reason);
	else if (result == CURLE_SSL_CERTPROBLEM)
		err_set(err, ERR_CRYPTO, "this box's certificate cannot be used (%s)", reason);
	else if (strstr(reason, "alert") && strstr(reason, "SSL"))
		err_set(err, ERR_FORBIDDEN, "the server refused this box's certificate (%s)", reason);
	else if (result == CURLE_OUT_OF_MEMORY)
		err_set(err, ERR_NO_MEMORY, "%s", reason);
	else
		err_set(err, ERR_UNAVAILABLE, "%s", reason);
}

/* A ledger that cannot be written to any more is found out by the next request, which then does not leave;
 * rows that could not be ended are told from the others at the next start. */
static void end_row(struct link *link, const struct link_transfer *transfer)
{
	const struct link_response *response = &transfer->response;
	char outcome[64];
	if (response->err.code == ERR_NONE)
		snprintf(outcome, sizeof outcome, "answered %d", response->status);
	else
		text_copy(outcome, sizeof outcome, err_name(response->err.code));
	ledger_egress_end(link->ledger, transfer->seq, response->sent, outcome, NULL);
}

static void finish(struct link *link, struct link_transfer *owned)
{
	OWN(free_transfer) struct link_transfer *transfer = owned;
	note_figures(transfer);
	if (transfer->response.err.code != ERR_NONE)
		transfer->response.status = 0;
	unlink_transfer(link, transfer);
	/* All that ends in one turn goes to the disk together, with what is booked of it by done. */
	if (!link->finished)
		link->booking = ledger_begin(link->ledger, NULL);
	link->finished = true;
	end_row(link, transfer);
	transfer->done(transfer->context, &transfer->response);
}

void link_cancel(struct link *link, struct link_transfer *owned, struct link_response *ret_response)
{
	OWN(free_transfer) struct link_transfer *transfer = owned;
	note_figures(transfer);
	unlink_transfer(link, transfer);
	ledger_egress_end(link->ledger, transfer->seq, transfer->response.sent, "cancelled", NULL);
	if (!ret_response)
		return;
	*ret_response = transfer->response;
	transfer->response.headers = transfer->response.body = (struct buf){0};
}

/* Turning */

static void finish_done(struct link *link)
{
	int left;
	for (CURLMsg *message; (message = curl_multi_info_read(link->multi, &left)) != NULL;) {
		struct link_transfer *transfer = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		if (message->data.result != CURLE_OK)
			explain(transfer, message->data.result);
		finish(link, transfer);
	}
}

/* One at a time, from the start: what is done in between may change the list. */
static bool finish_one_late(struct link *link, int64_t now_us)
{
	for (struct link_transfer *transfer = link->first; transfer; transfer = transfer->next) {
		if (transfer->paused)
			transfer->moved_us = now_us;
		bool late = now_us - transfer->started_us > (int64_t)transfer->limit_ms * 1000;
		bool quiet = now_us - transfer->moved_us > (int64_t)transfer->quiet_ms * 1000;
		if (!late && !quiet)
			continue;
		err_set(&transfer->response.err, ERR_UNAVAILABLE,
		    late ? "no whole answer within %g s" : "silent for %g s",
		    (late ? transfer->limit_ms : transfer->quiet_ms) / 1e3);
		finish(link, transfer);
		return true;
	}
	return false;
}

/* The longest paused first: new ones are put in front. */
static void resume_last(struct link *link, struct link_transfer *transfer, int64_t now_us)
{
	if (!transfer)
		return;
	resume_last(link, transfer->next, now_us);
	size_t left = transfer->body_size - transfer->body_at;
	size_t piece = left < CAPPED_PIECE ? left : CAPPED_PIECE;
	if (!transfer->paused || uplink_wait_us(&link->uplink, piece, now_us) > 0)
		return;
	transfer->paused = false;
	curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

static bool is_uploading(const struct link *link)
{
	for (const struct link_transfer *transfer = link->first; transfer; transfer = transfer->next)
		if (transfer->body_at < transfer->body_size)
			return true;
	return false;
}

static int wait_of(struct link *link, int wait_ms, int64_t now_us)
{
	int64_t wait = wait_ms;
	for (const struct link_transfer *transfer = link->first; transfer; transfer = transfer->next) {
		int64_t end_us = transfer->started_us + (int64_t)transfer->limit_ms * 1000;
		int64_t quiet_us = transfer->moved_us + (int64_t)transfer->quiet_ms * 1000;
		int64_t next_us = end_us < quiet_us ? end_us : quiet_us;
		if (transfer->paused)
			next_us = now_us + uplink_wait_us(&link->uplink, CAPPED_PIECE, now_us);
		if ((next_us - now_us) / 1000 + 1 < wait)
			wait = next_us > now_us ? (next_us - now_us) / 1000 + 1 : 0;
	}
	return (int)wait;
}

static bool wait_for_news(
    struct link *link, struct pollfd *others, size_t count, int wait_ms, struct err *err)
{
	struct curl_waitfd waits[OTHERS_MAX];
	if (count > OTHERS_MAX)
		return err_set(err, ERR_TOO_LARGE, "more than %d descriptors to wait for", OTHERS_MAX);
	for (size_t i = 0; i < count; i++)
		waits[i] = (struct curl_waitfd){.fd = others[i].fd,
		    .events = (short)((others[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
		        (others[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0))};
	CURLMcode code = curl_multi_poll(link->multi, waits, (unsigned)count, wait_ms, NULL);
	if (code != CURLM_OK)
		return err_set(err, ERR_IO, "waiting: %s", curl_multi_strerror(code));
	for (size_t i = 0; i < count; i++)
		others[i].revents = (short)((waits[i].revents & CURL_WAIT_POLLIN ? POLLIN : 0) |
		    (waits[i].revents & CURL_WAIT_POLLOUT ? POLLOUT : 0));
	return true;
}

bool link_turn(struct link *link, struct pollfd *others, size_t count, int wait_ms, struct err *err)
{
	int running;
	bool was_uploading = is_uploading(link);
	link->finished = false;
	CURLMcode code = curl_multi_perform(link->multi, &running);
	if (code != CURLM_OK)
		return err_set(err, ERR_IO, "moving bytes: %s", curl_multi_strerror(code));
	finish_done(link);
	int64_t now_us = clock_monotonic_us();
	while (finish_one_late(link, now_us)) {
	}
	if (link->booking)
		ledger_commit(link->ledger, NULL);
	link->booking = false;
	resume_last(link, link->first, now_us);
	if (was_uploading)
		meter_add(&link->meter, link->moved, now_us - link->turned_us);
	link->moved = 0;
	link->turned_us = now_us;
	/* Who heard of an end has something to do before the next wait; new transfers have to begin before
	 * it, too. */
	return wait_for_news(link, others, count, link->finished ? 0 : wait_of(link, wait_ms, now_us), err);
}

static void keep_response(void *context, struct link_response *response)
{
	struct link_response *kept = context;
	*kept = *response;
	response->headers = response->body = (struct buf){0};
}

bool link_call(struct link *link, const struct link_request *request, struct link_response *ret_response,
    struct err *err)
{
	struct link_response response = {.status = -1};
	struct link_transfer *transfer;
	if (!link_start(link, request, keep_response, &response, &transfer, err))
		return false;
	bool turned = true;
	while (turned && response.status < 0 && !link->stopped)
		turned = link_turn(link, NULL, 0, LOOP_MS, err);
	if (response.status < 0) {
		if (turned)
			err_set(err, ERR_UNAVAILABLE, "the program ends");
		link_cancel(link, transfer, NULL);
		return false;
	}
	if (response.err.code != ERR_NONE) {
		*err = response.err;
		link_response_done(&response);
		return false;
	}
	*ret_response = response;
	return true;
}

void link_stop(struct link *link)
{
	link->stopped = true;
	curl_multi_wakeup(link->multi);
}

/* The link itself */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_started;

static void start_curl(void)
{
	curl_started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool link_open(struct ledger *ledger, struct link **ret_link, struct err *err)
{
	pthread_once(&curl_once, start_curl);
	OWN(link_close) struct link *link = calloc(1, sizeof *link);
	if (!link || curl_started != CURLE_OK)
		return err_set(err, ERR_NO_MEMORY, "starting libcurl");
	link->ledger = ledger;
	link->turned_us = clock_monotonic_us();
	link->multi = curl_multi_init();
	if (!link->multi ||
	    curl_multi_setopt(link->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX) != CURLM_OK ||
	    curl_multi_setopt(link->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX) != CURLM_OK)
		return err_set(err, ERR_NO_MEMORY, "starting libcurl");
	*ret_link = TAKE(link);
	return true;
}

static void wipe(char **text)
{
	if (*text)
		crypto_wipe(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void link_close(struct link *link)
{
	if (!link)
		return;
	while (link->first)
		link_cancel(link, link->first, NULL);
	if (link->multi)
		curl_multi_cleanup(link->multi);
	wipe(&link->certificate);
	wipe(&link->key);
	free(link);
}

bool link_identity(struct link *link, const char *certificate_pem, const char *key_pem, struct err *err)
{
	char *certificate = certificate_pem ? strdup(certificate_pem) : NULL;
	char *key = key_pem ? strdup(key_pem) : NULL;
	if ((certificate_pem && !certificate) || (key_pem && !key)) {
		wipe(&certificate);
		wipe(&key);
		return err_set(err, ERR_NO_MEMORY, "taking a certificate over");
	}
	wipe(&link->certificate);
	wipe(&link->key);
	link->certificate = certificate;
	link->key = key;
	return true;
}

void link_uplink(struct link *link, double bytes_s)
{
	uplink_set(&link->uplink, bytes_s, clock_monotonic_us());
}

double link_measured(const struct link *link)
{
	return meter_rate(&link->meter);
}

int link_active(const struct link *link)
{
	return link->active;
}
