#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *sentence;
	int http_status;
	bool retry;
} table[ERR_COUNT] = {
#define X(code, name, sentence, status, retry) [code] = {name, sentence, status, retry},
    ERR_TABLE(X)
#undef X
};

bool err_set(struct err *err, enum err_code code, const char *format, ...)
{
	if (!err)
		return false;
	va_list args;
	va_start(args, format);
	vsnprintf(err->detail, sizeof err->detail, format, args);
	va_end(args);
	err->code = code;
	return false;
}

bool err_errno(struct err *err, const char *format, ...)
{
	int number = errno;
	char text[ERR_DETAIL_MAX / 2];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return err_set(err, ERR_IO, "%s: %s", text, strerror(number));
}

bool err_add(struct err *err, const char *format, ...)
{
	if (!err)
		return false;
	char text[ERR_DETAIL_MAX / 2];
	char before[ERR_DETAIL_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	memcpy(before, err->detail, sizeof before);
	int used = snprintf(err->detail, sizeof err->detail, "%s: ", text);
	snprintf(err->detail + used, sizeof err->detail - (size_t)used, "%s", before);
	return false;
}

const char *err_name(enum err_code code)
{
	return code < ERR_COUNT ? table[code].name : "unknown";
}

enum err_code err_named(const char *name)
{
	for (int i = 0; i < ERR_COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return (enum err_code)i;
	return ERR_NONE;
}

const char *err_sentence(enum err_code code)
{
	return code < ERR_COUNT ? table[code].sentence : "unknown error";
}

int err_http_status(enum err_code code)
{
	return code < ERR_COUNT ? table[code].http_status : 500;
}

bool err_retry(enum err_code code)
{
	return code < ERR_COUNT && table[code].retry;
}
