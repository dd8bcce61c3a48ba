/* Sealed columns: a text under a key, bound to its table, column and row, so that no value can be moved to
 * another place without notice. */
#pragma once

#include "base/crypto.h"
#include "base/db.h"

struct column {
	const uint8_t *key;
	const char *name; /* "patients.name" */
	int64_t row;
};

/* Binds the sealed text. If it cannot be sealed null is bound, which the column refuses. */
void columns_bind(struct db_statement *statement, int index, const struct column *column, const char *text);
/* Opens a sealed column of the current row. */
bool columns_open(struct db_statement *statement, int index, const struct column *column, char *to,
    size_t size, struct err *err);
