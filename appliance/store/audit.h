/* The audit log: who did what, when. Each row carries an HMAC over itself and the row before, under a key
 * derived from the box key, so an edited, inserted or removed row breaks the chain. Details hold ids and
 * words of the program, never names or free text. Functions of this room that take a user_id write their
 * own rows. */
#pragma once

#include "base/limits.h"
#include "store/store.h"

struct audit_row {
	int64_t id;
	int64_t made_us;
	int64_t user_id; /* 0: the box itself */
	char action[64]; /* "dish.assign" */
	int64_t subject; /* id of the thing acted on; 0: none */
	char detail[LIMIT_COMMENT];
};

bool audit_add(struct store *store, int64_t user_id, const char *action, int64_t subject,
    const char *detail, struct err *err);
bool audit_each(struct store *store, int64_t after_id,
    bool (*each)(const struct audit_row *row, void *context), void *context, struct err *err);
/* ERR_DAMAGED names the first row that does not fit. ret_rows: how many were checked, also on failure. */
bool audit_check(struct store *store, int64_t *ret_rows, struct err *err);
