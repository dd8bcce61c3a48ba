/* How a reading lies in its row, and how one is put there in a transaction of the caller's: for the files of this
 * room. */
#pragma once

#include "base/db.h"
#include "store/readings.h"

/* Of the tables readings and readings_before, under the name g. */
#define READING_COLUMNS \
	"g.occupied, g.stage, g.confidence, g.unfamiliar, g.sharpness, g.area_permille, g.texture," \
	" g.fragmentation_permille, g.outline, g.motion, g.cells, g.cells_confidence," \
	" g.fragmentation_confidence, g.uneven, g.multinucleated"

/* Of the current row, READING_COLUMNS beginning at column `first`. False when a blob has not the size that this
 * program writes. */
bool reading_of_row(struct db_statement *s, int first, struct reading *ret_reading, uint16_t *ret_motion);

/* Of the table runs. */
enum run_state { RUN_UNREAD, RUN_READ, RUN_DAMAGED };

/* Finds the row of a reader, or adds it. */
bool readings_reader(struct store *store, const char *version, const char *digest, int64_t *ret_id, struct err *err);
/* The reading, or none where it is damaged; what another reader had said stays as its last word. */
bool readings_put(
    struct store *store, int64_t embryo_id, int64_t reader, const struct reading_new *new, struct err *err);
bool readings_settle(struct store *store, int64_t embryo_id, int run, enum run_state state, struct err *err);
