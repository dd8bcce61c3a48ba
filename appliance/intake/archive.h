/* Archives: the one file that includes libarchive. A zip or tar (plain, gzip, xz, zstd) is unpacked into an empty
 * private folder, or refused whole with one sentence.
 *
 * Refused: absolute paths, "..", links, devices, sparse files, names that come twice, passwords, folders deeper than
 * LIMIT_FOLDER_DEPTH, more entries or bytes than the limits, contents that unpack to more than ratio times the
 * archive, archives that are cut off or damaged. Files are written below an open folder, each one new (O_EXCL) and
 * never through a link, with plain modes: no owner, mode or time is taken from the archive.
 * An archive inside the archive stays packed and is counted. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct archive_limits {
	int64_t entries;
	int64_t bytes; /* unpacked, in all */
	int64_t ratio; /* unpacked / packed, in all; the first MiB is free */
};
/* Those of base/limits.h. */
extern const struct archive_limits archive_limits_usual;

struct archive_report {
	int64_t files;
	int64_t bytes;
	int64_t nested; /* files that are archives themselves */
};

/* By the first bytes. */
bool archive_detect(const char *path);
/* "a.tar.gz" -> "a": the name of what was packed; a copy where there is no such ending. */
void archive_stem(char *to, size_t size, const char *name);
/* to_folder exists and is empty; on failure the caller removes it with all that is in it. name: for sentences.
 * ERR_IO and ERR_NO_MEMORY are failures of the box, all others refuse the archive. */
bool archive_unpack(const char *path, const char *name, const char *to_folder, const struct archive_limits *limits,
    struct archive_report *ret_report, struct err *err);
