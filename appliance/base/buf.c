#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf)BUF_INIT(buf->max);
}

void buf_clear(struct buf *buf)
{
	buf->size = 0;
	buf->failed = false;
}

static bool reserve(struct buf *buf, size_t more)
{
	if (buf->failed)
		return false;
	if (more > buf->max || buf->size > buf->max - more) {
		buf->failed = true;
		return false;
	}
	size_t need = buf->size + more;
	if (need <= buf->capacity)
		return true;
	size_t capacity = buf->capacity ? buf->capacity : 256;
	while (capacity < need)
		capacity *= 2;
	uint8_t *data = realloc(buf->data, capacity);
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

void buf_add(struct buf *buf, const void *data, size_t size)
{
	if (size == 0 || !reserve(buf, size))
		return;
	memcpy(buf->data + buf->size, data, size);
	buf->size += size;
}

static void add_little_endian(struct buf *buf, uint64_t value, size_t size)
{
	uint8_t bytes[8];
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	buf_add(buf, bytes, size);
}

void buf_add_u8(struct buf *buf, uint8_t value)
{
	add_little_endian(buf, value, 1);
}

void buf_add_u16(struct buf *buf, uint16_t value)
{
	add_little_endian(buf, value, 2);
}

void buf_add_u32(struct buf *buf, uint32_t value)
{
	add_little_endian(buf, value, 4);
}

void buf_add_u64(struct buf *buf, uint64_t value)
{
	add_little_endian(buf, value, 8);
}

void buf_print(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size >= 0 && reserve(buf, (size_t)size + 1)) {
		vsnprintf((char *)buf->data + buf->size, (size_t)size + 1, format, again);
		buf->size += (size_t)size;
	}
	va_end(again);
}

uint8_t *buf_grow(struct buf *buf, size_t size)
{
	if (!reserve(buf, size))
		return NULL;
	/* An empty buffer has no memory yet to point into. */
	if (size == 0)
		return buf->data;
	uint8_t *start = buf->data + buf->size;
	memset(start, 0, size);
	buf->size += size;
	return start;
}

const char *buf_text(struct buf *buf)
{
	if (!reserve(buf, 1))
		return "";
	buf->data[buf->size] = 0;
	return (const char *)buf->data;
}

bool buf_ok(const struct buf *buf, struct err *err)
{
	if (!buf->failed)
		return true;
	return err_set(err, ERR_TOO_LARGE, "more than %zu bytes, or out of memory", buf->max);
}

const uint8_t *view_bytes(struct view *view, size_t size)
{
	if (view->failed || size > view->size - view->at) {
		view->failed = true;
		return NULL;
	}
	const uint8_t *start = view->data + view->at;
	view->at += size;
	return start;
}

static uint64_t little_endian(struct view *view, size_t size)
{
	const uint8_t *bytes = view_bytes(view, size);
	uint64_t value = 0;
	for (size_t i = 0; bytes && i < size; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

uint8_t view_u8(struct view *view)
{
	return (uint8_t)little_endian(view, 1);
}

uint16_t view_u16(struct view *view)
{
	return (uint16_t)little_endian(view, 2);
}

uint32_t view_u32(struct view *view)
{
	return (uint32_t)little_endian(view, 4);
}

uint64_t view_u64(struct view *view)
{
	return little_endian(view, 8);
}

size_t view_left(const struct view *view)
{
	return view->failed ? 0 : view->size - view->at;
}
