#include "intake/mark.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>
#include <sys/stat.h>

void mark_name(char *to, size_t size, const char *path, const char *name)
{
	OWN(free) char *resolved = NULL;
	if (name) {
		text_copy(to, size, name);
		return;
	}
	text_copy(to, size, path);
	while (strlen(to) > 1 && text_ends(to, "/"))
		to[strlen(to) - 1] = 0;
	const char *last = path_name(to);
	if (strcmp(last, ".") == 0 || strcmp(last, "..") == 0 || !*last) {
		resolved = realpath(path, NULL);
		last = path_name(resolved ? resolved : path);
	}
	memmove(to, last, strlen(last) + 1);
}

static bool add_file(const char *full, const char *relative, void *context, struct err *err)
{
	(void)err;
	struct crypto_hash *hash = context;
	struct stat status;
	/* A file that has just gone shows by its absence. */
	if (lstat(full, &status) != 0)
		return true;
	const int64_t numbers[] = {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
	crypto_hash_add(hash, relative, strlen(relative) + 1);
	crypto_hash_add(hash, numbers, sizeof numbers);
	return true;
}

bool mark_make(const char *path, const char *name, uint8_t ret_mark[MARK_SIZE])
{
	struct stat status;
	struct err ignored;
	if (stat(path, &status) != 0)
		return false;
	struct crypto_hash *hash = crypto_hash_new();
	if (!hash)
		return false;
	crypto_hash_add(hash, name, strlen(name) + 1);
	bool ok = S_ISDIR(status.st_mode) ? folder_walk(path, LIMIT_FOLDER_DEPTH, add_file, hash, &ignored)
					  : add_file(path, "", hash, &ignored);
	crypto_hash_end(hash, ret_mark);
	return ok;
}
