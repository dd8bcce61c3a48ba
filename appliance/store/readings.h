/* Readings: what the reader said about each cut, with the reader's version and digest.
 *
 * The newest reading of a run is the one that counts: the table readings has one for each run. When another reader
 * reads the run again, what the one before said goes to readings_before and stays: the last word of each reader. Both
 * go with the embryo.
 *
 * All readings of an embryo are to be of one reader, for two readers' errors differ: a job that reads an embryo ends
 * by reading again what another reader had read (readings_renew). */
#pragma once

#include "base/limits.h"
#include "store/cuts.h"
#include "store/store.h"

struct reading_new {
	struct cut_row row;
	const struct cut *cut; /* NULL unless row.made */
	struct reading reading; /* void when row.damaged or row.waiting */
};

/* Cuts and readings of one embryo in one transaction; a run that had a reading gets the new one, a run whose cut waits
 * stays unread. version and digest name the reader. count 1..LIMIT_READINGS_PER_COMMIT. */
bool readings_store(struct store *store, int64_t embryo_id, const char *version, const char *digest,
    const struct reading_new *readings, size_t count, struct err *err);

/* Lets the runs of an embryo that a reader of another digest has read wait to be read again; their readings stay and
 * count until then. ret_runs: how many. */
bool readings_renew(struct store *store, int64_t embryo_id, const char *digest, int64_t *ret_runs,
    struct err *err);
/* Queues the reading of every embryo that has readings of another digest, behind all other work; on the record under
 * user_id (0: the command line). ret_embryos: how many. */
bool readings_refresh(struct store *store, const char *digest, int64_t user_id, int64_t *ret_embryos,
    struct err *err);

struct reading_reader {
	const char *version, *digest; /* for the call only */
	int64_t runs; /* that it read of the embryo */
};
/* Who made the readings of an embryo that count: one, but while it is read again. */
bool readings_readers_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct reading_reader *reader, void *context), void *context, struct err *err);

struct reading_past {
	const char *version, *digest; /* for the call only */
	int64_t replaced_us; /* 0: the one that counts */
	struct reading reading;
	uint16_t motion;
};
/* Every reader's word on one run: the one that counts, then the others, the last replaced first. */
bool readings_history(struct store *store, int64_t embryo_id, int run,
    bool (*each)(const struct reading_past *past, void *context), void *context, struct err *err);
