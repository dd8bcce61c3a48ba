/* Requests that were carried out, by the key their sender gave them (Idempotency-Key): one that is sent again, because
 * its answer was lost, is answered as the first time and changes nothing.
 *
 *   store_begin; acts_find; unless found: the change itself, acts_add; store_commit
 *
 * Kept for ACT_DAYS; older ones go as new ones come. */
#pragma once

#include "base/buf.h"
#include "store/store.h"

enum { ACT_KEY_MAX = 64, ACT_DAYS = 30 };

/* Appends the result to `to`. Nothing found is not an error. ERR_BAD_INPUT: a key of 1 to ACT_KEY_MAX printable ASCII
 * letters was expected. ERR_CONFLICT: another user's. */
bool acts_find(struct store *store, const char *key, int64_t user_id, struct buf *to, bool *ret_found, struct err *err);
/* result: whatever the caller needs to answer again; may be "". ERR_CONFLICT: the key was taken. */
bool acts_add(struct store *store, const char *key, int64_t user_id, const char *result, struct err *err);
