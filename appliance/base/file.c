#include "base/file.h"

#include "base/crypto.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool file_read(const char *path, struct buf *to, struct err *err)
{
	OWN(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "opening %s", path);
	for (;;) {
		/* Small: some callers have stacks of 100 KiB. */
		uint8_t chunk[8192];
		ssize_t got = read(fd, chunk, sizeof chunk);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "reading %s", path);
		if (got == 0)
			return true;
		buf_add(to, chunk, (size_t)got);
		if (!buf_ok(to, err))
			return err_add(err, "reading %s", path);
	}
}

bool fd_write(int fd, const void *data, size_t size)
{
	const uint8_t *at = data;
	while (size) {
		ssize_t put = write(fd, at, size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		at += put;
		size -= (size_t)put;
	}
	return true;
}

bool file_write(const char *path, const void *data, size_t size, int mode, struct err *err)
{
	char beside[LIMIT_PATH];
	if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", path);
	OWN(fd_close) int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return err_errno(err, "creating %s", beside);
	if (!fd_write(fd, data, size) || fsync(fd) != 0 || rename(beside, path) != 0) {
		err_errno(err, "writing %s", path);
		unlink(beside);
		return false;
	}
	char folder[LIMIT_PATH];
	text_copy(folder, sizeof folder, path);
	char *slash = strrchr(folder, '/');
	if (!slash)
		return true;
	*slash = 0;
	return folder_flush(*folder ? folder : "/", err);
}

bool file_exists(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0;
}

int64_t file_stamp(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return 0;
	int64_t changed = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
	return changed + (int64_t)status.st_ino + 1;
}

bool folder_is(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool folder_make(const char *path, struct err *err)
{
	char part[LIMIT_PATH];
	if (!text_copy(part, sizeof part, path))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", path);
	for (char *at = part + 1;; at++) {
		if (*at != '/' && *at != 0)
			continue;
		char kept = *at;
		*at = 0;
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return err_errno(err, "making the folder %s", part);
		*at = kept;
		if (!kept)
			return true;
	}
}

bool folder_flush(const char *path, struct err *err)
{
	OWN(fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		return err_errno(err, "flushing the folder %s", path);
	return true;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

bool folder_remove(const char *path, struct err *err)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
		return err_errno(err, "removing the folder %s", path);
	return true;
}

bool folder_path(const char *folder, const char *name, char ret_path[LIMIT_PATH], struct err *err)
{
	return path_join(ret_path, LIMIT_PATH, folder, name) ||
	    err_set(err, ERR_BAD_INPUT, "path too long: %s", folder);
}

bool folder_read_text(const char *folder, const char *name, char *to, size_t size, struct err *err)
{
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf text = BUF_INIT(size);
	if (!folder_path(folder, name, path, err))
		return false;
	bool read = file_read(path, &text, err) &&
	    (text.size < size || err_set(err, ERR_TOO_LARGE, "%s has more than %zu bytes", path, size - 1));
	if (read)
		text_copy(to, size, buf_text(&text));
	crypto_wipe(text.data, text.size);
	return read;
}

bool folder_write_text(const char *folder, const char *name, const char *text, int mode, struct err *err)
{
	char path[LIMIT_PATH];
	return folder_path(folder, name, path, err) && file_write(path, text, strlen(text), mode, err);
}

bool path_join(char *to, size_t size, const char *folder, const char *name)
{
	int length = snprintf(to, size, "%s/%s", folder, name);
	return length >= 0 && (size_t)length < size;
}

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

struct walk {
	bool (*visit)(const char *full, const char *relative, void *context, struct err *err);
	void *context;
	size_t root_length;
	struct err *err;
};

/* Bytewise, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool walk_folder(const char *path, int depth_left, const struct walk *walk)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, NULL, by_name);
	if (count < 0)
		return err_errno(walk->err, "listing %s", path);
	bool ok = true;
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		char full[LIMIT_PATH];
		struct stat status;
		if (ok && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    path_join(full, sizeof full, path, name) && lstat(full, &status) == 0) {
			if (S_ISDIR(status.st_mode) && depth_left > 0)
				ok = walk_folder(full, depth_left - 1, walk);
			else if (S_ISREG(status.st_mode))
				ok = walk->visit(full, full + walk->root_length + 1, walk->context, walk->err);
		}
		free(entries[i]);
	}
	free(entries);
	return ok;
}

bool folder_walk(const char *path, int depth_max,
    bool (*visit)(const char *full, const char *relative, void *context, struct err *err),
    void *context, struct err *err)
{
	const struct walk walk = {visit, context, strlen(path), err};
	return walk_folder(path, depth_max, &walk);
}
