/* Free words on embryos, sealed under the dish's key. None replaces another; its author may take it back. */
#pragma once

#include "base/limits.h"
#include "store/store.h"

struct comment {
	int64_t id;
	char text[LIMIT_COMMENT];
	int run; /* what it speaks of; -1: the embryo */
	int64_t user_id;
	char author[LIMIT_NAME];
	int64_t made_us;
};

/* ERR_BAD_INPUT: empty, or no UTF-8; ERR_TOO_LARGE. Writes an audit row (without the text). */
bool comments_add(struct store *store, int64_t embryo_id, int64_t user_id, const char *text, int run, int64_t *ret_id,
    struct err *err);
/* ERR_NOT_FOUND: the embryo has no such comment, or it was taken back; ERR_FORBIDDEN: it is another's. */
bool comments_withdraw(struct store *store, int64_t embryo_id, int64_t id, int64_t user_id, struct err *err);
/* The current ones, oldest first. */
bool comments_each(struct store *store, int64_t embryo_id, bool (*each)(const struct comment *comment, void *context),
    void *context, struct err *err);
