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
#include <unistd.h>

enum { ASK_S = 120, MANIFEST_MAX = 1 << 20 };

/* A plain file that keeps nobody waiting: whoever owns the folder may put something else there at any moment. */
static bool open_plain(const char *path, int *ret_fd, struct err *err)
{
	struct stat status;
	OWN(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) != 0)
		return err_errno(err, "opening %s", path);
	if (!S_ISREG(status.st_mode))
		return err_set(err, ERR_BAD_INPUT, "%s is no file", path);
	*ret_fd = fd;
	fd = -1;
	return true;
}

/* The SHA-256 of the first size_max bytes, which are also written to `to`; -1: nowhere. */
static bool digest_of(const char *path, int64_t size_max, int to, char ret_digest[SETTING_DIGEST_SIZE],
    struct err *err)
{
	enum { CHUNK = 1 << 20 };
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	OWN(fd_close) int fd = -1;
	OWN(free) uint8_t *chunk = malloc(CHUNK);
	if (!open_plain(path, &fd, err))
		return false;
	struct crypto_hash *hash = chunk ? crypto_hash_new() : NULL;
	if (!hash)
		return err_set(err, ERR_NO_MEMORY, "reading %s", path);
	ssize_t got = 1;
	bool written = true;
	while (got > 0 && written && size_max > 0) {
		got = read(fd, chunk, size_max < CHUNK ? (size_t)size_max : CHUNK);
		if (got < 0 && errno == EINTR) {
			got = 1;
			continue;
		}
		if (got > 0) {
			crypto_hash_add(hash, chunk, (size_t)got);
			written = to < 0 || fd_write(to, chunk, (size_t)got);
			size_max -= got;
		}
	}
	int number = errno;
	crypto_hash_end(hash, digest);
	if (got < 0 || !written)
		return err_set(err, ERR_IO, "%s %s: %s", written ? "reading" : "copying", path, strerror(number));
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
	/* One that the agent has just replaced by a newer one, or by no file, is looked at the next time. */
	if (!digest_of(full, INT64_MAX, -1, bundle->digest, err))
		return lstat(full, &status) != 0 || !S_ISREG(status.st_mode);
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

bool bundles_take(const struct bundle *bundle, const char *path, struct err *err)
{
	char digest[SETTING_DIGEST_SIZE];
	struct bundle taken = {.size = bundle->size};
	unlink(path);
	OWN(fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(err, "writing %s", path);
	/* Not a byte more than was looked at: one that grows must not fill the disk. */
	bool ok = digest_of(bundle->path, bundle->size, fd, digest, err);
	if (ok && strcmp(digest, bundle->digest) != 0)
		ok = err_set(err, ERR_CONFLICT, "%s is not any more what it was when it was looked at", bundle->file);
	/* What RAUC said of the other file is not known of this one. */
	ok = ok && text_copy(taken.path, sizeof taken.path, path) && ask_rauc(&taken, err);
	if (ok && (strcmp(taken.version, bundle->version) != 0 || strcmp(taken.compatible, bundle->compatible) != 0))
		ok = err_set(err, ERR_CONFLICT, "%s changed its version while it was looked at", bundle->file);
	if (!ok)
		unlink(path);
	return ok;
}
