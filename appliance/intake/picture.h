/* Whether a picture is whole, without decoding it: the marks of its container are followed from head to end. A file
 * that was cut off anywhere, the commonest damage by far, has no end mark. Damage inside the compressed pixels is
 * left to the reader. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* ERR_DAMAGED: cut off or broken; ERR_UNSUPPORTED: neither JPEG nor PNG; ERR_TOO_LARGE: more than LIMIT_FRAME_SIDE a
 * side or LIMIT_FRAME_BYTES. The detail completes "the picture ...". */
bool picture_check(const uint8_t *data, size_t size, int *ret_width, int *ret_height, struct err *err);
