/* The writing half of cuts, for readings_store. */
#pragma once

#include "store/blobs.h"
#include "store/cuts.h"

/* Puts a row, and its pixels where cut is not NULL, in a transaction of the caller's. */
bool cuts_put(struct blob_writer *writer, int64_t embryo_id, const struct cut_row *row,
    const struct cut *cut, struct err *err);
