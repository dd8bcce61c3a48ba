/* A growing byte buffer that always knows its maximum. Sticky: after one failure every further call does
 * nothing, so a writer appends freely and checks buf_ok() once at the end. */
#pragma once

#include "base/err.h"
#include "base/own.h"

#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t size;
	size_t capacity;
	size_t max;
	bool failed;
};

#define BUF_INIT(max_bytes) {.max = (max_bytes)}

/* Frees the content; the buffer can be used again. */
void buf_done(struct buf *buf);
/* For locals: OWN(buf_done) struct buf b = BUF_INIT(n); */
static inline void buf_done_owned(struct buf *buf)
{
	buf_done(buf);
}

void buf_clear(struct buf *buf);
void buf_add(struct buf *buf, const void *data, size_t size);
void buf_add_u8(struct buf *buf, uint8_t value);
void buf_add_u16(struct buf *buf, uint16_t value); /* little endian, as all of ours */
void buf_add_u32(struct buf *buf, uint32_t value);
void buf_add_u64(struct buf *buf, uint64_t value);
void buf_print(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends size zero bytes and returns them, NULL on failure. */
uint8_t *buf_grow(struct buf *buf, size_t size);
/* NUL-terminated view of the content; "" on failure. */
const char *buf_text(struct buf *buf);
bool buf_ok(const struct buf *buf, struct err *err);

/* A cursor over bytes that are not ours. Sticky: past the end every read gives zero. */
struct view {
	const uint8_t *data;
	size_t size;
	size_t at;
	bool failed;
};

#define VIEW(bytes, length) {.data = (bytes), .size = (length)}

uint8_t view_u8(struct view *view);
uint16_t view_u16(struct view *view);
uint32_t view_u32(struct view *view);
uint64_t view_u64(struct view *view);
/* NULL past the end. */
const uint8_t *view_bytes(struct view *view, size_t size);
size_t view_left(const struct view *view);
