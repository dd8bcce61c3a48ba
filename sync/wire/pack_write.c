/* A file of its own, so that the function has no more of libarchive than it reads with. */
#include "wire/pack.h"

#include "base/json.h"
#include "base/tar.h"

#include <string.h>

bool pack_write(const void *question, size_t size, struct buf *to, struct err *err)
{
	if (size > PACK_QUESTION_MAX)
		return err_set(err, ERR_TOO_LARGE, "a question of %zu bytes; at most %d", size, PACK_QUESTION_MAX);
	OWN(json_decref) json_t *about = json_pack("{s:i}", "format", PACK_FORMAT);
	OWN(free) char *text = about ? json_dumps(about, JSON_COMPACT) : NULL;
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "packing a question");
	const struct tar_file files[] = {{"about.json", text, strlen(text)}, {"question", question, size}};
	buf_clear(to);
	if (!tar_write(files, 2, TAR_ZSTD, to, err))
		return err_add(err, "packing a question");
	return to->size <= PACK_SIZE_MAX || err_set(err, ERR_TOO_LARGE, "a pack of more than %d bytes", PACK_SIZE_MAX);
}
