#include "function/function.h"

#include "base/clock.h"
#include "base/text.h"
#include "function/identity.h"
#include "function/journal.h"
#include "models/models.h"
#include "reading/answer.h"
#include "reading/network_map.h"
#include "reading/read.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

enum {
	HEX_SIZE = 2 * CRYPTO_DIGEST_SIZE + 1,
	BATCH_HEX_SIZE = 2 * SEALED_BATCH_SIZE + 1,
	/* read_cut takes 350 kB; the threads of an HTTP server may have 100. */
	STACK_BYTES = 4 << 20,
	ANSWER_MAX = PROTOCOL_HEAD_SIZE + LIMIT_BATCH_BYTES,
	DRAIN_STEP_MS = 10,
};

struct function {
	const struct settings *settings;
	struct model_open model;
	struct network_map map;
	uint8_t reader[CRYPTO_DIGEST_SIZE];
	int64_t startup_us;
	pthread_mutex_t lock; /* of what follows */
	void *scratch[SETTINGS_CONCURRENCY_MAX];
	bool taken[SETTINGS_CONCURRENCY_MAX];
	int in_flight;
	bool warm, draining;
};

/* What the log says of a call. */
struct facts {
	const char *what;
	char site[IDENTITY_SITE_SIZE], batch[BATCH_HEX_SIZE];
	size_t cuts, bytes;
	int64_t read_ms, billed_ms;
	bool cold;
};

/* One batch on its way through. */
struct batch {
	struct function *function;
	void *scratch;
	uint8_t id[SEALED_BATCH_SIZE];
	uint8_t answer_key[CRYPTO_KEY_SIZE];
	struct buf question; /* a message of the batch protocol */
	struct buf answer;   /* as well */
	size_t cuts;
	bool ok;
	struct err err;
};

static int64_t ceil_ms(int64_t us)
{
	return (us + 999) / 1000;
}

static void batch_done_owned(struct batch *batch)
{
	crypto_wipe(batch->answer_key, sizeof batch->answer_key);
	buf_done(&batch->question);
	buf_done(&batch->answer);
}

bool function_open(
    const struct settings *settings, int64_t started_us, struct function **ret_function, struct err *err)
{
	struct models_places places;
	OWN(function_close) struct function *function = calloc(1, sizeof *function);
	if (!function)
		return err_set(err, ERR_NO_MEMORY, "starting the function");
	function->settings = settings;
	function->model = (struct model_open)MODEL_OPEN_INIT;
	pthread_mutex_init(&function->lock, NULL);
	if (!models_places(NULL, &places, err) ||
	    !models_open(&places.folders, settings->model, &function->model, err) ||
	    !network_map(function->model.fd, &function->map, err))
		return err_add(err, "opening the model");
	read_digest(function->map.digest, function->reader);
	for (int i = 0; i < settings->concurrency; i++) {
		function->scratch[i] = network_scratch(function->map.network);
		if (!function->scratch[i])
			return err_set(err, ERR_NO_MEMORY, "starting the function");
	}
	function->startup_us = clock_monotonic_us() - started_us;
	journal_line("INFO", "started", json_pack("{s:s, s:I}", "model", function->model.label, "startup_ms",
	    (json_int_t)ceil_ms(function->startup_us)));
	*ret_function = TAKE(function);
	return true;
}

void function_close(struct function *function)
{
	if (!function)
		return;
	for (int i = 0; i < SETTINGS_CONCURRENCY_MAX; i++)
		free(function->scratch[i]);
	network_unmap(&function->map);
	model_open_done(&function->model);
	pthread_mutex_destroy(&function->lock);
	free(function);
}

/* Places to read in */

static bool take_place(struct function *function, int *ret_place, struct err *err)
{
	bool ok = false;
	pthread_mutex_lock(&function->lock);
	if (function->draining)
		err_set(err, ERR_UNAVAILABLE, "this function is stopping");
	else if (function->in_flight == function->settings->concurrency)
		err_set(err, ERR_TOO_MANY,
		    "%d batches are being read, which is as many as this function takes",
		    function->in_flight);
	else
		ok = true;
	for (int i = 0; ok && i < function->settings->concurrency; i++) {
		if (function->taken[i])
			continue;
		function->taken[i] = true;
		function->in_flight++;
		*ret_place = i;
		break;
	}
	pthread_mutex_unlock(&function->lock);
	return ok;
}

static void give_place(struct function *function, int place)
{
	pthread_mutex_lock(&function->lock);
	function->taken[place] = false;
	function->in_flight--;
	pthread_mutex_unlock(&function->lock);
}

static bool is_draining(struct function *function)
{
	pthread_mutex_lock(&function->lock);
	bool draining = function->draining;
	pthread_mutex_unlock(&function->lock);
	return draining;
}

/* The first batch of a process carries its start-up. */
static bool is_cold(struct function *function)
{
	pthread_mutex_lock(&function->lock);
	bool cold = !function->warm;
	function->warm = true;
	pthread_mutex_unlock(&function->lock);
	return cold;
}

void function_drain(struct function *function, int limit_ms)
{
	int64_t end_us = clock_monotonic_us() + limit_ms * INT64_C(1000);
	int in_flight;
	do {
		pthread_mutex_lock(&function->lock);
		function->draining = true;
		in_flight = function->in_flight;
		pthread_mutex_unlock(&function->lock);
		if (in_flight)
			clock_sleep_ms(DRAIN_STEP_MS);
	} while (in_flight && clock_monotonic_us() < end_us);
}

/* Reading a batch */

/* How many cuts a READ question says it has; answer() checks the rest. */
static size_t count_cuts(const uint8_t *body, size_t size)
{
	struct view view = VIEW(body, size);
	view_bytes(&view, CRYPTO_DIGEST_SIZE);
	return view_u16(&view);
}

static bool read_question(struct batch *batch)
{
	const struct function *function = batch->function;
	struct err *err = &batch->err;
	struct protocol_head head;
	struct answer_reader reader = {.network = function->map.network, .scratch = batch->scratch,
	    .label = function->model.label, .place = ANSWER_IN_CLOUD};
	memcpy(reader.digest, function->reader, sizeof reader.digest);
	if (batch->question.size < PROTOCOL_HEAD_SIZE ||
	    !protocol_take_head(batch->question.data, &head, err) ||
	    head.size != batch->question.size - PROTOCOL_HEAD_SIZE)
		return err_set(err, ERR_DAMAGED, "the pack holds no whole question");
	const uint8_t *body = batch->question.data + PROTOCOL_HEAD_SIZE;
	batch->cuts = head.kind == PROTOCOL_READ ? count_cuts(body, head.size) : 0;
	if (!answer(&reader, &head, body, &batch->answer, err) ||
	    !protocol_take_head(batch->answer.data, &head, err))
		return false;
	struct view refusal = VIEW(batch->answer.data + PROTOCOL_HEAD_SIZE, head.size);
	return head.kind != PROTOCOL_REFUSED || protocol_take_refusal(&refusal, err);
}

static void *read_thread(void *context)
{
	struct batch *batch = context;
	batch->ok = read_question(batch);
	return NULL;
}

static bool read_with_stack(struct batch *batch, struct err *err)
{
	pthread_t thread;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	int failed = pthread_create(&thread, &attributes, read_thread, batch);
	pthread_attr_destroy(&attributes);
	if (failed)
		return err_set(err, ERR_NO_MEMORY, "no thread to read with");
	pthread_join(thread, NULL);
	if (!batch->ok)
		*err = batch->err;
	return batch->ok;
}

static bool is_hex(const char *text, size_t digits)
{
	return text && strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

static bool check_headers(const struct call *call, struct facts *facts, struct err *err)
{
	const char *type = call->headers[CALL_TYPE];
	const char *batch = call->headers[CALL_BATCH];
	if (!type || strcasecmp(type, "application/octet-stream") != 0)
		return err_set(err, ERR_UNSUPPORTED, "a batch is sent as application/octet-stream");
	if (!is_hex(batch, BATCH_HEX_SIZE - 1))
		return err_set(
		    err, ERR_BAD_INPUT, "Idempotency-Key is to be the batch id: 32 hexadecimal digits");
	if (!is_hex(call->headers[CALL_DIGEST], HEX_SIZE - 1))
		return err_set(err, ERR_BAD_INPUT,
		    "X-Daybreak-Digest is to be the SHA-256 of the body: 64 hexadecimal digits");
	memcpy(facts->batch, batch, BATCH_HEX_SIZE);
	return true;
}

static bool check_digest(const struct call *call, const struct buf *body, struct err *err)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	char hex[HEX_SIZE];
	crypto_sha256(body->data, body->size, digest);
	text_hex(hex, digest, sizeof digest);
	return strcmp(hex, call->headers[CALL_DIGEST]) == 0 ||
	    err_set(err, ERR_DAMAGED, "the body is not the one that X-Daybreak-Digest names");
}

/* From the body as it came to the question inside it. */
static bool open_body(const struct call *call, const struct buf *body, struct batch *batch, struct err *err)
{
	OWN(buf_done) struct buf pack = BUF_INIT(PACK_SIZE_MAX);
	char hex[BATCH_HEX_SIZE];
	if (!check_digest(call, body, err))
		return false;
	if (!sealed_question_open(batch->function->settings->key, body->data, body->size, batch->id, &pack,
		batch->answer_key, err)) {
		/* For the table a seal that does not open is this side's failure; here it is the sender's. */
		if (err->code == ERR_CRYPTO)
			err->code = ERR_DAMAGED;
		return err_add(err, "opening the batch");
	}
	text_hex(hex, batch->id, sizeof batch->id);
	if (strcmp(hex, call->headers[CALL_BATCH]) != 0)
		return err_set(err, ERR_DAMAGED, "the batch is another than Idempotency-Key names");
	return pack_read(pack.data, pack.size, &batch->question, err) || err_add(err, "unpacking the batch");
}

static bool read_batch(struct function *function, const struct call *call, int place, struct facts *facts,
    struct reply *reply, struct err *err)
{
	OWN(batch_done) struct batch batch = {.function = function, .scratch = function->scratch[place],
	    .question = BUF_INIT(PACK_QUESTION_MAX), .answer = BUF_INIT(ANSWER_MAX)};
	OWN(buf_done) struct buf body = BUF_INIT(CALL_BODY_MAX);
	if (!call->body(call->context, &body, err))
		return false;
	facts->bytes = body.size;
	int64_t since_us = call->since_us ? call->since_us : clock_monotonic_us();
	if (!open_body(call, &body, &batch, err))
		return false;
	buf_done(&body);
	int64_t read_us = clock_monotonic_us();
	bool ok = read_with_stack(&batch, err);
	facts->read_ms = ceil_ms(clock_monotonic_us() - read_us);
	facts->cuts = batch.cuts;
	if (!ok ||
	    !sealed_answer(
	        batch.answer_key, batch.id, batch.answer.data, batch.answer.size, &reply->body, err))
		return false;
	facts->cold = is_cold(function);
	facts->billed_ms =
	    ceil_ms(clock_monotonic_us() - since_us + (facts->cold ? function->startup_us : 0));
	return true;
}

static bool answer_read(struct function *function, const struct call *call, struct facts *facts,
    struct reply *reply, struct err *err)
{
	int place = 0;
	if (!check_headers(call, facts, err) || !take_place(function, &place, err))
		return false;
	bool ok = read_batch(function, call, place, facts, reply, err);
	give_place(function, place);
	if (!ok)
		return false;
	reply->status = 200;
	reply->type = "application/octet-stream";
	reply_header(reply, "X-Daybreak-Batch", "%s", facts->batch);
	reply_header(reply, "X-Daybreak-Region", "%s", function->settings->region);
	reply_header(reply, "X-Daybreak-Read-Ms", "%" PRId64, facts->read_ms);
	reply_header(reply, "X-Daybreak-Billed-Ms", "%" PRId64, facts->billed_ms);
	reply_header(reply, "X-Daybreak-Cold", "%d", facts->cold);
	return true;
}

/* The other questions */

static bool answer_version(struct function *function, const struct call *call, struct facts *facts,
    struct reply *reply, struct err *err)
{
	(void)call, (void)facts, (void)err;
	char reader[HEX_SIZE], key[HEX_SIZE];
	text_hex(reader, function->reader, sizeof function->reader);
	text_hex(key, function->settings->key_digest, sizeof function->settings->key_digest);
	reply_json(reply, 200, json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:s}", "version", DAYBREAK_VERSION,
	    "region", function->settings->region, "reader", "label", function->model.label, "digest", reader,
	    "key", key, "contract", settings_contract_name(function->settings->contract)));
	return true;
}

static bool answer_health(struct function *function, const struct call *call, struct facts *facts,
    struct reply *reply, struct err *err)
{
	(void)call, (void)facts;
	if (is_draining(function))
		return err_set(err, ERR_UNAVAILABLE, "this function is stopping");
	reply_json(reply, 200, json_pack("{s:b}", "ok", true));
	return true;
}

static const struct route {
	const char *path, *method, *what;
	bool open; /* to anybody */
	bool (*answer)(struct function *function, const struct call *call, struct facts *facts,
	    struct reply *reply, struct err *err);
} routes[] = {
    {"/v1/read", "POST", "read", false, answer_read},
    {"/v1/version", "GET", "version", false, answer_version},
    {"/v1/health", "GET", "health", true, answer_health},
};

static bool answer_route(struct function *function, const struct call *call, struct facts *facts,
    struct reply *reply, struct err *err)
{
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (strcmp(routes[i].path, call->path) != 0)
			continue;
		facts->what = routes[i].what;
		if (strcmp(routes[i].method, call->method) != 0)
			return err_set(
			    err, ERR_WRONG_METHOD, "%s takes %s", routes[i].path, routes[i].method);
		return (routes[i].open || identity_check(function->settings, call, facts->site, err)) &&
		    routes[i].answer(function, call, facts, reply, err);
	}
	return err_set(err, ERR_NOT_FOUND, "there are /v1/read, /v1/version and /v1/health");
}

static void write_journal(const struct call *call, const struct facts *facts, const struct reply *reply)
{
	json_t *line = json_pack("{s:i}", "status", reply->status);
	if (!line || strcmp(facts->what, "health") == 0) { /* asked every few seconds by some platforms */
		json_decref(line);
		return;
	}
	if (call->request)
		json_object_set_new(line, "request", json_string(call->request));
	if (facts->site[0])
		json_object_set_new(line, "site", json_string(facts->site));
	if (facts->batch[0])
		json_object_set_new(line, "batch", json_string(facts->batch));
	if (reply->err.code) {
		json_object_set_new(line, "code", json_string(err_name(reply->err.code)));
		json_object_set_new(line, "sentence", json_string(reply->err.detail));
	} else if (facts->batch[0]) {
		json_object_set_new(line, "cuts", json_integer((json_int_t)facts->cuts));
		json_object_set_new(line, "bytes", json_integer((json_int_t)facts->bytes));
		json_object_set_new(line, "read_ms", json_integer(facts->read_ms));
		json_object_set_new(line, "billed_ms", json_integer(facts->billed_ms));
		json_object_set_new(line, "cold", json_boolean(facts->cold));
	}
	const char *severity = reply->status >= 500 ? "ERROR" : reply->status >= 400 ? "WARNING" : "INFO";
	journal_line(severity, facts->what, line);
}

void function_answer(struct function *function, const struct call *call, struct reply *reply)
{
	struct facts facts = {.what = "unknown"};
	struct err err;
	if (!answer_route(function, call, &facts, reply, &err))
		reply_error(reply, &err);
	write_journal(call, &facts, reply);
}
