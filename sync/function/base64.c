#include "function/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { NONE = 64 };

void base64_write(struct buf *to, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	char *text = (char *)buf_grow(to, (size + 2) / 3 * 4);
	if (!text)
		return;
	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		uint32_t group = (uint32_t)bytes[i] << 16;
		group |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		group |= left > 2 ? bytes[i + 2] : 0;
		*text++ = alphabet[group >> 18];
		*text++ = alphabet[group >> 12 & 63];
		*text++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
		*text++ = left > 2 ? alphabet[group & 63] : '=';
	}
}

static void make_values(uint8_t values[256])
{
	memset(values, NONE, 256);
	for (uint8_t i = 0; i < 64; i++)
		values[(uint8_t)alphabet[i]] = i;
}

bool base64_read(const char *text, size_t size, struct buf *to, struct err *err)
{
	uint8_t values[256];
	size_t padding = size && text[size - 1] == '=' ? 1 + (size > 1 && text[size - 2] == '=') : 0;
	uint8_t unknown = 0;
	if (size % 4)
		return err_set(err, ERR_BAD_INPUT, "base 64 comes in groups of four");
	if (!size)
		return true;
	make_values(values);
	uint8_t *at = buf_grow(to, size / 4 * 3 - padding);
	if (!at)
		return buf_ok(to, err);
	for (size_t i = 0; i < size; i += 4) {
		size_t used = i + 4 == size ? 4 - padding : 4;
		uint32_t group = 0;
		for (size_t j = 0; j < 4; j++) {
			uint8_t value = j < used ? values[(uint8_t)text[i + j]] : 0;
			unknown |= value & NONE;
			group = group << 6 | (value & 63);
		}
		for (size_t j = 0; j + 1 < used; j++)
			*at++ = (uint8_t)(group >> (16 - 8 * j));
		/* Bits that no byte takes: two texts would mean the same bytes. */
		if (used < 4 && group & (used == 3 ? 0xffu : 0xffffu))
			unknown |= NONE;
	}
	if (unknown)
		return err_set(err, ERR_BAD_INPUT, "not base 64");
	return true;
}
