#include "base/tar.h"

#include "base/own.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

static void writer_free(struct archive *archive)
{
	archive_write_free(archive);
}
OWN_DEFINE(struct archive *, writer_free)

static void entry_free(struct archive_entry *entry)
{
	archive_entry_free(entry);
}
OWN_DEFINE(struct archive_entry *, entry_free)

static la_ssize_t write_on(struct archive *archive, void *context, const void *data, size_t size)
{
	struct buf *to = context;
	buf_add(to, data, size);
	if (!to->failed)
		return (la_ssize_t)size;
	archive_set_error(archive, EFBIG, "the archive is full");
	return -1;
}

static bool open_writer(struct archive *archive, enum tar_packing packing, struct buf *to)
{
	if (packing == TAR_ZSTD &&
	    (archive_write_add_filter_zstd(archive) != ARCHIVE_OK ||
	        archive_write_set_filter_option(archive, "zstd", "compression-level", "1") != ARCHIVE_OK))
		return false;
	return archive_write_set_format_ustar(archive) == ARCHIVE_OK &&
	    archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
	    archive_write_open(archive, to, NULL, write_on, NULL) == ARCHIVE_OK;
}

static bool write_file(struct archive *archive, const struct tar_file *file)
{
	OWN(entry_free) struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return false;
	archive_entry_set_pathname(entry, file->name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, (la_int64_t)file->size);
	return archive_write_header(archive, entry) == ARCHIVE_OK &&
	    archive_write_data(archive, file->data, file->size) == (la_ssize_t)file->size;
}

bool tar_write(const struct tar_file *files, size_t count, enum tar_packing packing, struct buf *to, struct err *err)
{
	OWN(writer_free) struct archive *archive = archive_write_new();
	if (!archive)
		return err_set(err, ERR_NO_MEMORY, "writing an archive");
	bool ok = open_writer(archive, packing, to);
	for (size_t i = 0; i < count && ok; i++)
		ok = write_file(archive, &files[i]);
	ok = ok && archive_write_close(archive) == ARCHIVE_OK;
	if (!buf_ok(to, err))
		return false;
	const char *why = archive_error_string(archive);
	return ok || err_set(err, ERR_INTERNAL, "writing an archive: %.120s", why ? why : "no reason");
}
