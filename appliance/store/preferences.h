/* What each user likes (keys, theme): one JSON text a user, which the screen understands and the store only keeps. */
#pragma once

#include "base/buf.h"
#include "store/store.h"

/* ERR_TOO_LARGE: more than LIMIT_PREFERENCES bytes. ERR_NOT_FOUND: no such user. */
bool preferences_put(struct store *store, int64_t user_id, const char *json, struct err *err);
/* Appends the JSON to `to`. Nothing found is not an error. */
bool preferences_get(struct store *store, int64_t user_id, struct buf *to, bool *ret_found, struct err *err);
