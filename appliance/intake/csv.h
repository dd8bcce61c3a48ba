/* Lines of a small comma-separated table: quotes around a field and a byte order mark are taken off, the line ends of
 * every system are known, blank lines are passed over. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { CSV_FIELDS_MAX = 24, CSV_FIELD_SIZE = 96 };

struct csv {
	const char *text; /* size bytes, no end needed */
	size_t size;
	size_t at;
};

struct csv_row {
	int count; /* fields in the line; at most CSV_FIELDS_MAX are kept */
	char field[CSV_FIELDS_MAX][CSV_FIELD_SIZE]; /* cut where longer */
};

/* False at the end. */
bool csv_next(struct csv *csv, struct csv_row *ret_row);
