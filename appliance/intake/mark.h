/* The mark of an export: a digest of its name, size and time of change, by which a restart knows what it has taken
 * before. A folder's mark covers all its files. */
#pragma once

#include "base/crypto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MARK_SIZE = CRYPTO_DIGEST_SIZE };

/* What an import is called: name, or the last part of path where name is NULL ("." is looked up). */
void mark_name(char *to, size_t size, const char *path, const char *name);
/* Reads no content. False: it is not there or cannot be looked at. */
bool mark_make(const char *path, const char *name, uint8_t ret_mark[MARK_SIZE]);
