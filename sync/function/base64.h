/* Base 64 (RFC 4648, section 4), which JSON events carry bytes in. */
#pragma once

#include "base/buf.h"

/* Appends the text of the bytes. */
void base64_write(struct buf *to, const void *data, size_t size);
/* Appends the bytes of a text: whole groups of four, padded, nothing else. ERR_BAD_INPUT, or ERR_TOO_LARGE beyond the
 * buffer's maximum. */
bool base64_read(const char *text, size_t size, struct buf *to, struct err *err);
