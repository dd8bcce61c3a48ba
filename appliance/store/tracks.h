/* The track of an embryo as evaluation looks at it, put together from runs, cuts and readings. */
#pragma once

#include "model/track.h"
#include "store/store.h"

/* All runs of an embryo that have frames, in order of run; a run not read yet or damaged has read = false.
 * The caller ends it with track_done. */
bool tracks_load(struct store *store, int64_t embryo_id, struct track *ret_track, struct err *err);
/* The newest point that has a reading. Nothing found is not an error. */
bool tracks_latest(struct store *store, int64_t embryo_id, struct track_point *ret_point, bool *ret_found,
    struct err *err);
void track_done(struct track *track);
static inline void track_done_owned(struct track *track)
{
	track_done(track);
}
