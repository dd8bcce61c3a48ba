#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool text_copy(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);
	bool whole = length < size;
	if (!whole)
		length = size - 1;
	memcpy(to, from, length);
	to[length] = 0;
	return whole;
}

bool text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *text, const char *suffix)
{
	size_t length = strlen(text), end = strlen(suffix);
	return length >= end && strcmp(text + length - end, suffix) == 0;
}

bool text_ends_nocase(const char *text, const char *suffix)
{
	size_t length = strlen(text), end = strlen(suffix);
	return length >= end && strcasecmp(text + length - end, suffix) == 0;
}

static bool only_blanks(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return *text == 0;
}

bool text_to_i64(const char *text, int64_t *ret_value)
{
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (end == text || errno || !only_blanks(end))
		return false;
	*ret_value = value;
	return true;
}

bool text_to_f64(const char *text, double *ret_value)
{
	char *end;
	errno = 0;
	double value = strtod(text, &end);
	if (end == text || errno || !only_blanks(end) || !(value - value == 0))
		return false;
	*ret_value = value;
	return true;
}

char *text_trim(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	size_t length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		text[--length] = 0;
	return text;
}

/* Length of one well-formed UTF-8 sequence at text, 0 when it is not one. */
static size_t utf8_sequence(const unsigned char *text)
{
	size_t length = text[0] < 0x80 ? 1 : text[0] >> 5 == 6 ? 2 : text[0] >> 4 == 14 ? 3
	    : text[0] >> 3 == 30 ? 4 : 0;
	for (size_t i = 1; i < length; i++)
		if (text[i] >> 6 != 2)
			return 0;
	bool overlong = (length == 2 && text[0] < 0xC2) || (length == 3 && text[0] == 0xE0 && text[1] < 0xA0) ||
	    (length == 4 && text[0] == 0xF0 && text[1] < 0x90);
	bool outside = (length == 3 && text[0] == 0xED && text[1] > 0x9F) ||
	    (length == 4 && (text[0] > 0xF4 || (text[0] == 0xF4 && text[1] > 0x8F)));
	return overlong || outside ? 0 : length;
}

bool text_is_plain(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at;) {
		size_t length = utf8_sequence(at);
		bool control = length == 1 && (*at < 0x20 || *at == 0x7F);
		bool control_c1 = length == 2 && at[0] == 0xC2 && at[1] < 0xA0;
		if (length == 0 || control || control_c1)
			return false;
		at += length;
	}
	return true;
}

void text_hex(char *to, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
	*to = 0;
}

bool text_unhex(uint8_t *to, size_t size, const char *hex)
{
	if (strlen(hex) != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
		if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]))
			return false;
		to[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}
