/* A file of its own, so that the function has no more of libarchive than it reads with. */
#include "wire/pack.h"

#include "base/json.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

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
	archive_set_error(archive, EFBIG, "the pack is full");
	return -1;
}

/* An entry has no time, no owner: a pack tells nothing but its content. */
static bool write_entry(struct archive *archive, const char *name, const void *data, size_t size)
{
	OWN(entry_free) struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return false;
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t)size);
	return archive_write_header(archive, entry) == ARCHIVE_OK &&
	    archive_write_data(archive, data, size) == (la_ssize_t)size;
}

static bool write_entries(struct archive *archive, const void *question, size_t size, struct buf *to)
{
	OWN(json_decref) json_t *about = json_pack("{s:i}", "format", PACK_FORMAT);
	OWN(free) char *text = about ? json_dumps(about, JSON_COMPACT) : NULL;
	return text && archive_write_set_format_ustar(archive) == ARCHIVE_OK &&
	    archive_write_add_filter_zstd(archive) == ARCHIVE_OK &&
	    archive_write_set_filter_option(archive, "zstd", "compression-level", "1") == ARCHIVE_OK &&
	    archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
	    archive_write_open(archive, to, NULL, write_on, NULL) == ARCHIVE_OK &&
	    write_entry(archive, "about.json", text, strlen(text)) && write_entry(archive, "question", question, size) &&
	    archive_write_close(archive) == ARCHIVE_OK;
}

bool pack_write(const void *question, size_t size, struct buf *to, struct err *err)
{
	if (size > PACK_QUESTION_MAX)
		return err_set(err, ERR_TOO_LARGE, "a question of %zu bytes; at most %d", size, PACK_QUESTION_MAX);
	OWN(writer_free) struct archive *archive = archive_write_new();
	if (!archive)
		return err_set(err, ERR_NO_MEMORY, "packing a question");
	buf_clear(to);
	bool ok = write_entries(archive, question, size, to);
	if (to->failed || to->size > PACK_SIZE_MAX)
		return err_set(err, ERR_TOO_LARGE, "a pack of more than %d bytes", PACK_SIZE_MAX);
	const char *why = archive_error_string(archive);
	return ok || err_set(err, ERR_INTERNAL, "packing a question: %.120s", why ? why : "no reason");
}
