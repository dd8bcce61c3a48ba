/* Cuts: the normalised grey crop of each time point, sealed, with where it lay in the frame. They are
 * stored together with their readings by readings_store. */
#pragma once

#include "model/reading.h"
#include "store/store.h"

/* What cutting one time point gave. */
struct cut_row {
	int run;
	int planes; /* focal planes it was cut from: a run that has gained one since stays unread */
	int planes_damaged; /* of these, how many did not decode */
	bool damaged; /* no plane decoded: nothing below is meant */
	bool made; /* false: an empty well, no cut */
	int width, height; /* of the frame */
	int focal_um[CUT_PLANES_MAX]; /* of the cut's planes, sharpest first */
	uint16_t radius_permille; /* of the cut */
	struct location location;
	bool waiting; /* for its reading; see store/waiting.h */
	uint16_t motion; /* of the cut, permille, against the cut before */
};

bool cuts_get(struct store *store, int64_t embryo_id, int run, struct cut_row *ret_row, bool *ret_found,
    struct err *err);
/* In order of run. */
bool cuts_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct cut_row *row, void *context), void *context, struct err *err);
/* The pixels. ERR_NOT_FOUND where no cut was made. */
bool cuts_read(struct store *store, int64_t embryo_id, int run, struct cut *ret_cut, struct err *err);
/* The pixels of the last cut before this run, for the motion between two. Nothing found is not an error. */
bool cuts_before(struct store *store, int64_t embryo_id, int run, struct cut *ret_cut, bool *ret_found,
    struct err *err);
