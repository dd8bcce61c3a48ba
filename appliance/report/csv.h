/* CSV: comma-separated values as RFC 4180 has them, for programs and for spreadsheets.
 *
 * UTF-8 behind a byte order mark, without which spreadsheets take the letters of a name for others. A text that a
 * spreadsheet would run as a formula gets an apostrophe before it: a patient's name is never a command. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct csv {
	struct buf *to;
	bool begun; /* there is a cell on this line */
};

void csv_begin(struct csv *csv, struct buf *to); /* of the file */
void csv_text(struct csv *csv, const char *text);
void csv_int(struct csv *csv, int64_t value);
void csv_end_line(struct csv *csv);
