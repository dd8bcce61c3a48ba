#include "wire/pack.h"

#include "base/json.h"
#include "base/limits.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

enum entry { ABOUT, QUESTION, ENTRIES };

enum { FORMAT = 1, ABOUT_MAX = 256 };

static const struct {
	const char *name;
	size_t max;
} kinds[ENTRIES] = {[ABOUT] = {"about.json", ABOUT_MAX}, [QUESTION] = {"question", PACK_QUESTION_MAX}};

static void reader_free(struct archive *archive)
{
	archive_read_free(archive);
}
OWN_DEFINE(struct archive *, reader_free)

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

/* Writing */

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
static bool write_entry(struct archive *archive, enum entry kind, const void *data, size_t size)
{
	OWN(entry_free) struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return false;
	archive_entry_set_pathname(entry, kinds[kind].name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t)size);
	return archive_write_header(archive, entry) == ARCHIVE_OK &&
	    archive_write_data(archive, data, size) == (la_ssize_t)size;
}

static bool write_entries(struct archive *archive, const void *question, size_t size, struct buf *to)
{
	OWN(json_decref) json_t *about = json_pack("{s:i}", "format", FORMAT);
	OWN(free) char *text = about ? json_dumps(about, JSON_COMPACT) : NULL;
	return text && archive_write_set_format_ustar(archive) == ARCHIVE_OK &&
	    archive_write_add_filter_zstd(archive) == ARCHIVE_OK &&
	    archive_write_set_filter_option(archive, "zstd", "compression-level", "1") == ARCHIVE_OK &&
	    archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
	    archive_write_open(archive, to, NULL, write_on, NULL) == ARCHIVE_OK &&
	    write_entry(archive, ABOUT, text, strlen(text)) && write_entry(archive, QUESTION, question, size) &&
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

/* Reading */

static bool damaged(struct archive *archive, struct err *err)
{
	const char *why = archive_error_string(archive);
	return err_set(err, ERR_DAMAGED, "the pack is damaged or cut off: %.120s", why ? why : "unreadable");
}

static int kind_of(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	bool plain = archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry);
	for (int i = 0; name && plain && i < ENTRIES; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return i;
	return -1;
}

static bool take_entry(struct archive *archive, struct archive_entry *entry, struct buf *const entries[ENTRIES],
    struct err *err)
{
	int kind = kind_of(entry);
	if (kind < 0 || entries[kind]->size)
		return err_set(err, ERR_DAMAGED, "the pack holds something else than one question");
	la_int64_t size = archive_entry_size(entry);
	if (size > (la_int64_t)kinds[kind].max)
		return err_set(err, ERR_TOO_LARGE, "%s unpacks to more than %zu bytes", kinds[kind].name, kinds[kind].max);
	if (size <= 0)
		return err_set(err, ERR_DAMAGED, "%s is empty", kinds[kind].name);
	uint8_t *data = buf_grow(entries[kind], (size_t)size);
	if (!data)
		return buf_ok(entries[kind], err);
	return archive_read_data(archive, data, (size_t)size) == size || damaged(archive, err);
}

static bool take_entries(struct archive *archive, struct buf *const entries[ENTRIES], struct err *err)
{
	for (;;) {
		struct archive_entry *entry;
		int code = archive_read_next_header(archive, &entry);
		if (code == ARCHIVE_EOF)
			return (entries[ABOUT]->size && entries[QUESTION]->size) ||
			    err_set(err, ERR_DAMAGED, "the pack holds no question");
		if (code != ARCHIVE_OK)
			return damaged(archive, err);
		if (!take_entry(archive, entry, entries, err))
			return false;
	}
}

static bool check_about(const struct buf *text, struct err *err)
{
	OWN(json_decref) json_t *about = NULL;
	struct err why;
	return (json_parse((const char *)text->data, text->size, &about, &why) && json_is_object(about) &&
	           json_int(about, "format", 0) == FORMAT) ||
	    err_set(err, ERR_DAMAGED, "the pack is not of format %d", FORMAT);
}

bool pack_read(const void *pack, size_t size, struct buf *ret_question, struct err *err)
{
	OWN(buf_done) struct buf about = BUF_INIT(ABOUT_MAX);
	OWN(reader_free) struct archive *archive = archive_read_new();
	if (!archive)
		return err_set(err, ERR_NO_MEMORY, "unpacking a question");
	struct buf *const entries[ENTRIES] = {&about, ret_question};
	buf_clear(ret_question);
	/* Set, not supported: one layer of zstd and nothing guessed, or layers of it would multiply what a bomb unpacks to. */
	if (archive_read_append_filter(archive, ARCHIVE_FILTER_ZSTD) != ARCHIVE_OK ||
	    archive_read_set_format(archive, ARCHIVE_FORMAT_TAR) != ARCHIVE_OK ||
	    archive_read_open_memory(archive, pack, size) != ARCHIVE_OK)
		return damaged(archive, err);
	bool ok = take_entries(archive, entries, err) && check_about(&about, err);
	if (!ok)
		buf_clear(ret_question);
	return ok;
}
