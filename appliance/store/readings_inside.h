/* How a reading lies in its row, for the files of this room that read one. */
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
