/* Readings: what the reader said about each cut, with the reader's name and digest; one for each run, the
 * newest. */
#pragma once

#include "base/limits.h"
#include "store/cuts.h"
#include "store/store.h"

struct reading_new {
	struct cut_row row;
	const struct cut *cut; /* NULL unless row.made */
	struct reading reading; /* void when row.damaged */
	uint16_t motion; /* permille, against the cut before */
};

/* Cuts and readings of one embryo in one transaction; a run that had a reading gets the new one. version
 * and digest name the reader. count 1..LIMIT_READINGS_PER_COMMIT. */
bool readings_store(struct store *store, int64_t embryo_id, const char *version, const char *digest,
    const struct reading_new *readings, size_t count, struct err *err);
