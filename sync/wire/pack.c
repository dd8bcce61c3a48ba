#include "wire/pack.h"

#include "base/json.h"
#include "base/limits.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

enum entry { ABOUT, QUESTION, ENTRIES };

enum { ABOUT_MAX = 256 };

static const struct {
	const char *name;
	size_t max;
} kinds[ENTRIES] = {[ABOUT] = {"about.json", ABOUT_MAX}, [QUESTION] = {"question", PACK_QUESTION_MAX}};

static void reader_free(struct archive *archive)
{
	archive_read_free(archive);
}
OWN_DEFINE(struct archive *, reader_free)

static bool damaged(struct archive *archive, struct err *err)
{
	const char *why = archive_error_string(archive);
	return err_set(err, ERR_DAMAGED, "the pack is damaged or cut off: %.120s", why ? why : "unreadable");
}

/* Layers of zstd would multiply what a bomb unpacks to. */
static bool one_layer(struct archive *archive)
{
	return archive_filter_count(archive) == 2 && archive_filter_code(archive, 0) == ARCHIVE_FILTER_ZSTD &&
	    archive_filter_code(archive, 1) == ARCHIVE_FILTER_NONE;
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
	           json_int(about, "format", 0) == PACK_FORMAT) ||
	    err_set(err, ERR_DAMAGED, "the pack is not of format %d", PACK_FORMAT);
}

bool pack_read(const void *pack, size_t size, struct buf *ret_question, struct err *err)
{
	OWN(buf_done) struct buf about = BUF_INIT(ABOUT_MAX);
	OWN(reader_free) struct archive *archive = archive_read_new();
	if (!archive)
		return err_set(err, ERR_NO_MEMORY, "unpacking a question");
	struct buf *const entries[ENTRIES] = {&about, ret_question};
	buf_clear(ret_question);
	/* By name, not "all" or "set": those would bring every format that libarchive knows into the function. */
	if (archive_read_support_filter_zstd(archive) != ARCHIVE_OK ||
	    archive_read_support_format_tar(archive) != ARCHIVE_OK ||
	    archive_read_open_memory(archive, pack, size) != ARCHIVE_OK)
		return damaged(archive, err);
	if (!one_layer(archive))
		return err_set(err, ERR_DAMAGED, "the pack is not one layer of zstd");
	bool ok = take_entries(archive, entries, err) && check_about(&about, err);
	if (!ok)
		buf_clear(ret_question);
	return ok;
}
