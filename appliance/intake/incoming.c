#include "intake/incoming.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static bool incoming_path(const char *store_folder, char to[LIMIT_PATH], struct err *err)
{
	if (!path_join(to, LIMIT_PATH, store_folder, "incoming"))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", store_folder);
	return folder_make(to, err);
}

static bool random_path(const char *store_folder, char to[LIMIT_PATH], struct err *err)
{
	char folder[LIMIT_PATH], name[33];
	uint8_t random[16];
	if (!incoming_path(store_folder, folder, err))
		return false;
	crypto_random(random, sizeof random);
	text_hex(name, random, sizeof random);
	return path_join(to, LIMIT_PATH, folder, name) || err_set(err, ERR_BAD_INPUT, "path too long: %s", folder);
}

bool incoming_file(const char *store_folder, char ret_path[LIMIT_PATH], int *ret_fd, struct err *err)
{
	char path[LIMIT_PATH];
	if (!random_path(store_folder, path, err))
		return false;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "making a file in incoming/");
	flock(fd, LOCK_EX | LOCK_NB);
	text_copy(ret_path, LIMIT_PATH, path);
	*ret_fd = fd;
	return true;
}

bool incoming_folder(const char *store_folder, char ret_path[LIMIT_PATH], int *ret_fd, struct err *err)
{
	char path[LIMIT_PATH];
	if (!random_path(store_folder, path, err))
		return false;
	if (mkdir(path, 0700) != 0)
		return err_errno(err, "making a folder in incoming/");
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		err_errno(err, "opening a folder in incoming/");
		rmdir(path);
		return false;
	}
	flock(fd, LOCK_EX | LOCK_NB);
	text_copy(ret_path, LIMIT_PATH, path);
	*ret_fd = fd;
	return true;
}

static bool remove_abandoned(const char *path, struct err *err)
{
	OWN(fd_close) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0)
		return true;
	struct stat status;
	if (lstat(path, &status) != 0)
		return errno == ENOENT || err_errno(err, "cleaning incoming/");
	if (S_ISDIR(status.st_mode))
		return folder_remove(path, err);
	return unlink(path) == 0 || errno == ENOENT || err_errno(err, "cleaning incoming/");
}

bool incoming_clean(const char *store_folder, struct err *err)
{
	char folder[LIMIT_PATH], path[LIMIT_PATH];
	if (!incoming_path(store_folder, folder, err))
		return false;
	DIR *listing = opendir(folder);
	if (!listing)
		return err_errno(err, "listing incoming/");
	bool ok = true;
	for (struct dirent *entry; ok && (entry = readdir(listing));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    path_join(path, sizeof path, folder, entry->d_name))
			ok = remove_abandoned(path, err);
	closedir(listing);
	return ok;
}
