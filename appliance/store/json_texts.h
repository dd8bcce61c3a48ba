/* Inside store: a JSON text that is kept for a row of another table, the newest one only. Tables of this kind have
 * the columns (subject INTEGER PRIMARY KEY, json, made_us). */
#pragma once

#include "base/buf.h"
#include "store/changes.h"

/* put_sql takes subject, json, made_us. Writes the changes row in the same transaction; the caller has looked that the
 * subject exists. */
bool json_text_put(struct store *store, const char *put_sql, int64_t subject, const char *json,
    enum change_kind change, struct err *err);
/* get_sql takes subject and gives json, made_us. Appends; ret_made_us may be NULL; nothing found is not an error. */
bool json_text_get(struct store *store, const char *get_sql, int64_t subject, struct buf *to,
    int64_t *ret_made_us, bool *ret_found, struct err *err);
