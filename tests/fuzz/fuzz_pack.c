/* rooms: wire */
/* Any bytes as a pack; and, so that the tar in it is reached, any bytes as what a pack unpacks to. What is taken can be
 * packed again. */
#include "wire/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(const uint8_t *data, size_t size)
{
	OWN(buf_done) struct buf question = BUF_INIT(PACK_QUESTION_MAX), again = BUF_INIT(PACK_QUESTION_MAX),
	    pack = BUF_INIT(PACK_SIZE_MAX);
	struct err err = {0};
	if (!pack_read(data, size, &question, &err)) {
		assert((err.code == ERR_DAMAGED || err.code == ERR_TOO_LARGE) && err.detail[0] && question.size == 0);
		return;
	}
	assert(question.size > 0);
	assert(pack_write(question.data, question.size, &pack, &err) && pack_read(pack.data, pack.size, &again, &err));
	assert(again.size == question.size && memcmp(again.data, question.data, again.size) == 0);
}

static la_ssize_t collect(struct archive *archive, void *context, const void *data, size_t size)
{
	(void)archive;
	buf_add(context, data, size);
	return (la_ssize_t)size;
}

/* zstd around the bytes. */
static void compress(const uint8_t *data, size_t size, struct buf *to)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	archive_write_set_format_raw(archive);
	archive_write_add_filter_zstd(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	archive_write_open(archive, to, NULL, collect, NULL);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "tar");
	archive_write_header(archive, entry);
	archive_write_data(archive, data, size);
	archive_write_close(archive);
	archive_write_free(archive);
	archive_entry_free(entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(buf_done) struct buf packed = BUF_INIT(PACK_SIZE_MAX);
	take(data, size);
	compress(data, size, &packed);
	if (!packed.failed)
		take(packed.data, packed.size);
	return 0;
}
