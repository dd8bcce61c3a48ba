#include "serve/fields.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_path_character(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("/._~-", c));
}

bool fields_path_is_plain(const char *path)
{
	if (path[0] != '/')
		return false;
	for (const char *at = path; *at; at++) {
		if (!is_path_character(*at))
			return false;
		if (at[0] == '/' && (at[1] == '/' || at[1] == '.'))
			return false;
	}
	return true;
}

bool fields_is_digits(const char *text)
{
	size_t length = strspn(text, "0123456789");
	return length > 0 && length <= 18 && text[length] == 0;
}

static bool copy_part(char *to, size_t size, const char *from, size_t length)
{
	if (length >= size)
		return false;
	memcpy(to, from, length);
	to[length] = 0;
	return true;
}

bool fields_cookie(const char *header, const char *name, char *to, size_t size)
{
	size_t name_length = strlen(name);
	for (const char *at = header; *at;) {
		at += strspn(at, "; ");
		size_t length = strcspn(at, ";");
		if (length > name_length && strncmp(at, name, name_length) == 0 && at[name_length] == '=')
			return copy_part(to, size, at + name_length + 1, length - name_length - 1);
		at += length;
	}
	return false;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool decode(char *to, size_t size, const char *from, size_t length)
{
	size_t used = 0;
	for (size_t i = 0; i < length; i++) {
		char c = from[i];
		if (c == '+')
			c = ' ';
		if (c == '%') {
			int high = i + 2 < length ? hex_value(from[i + 1]) : -1;
			int low = high >= 0 ? hex_value(from[i + 2]) : -1;
			if (low < 0 || (high == 0 && low == 0))
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (used + 1 >= size)
			return false;
		to[used++] = c;
	}
	to[used] = 0;
	return true;
}

bool fields_decode(const char *text, char *to, size_t size)
{
	return decode(to, size, text, strlen(text));
}

bool fields_query(const char *query, const char *name, char *to, size_t size)
{
	size_t name_length = strlen(name);
	for (const char *at = query; *at;) {
		size_t length = strcspn(at, "&");
		if (length > name_length && strncmp(at, name, name_length) == 0 && at[name_length] == '=')
			return decode(to, size, at + name_length + 1, length - name_length - 1);
		at += length;
		at += *at == '&';
	}
	return false;
}

bool fields_etag_matches(const char *header, const char *etag)
{
	size_t etag_length = strlen(etag);
	for (const char *at = header; *at;) {
		at += strspn(at, ", \t");
		if (*at == '*')
			return true;
		if (strncmp(at, "W/", 2) == 0)
			at += 2;
		size_t length = strcspn(at, ", \t");
		if (length == etag_length && strncmp(at, etag, length) == 0)
			return true;
		at += length;
	}
	return false;
}
