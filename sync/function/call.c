#include "function/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum call_header call_header_named(const char *name)
{
	static const char *const names[CALL_HEADERS] = {
#define X(code, text) [code] = text,
	    CALL_HEADER_TABLE(X)
#undef X
	};
	for (size_t i = 0; i < CALL_HEADERS; i++)
		if (strcasecmp(name, names[i]) == 0)
			return (enum call_header)i;
	return CALL_HEADERS;
}

bool call_take_header(struct call *call, const char *name, const char *value, struct err *err)
{
	enum call_header header = call_header_named(name);
	if (header == CALL_HEADERS)
		return true;
	/* Of two, a gateway and we might believe different ones. */
	if (call->headers[header])
		return err_set(err, ERR_BAD_INPUT, "the header %.60s is there twice", name);
	call->headers[header] = value;
	return true;
}

void reply_done(struct reply *reply)
{
	buf_done(&reply->body);
}

void reply_header(struct reply *reply, const char *name, const char *format, ...)
{
	if (reply->headers_count == REPLY_HEADERS_MAX)
		return;
	struct reply_header *header = &reply->headers[reply->headers_count++];
	header->name = name;
	va_list args;
	va_start(args, format);
	vsnprintf(header->value, sizeof header->value, format, args);
	va_end(args);
}

static int add_to_buf(const char *data, size_t size, void *context)
{
	buf_add(context, data, size);
	return 0;
}

void reply_json(struct reply *reply, int status, json_t *value)
{
	static const char fallback[] = "{\"error\":{\"code\":\"no-memory\",\"sentence\":\"out of memory\"}}";
	OWN(json_decref) json_t *owned = value;
	buf_clear(&reply->body);
	reply->status = status;
	reply->type = "application/json";
	if (!owned || json_dump_callback(owned, add_to_buf, &reply->body, JSON_COMPACT) != 0 ||
	    !buf_ok(&reply->body, NULL)) {
		reply->status = 500;
		buf_clear(&reply->body);
		buf_add(&reply->body, fallback, sizeof fallback - 1);
	}
}

void reply_error(struct reply *reply, const struct err *err)
{
	reply->err = *err;
	reply->headers_count = 0;
	if (err_retry(err->code))
		reply_header(reply, "Retry-After", "1");
	reply_json(reply, err_http_status(err->code),
	    json_pack("{s:{s:s, s:s}}", "error", "code", err_name(err->code), "sentence", err->detail));
}
