/* Tar archives of plain files in memory, without owner or time: the same content gives the same bytes. Reading them is the
 * business of the rooms that take them in, with their limits; and who only reads has no more of libarchive than that. */
#pragma once

#include "base/buf.h"

struct tar_file {
	const char *name;
	const void *data;
	size_t size;
};

enum tar_packing { TAR_PLAIN, TAR_ZSTD /* at its fastest */ };

/* Appended to `to`. ERR_TOO_LARGE for what goes beyond the limit of `to`. */
bool tar_write(const struct tar_file *files, size_t count, enum tar_packing packing, struct buf *to, struct err *err);
