/* Archives for the tests, hostile ones among them, written with libarchive itself: its writer takes any name. */
#pragma once

#include "unit/unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

/* By the ending of path: .zip, .tar, .tar.gz, .tar.xz, .tar.zst. */
static inline struct archive *packer_open(const char *path)
{
	struct archive *packer = archive_write_new();
	if (strstr(path, ".zip")) {
		archive_write_set_format_zip(packer);
	} else {
		archive_write_set_format_pax_restricted(packer);
		if (strstr(path, ".gz"))
			archive_write_add_filter_gzip(packer);
		if (strstr(path, ".xz"))
			archive_write_add_filter_xz(packer);
		if (strstr(path, ".zst"))
			archive_write_add_filter_zstd(packer);
	}
	assert_int_equal(archive_write_open_filename(packer, path), ARCHIVE_OK);
	return packer;
}

/* type: AE_IFREG, AE_IFLNK (link: its target), AE_IFDIR, AE_IFCHR; 0: a hard link to link. */
static inline void packer_add_kind(struct archive *packer, const char *name, unsigned type, const char *link,
    const void *data, size_t size)
{
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, type ? type : AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)size);
	if (type == AE_IFLNK)
		archive_entry_set_symlink(entry, link);
	if (type == 0)
		archive_entry_set_hardlink(entry, link);
	/* A warning says that the locale cannot show the name. */
	assert_true(archive_write_header(packer, entry) >= ARCHIVE_WARN);
	if (size)
		assert_int_equal(archive_write_data(packer, data, size), (la_ssize_t)size);
	archive_entry_free(entry);
}

static inline void packer_add(struct archive *packer, const char *name, const void *data, size_t size)
{
	packer_add_kind(packer, name, AE_IFREG, NULL, data, size);
}

/* A file of so many zeros, written a piece at a time. */
static inline void packer_add_zeros(struct archive *packer, const char *name, int64_t size)
{
	static const char zeros[1 << 20];
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, size);
	assert_int_equal(archive_write_header(packer, entry), ARCHIVE_OK);
	for (int64_t left = size; left > 0; left -= (int64_t)sizeof zeros)
		archive_write_data(packer, zeros, left < (int64_t)sizeof zeros ? (size_t)left : sizeof zeros);
	archive_entry_free(entry);
}

static inline void packer_close(struct archive *packer)
{
	assert_int_equal(archive_write_close(packer), ARCHIVE_OK);
	archive_write_free(packer);
}
