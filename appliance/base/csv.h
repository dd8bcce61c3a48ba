/* CSV: comma-separated values as RFC 4180 has them, for programs and for spreadsheets. This one writes.
 *
 * A text that a spreadsheet would run as a formula gets an apostrophe before it: a name is never a command.
 * Numbers stay as they are.
 *
 *   struct csv csv = {.to = &text}; */
#pragma once

#include "base/buf.h"
#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct csv {
	struct buf *to;
	bool begun; /* there is a cell on this line */
};

/* The byte order mark, before all else: without it spreadsheets take the letters of a name for others. A file
 * without names goes without it, as programs would read it into the first column's name. */
void csv_mark(struct csv *csv);
void csv_text(struct csv *csv, const char *text);
void csv_int(struct csv *csv, int64_t value);
/* A whole number or a text; of anything else, or NULL, an empty cell. */
void csv_json(struct csv *csv, const json_t *value);
/* A line of texts: the names of the columns. */
void csv_line(struct csv *csv, const char *const texts[], int count);
void csv_end_line(struct csv *csv);
