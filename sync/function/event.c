#include "function/event.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const json_t *member(const json_t *object, const char *a, const char *b)
{
	return json_object_get(json_object_get(object, a), b);
}

static bool decode_body(void *context, struct buf *to, struct err *err)
{
	const struct event *event = context;
	const json_t *body = json_object_get(event->json, "body");
	const char *text = json_is_string(body) ? json_string_value(body) : "";
	size_t size = json_is_string(body) ? json_string_length(body) : 0;
	if (event->kind == EVENT_DIRECT || json_bool(event->json, "isBase64Encoded", false))
		return crypto_base64_read(text, size, to, err);
	buf_add(to, text, size);
	return buf_ok(to, err);
}

/* The value of a header: a text, or the only one of a list. */
static const char *header_value(const json_t *value)
{
	return json_string_value(json_array_size(value) == 1 ? json_array_get(value, 0) : value);
}

static bool take_headers(struct event *event, const json_t *headers, struct err *err)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)headers, name, value) {
		const char *text = header_value(value);
		if (call_header_named(name) == CALL_HEADERS)
			continue;
		if (!text)
			return err_set(err, ERR_BAD_INPUT, "the header %.60s has not one value", name);
		if (!call_take_header(&event->call, name, text, err))
			return false;
	}
	return true;
}

/* A named stage stands before the path. */
static void take_path(struct event *event, const char *path, const char *stage)
{
	size_t length = strlen(stage);
	if (length && path[0] == '/' && strncmp(path + 1, stage, length) == 0 && path[1 + length] == '/')
		path += 1 + length;
	/* A longer one is none of ours. */
	if (!text_copy(event->path, sizeof event->path, path))
		event->path[0] = 0;
	event->call.path = event->path;
}

static bool take_gateway(struct event *event, struct err *err)
{
	const json_t *context = json_object_get(event->json, "requestContext");
	const json_t *certificate = member(context, "authentication", "clientCert");
	event->kind = EVENT_GATEWAY;
	event->call.door = CALL_BY_CLOUD;
	event->call.method = json_text(json_object_get(context, "http"), "method", "");
	event->call.certificate = json_text(certificate, "clientCertPem", NULL);
	event->call.subject = json_text(certificate, "subjectDN", NULL);
	event->call.serial = json_text(certificate, "serialNumber", NULL);
	take_path(event, json_text(event->json, "rawPath", ""), json_text(context, "stage", ""));
	return take_headers(event, json_object_get(event->json, "headers"), err);
}

static bool take_balancer(struct event *event, struct err *err)
{
	const json_t *lists = json_object_get(event->json, "multiValueHeaders");
	event->kind = EVENT_BALANCER;
	event->lists = lists != NULL;
	event->call.door = CALL_BY_CLOUD;
	event->call.method = json_text(event->json, "httpMethod", "");
	take_path(event, json_text(event->json, "path", ""), "");
	if (!take_headers(event, lists ? lists : json_object_get(event->json, "headers"), err))
		return false;
	event->call.subject = event->call.headers[CALL_BALANCER_SUBJECT];
	event->call.serial = event->call.headers[CALL_BALANCER_SERIAL];
	return true;
}

static bool take_direct(struct event *event, struct err *err)
{
	const char *what = json_text(event->json, "daybreak", "");
	event->kind = EVENT_DIRECT;
	event->call.door = CALL_BY_ACCOUNT;
	event->call.method = strcmp(what, "read") == 0 ? "POST" : "GET";
	event->call.headers[CALL_TYPE] = "application/octet-stream";
	event->call.headers[CALL_BATCH] = json_text(event->json, "batch", NULL);
	event->call.headers[CALL_DIGEST] = json_text(event->json, "digest", NULL);
	event->call.path = event->path;
	int length = snprintf(event->path, sizeof event->path, "/v1/%s", what);
	return length < (int)sizeof event->path ||
	    err_set(err, ERR_BAD_INPUT, "a direct invocation is read, version or health");
}

static bool take_stored(struct event *event, struct err *err)
{
	const json_t *records = json_object_get(event->json, "Records");
	size_t index;
	json_t *record;
	event->kind = EVENT_STORED;
	if (!json_array_size(records) || json_array_size(records) > EVENT_OBJECTS_MAX)
		return err_set(err, ERR_BAD_INPUT, "an event of S3 has 1 to %d records", EVENT_OBJECTS_MAX);
	json_array_foreach(records, index, record) {
		if (strcmp(json_text(record, "eventSource", ""), "aws:s3") != 0 ||
		    !text_starts(json_text(record, "eventName", ""), "ObjectCreated:"))
			return err_set(err, ERR_BAD_INPUT, "a record that tells of no object created in S3");
	}
	return true;
}

bool event_take(const char *text, size_t size, struct event *event, struct err *err)
{
	*event = (struct event){.call = {.body = decode_body, .context = event}};
	if (!json_parse(text, size, &event->json, err))
		return err_add(err, "the event");
	bool ok;
	if (json_is_object(member(event->json, "requestContext", "http")))
		ok = take_gateway(event, err);
	else if (json_is_object(member(event->json, "requestContext", "elb")))
		ok = take_balancer(event, err);
	else if (json_is_string(json_object_get(event->json, "daybreak")))
		ok = take_direct(event, err);
	else if (json_is_array(json_object_get(event->json, "Records")))
		ok = take_stored(event, err);
	else
		ok = err_set(err, ERR_BAD_INPUT,
		    "an event of another kind than API Gateway (2.0), load balancer, S3, direct invocation");
	if (!ok)
		event_done(event);
	return ok;
}

void event_done(struct event *event)
{
	json_decref(event->json);
	event->json = NULL;
}

/* Answers */

static json_t *headers_json(const struct event *event, const struct reply *reply)
{
	json_t *headers = json_object();
	json_object_set_new(headers, "Content-Type", json_string(reply->type));
	for (size_t i = 0; i < reply->headers_count; i++)
		json_object_set_new(headers, reply->headers[i].name, json_string(reply->headers[i].value));
	if (!event->lists)
		return headers;
	json_t *lists = json_object();
	const char *name;
	json_t *value;
	json_object_foreach(headers, name, value)
		json_object_set_new(lists, name, json_pack("[O]", value));
	json_decref(headers);
	return lists;
}

static json_t *answer_json(const struct event *event, const struct reply *reply, struct buf *text)
{
	bool bytes = strcmp(reply->type, "application/json") != 0;
	if (bytes)
		crypto_base64_write(text, reply->body.data, reply->body.size, NULL);
	else
		buf_add(text, reply->body.data, reply->body.size);
	const char *body = buf_text(text);
	json_t *headers = headers_json(event, reply);
	char description[40];
	switch (event->kind) {
	case EVENT_GATEWAY:
		return json_pack("{s:i, s:o, s:s, s:b}", "statusCode", reply->status, "headers", headers,
		    "body", body, "isBase64Encoded", bytes);
	case EVENT_BALANCER:
		snprintf(description, sizeof description, "%d %s", reply->status,
		    reply->status == 200 ? "OK" : err_name(reply->err.code));
		return json_pack("{s:i, s:s, s:o, s:s, s:b}", "statusCode", reply->status,
		    "statusDescription", description, event->lists ? "multiValueHeaders" : "headers", headers,
		    "body", body, "isBase64Encoded", bytes);
	case EVENT_DIRECT:
		if (bytes)
			return json_pack(
			    "{s:i, s:o, s:s}", "status", reply->status, "headers", headers, "body", body);
		json_t *value = json_loads(body, 0, NULL);
		json_t *answer = json_pack("{s:i, s:o}", "status", reply->status, "headers", headers);
		json_object_update_missing(answer, value);
		json_decref(value);
		return answer;
	case EVENT_STORED:
		break;
	}
	json_decref(headers);
	return NULL;
}

static int add_to_buf(const char *data, size_t size, void *context)
{
	buf_add(context, data, size);
	return 0;
}

bool event_answer(const struct event *event, const struct reply *reply, struct buf *to, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(EVENT_SIZE_MAX);
	OWN(json_decref) json_t *answer = answer_json(event, reply, &text);
	if (!answer || !buf_ok(&text, NULL) || json_dump_callback(answer, add_to_buf, to, JSON_COMPACT) != 0)
		return err_set(err, ERR_NO_MEMORY, "writing an answer");
	return buf_ok(to, err);
}

/* Objects */

size_t event_objects(const struct event *event)
{
	return event->kind == EVENT_STORED ? json_array_size(json_object_get(event->json, "Records")) : 0;
}

/* Takes "prefix" or as many digits as `to` holds from the front of the key. */
static bool take_word(const char **key, const char *word)
{
	if (!text_starts(*key, word))
		return false;
	*key += strlen(word);
	return true;
}

static bool take_digits(const char **key, char *to, size_t size)
{
	if (strspn(*key, "0123456789abcdef") != size - 1)
		return false;
	memcpy(to, *key, size - 1);
	to[size - 1] = 0;
	*key += size - 1;
	return true;
}

bool event_object(const struct event *event, size_t index, struct event_object *ret_object, struct err *err)
{
	const json_t *record = json_array_get(json_object_get(event->json, "Records"), index);
	const json_t *object = member(record, "s3", "object");
	struct event_object found = {
	    .bucket = json_text(member(record, "s3", "bucket"), "name", ""),
	    .region = json_text(record, "awsRegion", ""),
	    .size = json_int(object, "size", 0),
	};
	/* S3 escapes keys; no letter of ours needs it but the slash, which it leaves. */
	const char *key = json_text(object, "key", "");
	if (!*found.bucket || found.bucket[strspn(found.bucket, "abcdefghijklmnopqrstuvwxyz0123456789.-")] ||
	    !*found.region || found.region[strspn(found.region, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return err_set(err, ERR_BAD_INPUT, "the event names no bucket");
	if (!take_word(&key, "questions/") || !take_digits(&key, found.batch, sizeof found.batch) ||
	    !take_word(&key, ".") || !take_digits(&key, found.digest, sizeof found.digest) ||
	    strcmp(key, ".sealed") != 0)
		return err_set(err, ERR_BAD_INPUT, "an object that is not questions/BATCH.DIGEST.sealed");
	*ret_object = found;
	return true;
}
