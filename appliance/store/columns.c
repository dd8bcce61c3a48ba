#include "store/columns.h"

#include "store/inside.h"

#include <stdio.h>
#include <string.h>

static size_t binding(const struct column *column, char text[96])
{
	return (size_t)snprintf(text, 96, "%s.%" PRId64, column->name, column->row);
}

void columns_bind(struct db_statement *statement, int index, const struct column *column, const char *text)
{
	char bound[96];
	size_t size = strlen(text);
	OWN(free) uint8_t *sealed = malloc(size + CRYPTO_SEAL_OVERHEAD);
	if (sealed && crypto_seal(column->key, bound, binding(column, bound), text, size, sealed, NULL))
		db_bind_blob(statement, index, sealed, size + CRYPTO_SEAL_OVERHEAD);
	else
		db_bind_null(statement, index);
}

bool columns_open(struct db_statement *statement, int index, const struct column *column, char *to,
    size_t size, struct err *err)
{
	char bound[96];
	size_t sealed_size;
	const uint8_t *sealed = db_column_blob(statement, index, &sealed_size);
	size_t bound_size = binding(column, bound);
	if (sealed_size < CRYPTO_SEAL_OVERHEAD || sealed_size - CRYPTO_SEAL_OVERHEAD >= size)
		return err_set(err, ERR_DAMAGED, "the sealed column %s has %zu bytes", bound, sealed_size);
	if (!crypto_open(column->key, bound, bound_size, sealed, sealed_size, (uint8_t *)to, err))
		return err_add(err, "opening the sealed column %s", bound);
	to[sealed_size - CRYPTO_SEAL_OVERHEAD] = 0;
	return true;
}
