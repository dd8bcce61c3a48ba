#include "update/bundles.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/program.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { ASK_S = 120, MANIFEST_MAX = 1 << 20 };

static bool digest_of(const char *path, char ret_digest[SETTING_DIGEST_SIZE], struct err *err)
{
	enum { CHUNK = 1 << 20 };
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	OWN(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	OWN(free) uint8_t *chunk = malloc(CHUNK);
	struct crypto_hash *hash = chunk ? crypto_hash_new() : NULL;
	if (!hash)
		return err_set(err, ERR_NO_MEMORY, "reading %s", path);
	ssize_t got = fd < 0 ? -1 : 1;
	while (got > 0) {
		got = read(fd, chunk, CHUNK);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			crypto_hash_add(hash, chunk, (size_t)got);
	}
	int number = errno;
	crypto_hash_end(hash, digest);
	if (got < 0)
		return err_set(err, ERR_IO, "reading %s: %s", path, strerror(number));
	text_hex(ret_digest, digest, sizeof digest);
	return true;
}

/* RAUC checks the signature before it says anything of what is inside. */
static bool ask_rauc(struct bundle *bundle, struct err *err)
{
	const char *const arguments[] = {"rauc", "info", "--output-format=json", bundle->path, NULL};
	OWN(buf_done) struct buf text = BUF_INIT(MANIFEST_MAX);
	OWN(json_decref) json_t *told = NULL;
	if (!program_run(arguments, ASK_S, &text, err) || !json_parse(buf_text(&text), text.size, &told, err))
		return false;
	text_copy(bundle->version, sizeof bundle->version, json_text(told, "version", ""));
	text_copy(bundle->compatible, sizeof bundle->compatible, json_text(told, "compatible", ""));
	return true;
}

struct adding {
	struct bundles *bundles;
	bool from_stick;
};

static bool add_one(const char *full, const char *relative, void *context, struct err *err)
{
	struct adding *adding = context;
	struct bundle *bundle = &adding->bundles->list[adding->bundles->count];
	struct stat status;
	struct err why;
	if (!text_ends(relative, ".raucb") || !text_is_plain(relative) || strchr(relative, '/') ||
	    adding->bundles->count == BUNDLES_MAX || lstat(full, &status) != 0 || !S_ISREG(status.st_mode))
		return true;
	*bundle = (struct bundle){.from_stick = adding->from_stick, .size = status.st_size};
	if (!text_copy(bundle->file, sizeof bundle->file, relative) || !text_copy(bundle->path, sizeof bundle->path, full))
		return true;
	/* One that the agent has just replaced by a newer one is looked at the next time. */
	if (!digest_of(full, bundle->digest, err))
		return !file_exists(full);
	if (!ask_rauc(bundle, &why))
		text_copy(bundle->refused, sizeof bundle->refused, why.detail);
	adding->bundles->count++;
	return true;
}

bool bundles_add(struct bundles *bundles, const char *folder, bool from_stick, struct err *err)
{
	struct adding adding = {bundles, from_stick};
	return !folder_is(folder) || folder_walk(folder, 0, add_one, &adding, err) ||
	    err_add(err, "looking for updates");
}
