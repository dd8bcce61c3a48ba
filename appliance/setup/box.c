#include "setup/box.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "base/owner.h"
#include "base/program.h"

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FILE_BYTES_MAX = 1 << 20,
	/* The daemon's first start makes a copy of its database when it migrates: minutes on a slow disk. */
	PATIENCE_S = 600,
};

void box_tell(struct box *box, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs(box->dry ? "would " : "", box->told);
	vfprintf(box->told, format, arguments);
	fputc('\n', box->told);
	va_end(arguments);
	box->changes++;
}

bool box_path(const struct box *box, const char *path, char ret_path[LIMIT_PATH], struct err *err)
{
	int length = snprintf(ret_path, LIMIT_PATH, "%s%s", box->root, path);
	return (length >= 0 && length < LIMIT_PATH) || err_set(err, ERR_BAD_INPUT, "path too long: %s", path);
}

bool box_has(const struct box *box, const char *path)
{
	char full[LIMIT_PATH];
	struct stat status;
	return box_path(box, path, full, NULL) && lstat(full, &status) == 0;
}

bool box_read(const struct box *box, const char *path, struct buf *to, struct err *err)
{
	char full[LIMIT_PATH];
	if (!box_path(box, path, full, err))
		return false;
	if (!file_exists(full))
		return err_set(err, ERR_NOT_FOUND, "there is no %s", full);
	return file_read(full, to, err);
}

static bool find_group(const struct box *box, const char *name, gid_t *ret_group, struct err *err)
{
	*ret_group = getegid();
	if (!name || *box->root)
		return true;
	const struct group *group = getgrnam(name);
	if (!group)
		return err_set(err, ERR_NOT_FOUND,
		    "there is no group %s: install the packages first (systemd-sysusers makes it)", name);
	*ret_group = group->gr_gid;
	return true;
}

static bool is_already(const char *full, const char *text, gid_t group, mode_t mode)
{
	OWN(buf_done) struct buf found = BUF_INIT(FILE_BYTES_MAX);
	struct stat status;
	bool same = lstat(full, &status) == 0 && S_ISREG(status.st_mode) &&
	    (status.st_mode & 07777) == mode && status.st_gid == group && file_read(full, &found, NULL) &&
	    found.size == strlen(text) && memcmp(found.data, text, found.size) == 0;
	crypto_wipe(found.data, found.size);
	return same;
}

/* Those above a file, readable by all whatever the mask says. */
static bool make_folders(const char *full, struct err *err)
{
	char part[LIMIT_PATH];
	text_copy(part, sizeof part, full);
	for (char *at = part + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		bool made = mkdir(part, 0755) == 0;
		if (!made && errno != EEXIST)
			return err_errno(err, "making the folder %s", part);
		if (made && chmod(part, 0755) != 0)
			return err_errno(err, "opening the folder %s", part);
		*at = '/';
	}
	return true;
}

bool box_write(
    struct box *box, const char *path, const char *text, const char *group, int mode, struct err *err)
{
	char full[LIMIT_PATH];
	gid_t id;
	if (!box_path(box, path, full, err) || !find_group(box, group, &id, err))
		return false;
	if (is_already(full, text, id, (mode_t)mode))
		return true;
	box_tell(box, "write %s", full);
	if (box->dry)
		return true;
	/* Nobody else's until its group and mode are right. */
	if (!make_folders(full, err) || !file_write(full, text, strlen(text), 0600, err))
		return false;
	return (chown(full, geteuid(), id) == 0 && chmod(full, (mode_t)mode) == 0) ||
	    err_errno(err, "giving %s its owner and mode", full);
}

bool box_remove(struct box *box, const char *path, struct err *err)
{
	char full[LIMIT_PATH];
	if (!box_has(box, path))
		return true;
	if (!box_path(box, path, full, err))
		return false;
	box_tell(box, "remove %s", full);
	return box->dry || unlink(full) == 0 || err_errno(err, "removing %s", full);
}

bool box_keep(struct box *box, const char *path, const char *as, struct err *err)
{
	char from[LIMIT_PATH], to[LIMIT_PATH];
	if (!box_has(box, path))
		return true;
	if (!box_path(box, path, from, err) || !box_path(box, as, to, err))
		return false;
	box_tell(box, "keep %s as %s", from, path_name(to));
	return box->dry || rename(from, to) == 0 || err_errno(err, "keeping %s", from);
}

bool box_link(struct box *box, const char *target, const char *path, struct err *err)
{
	char full[LIMIT_PATH], beside[LIMIT_PATH], found[LIMIT_PATH];
	if (!box_path(box, path, full, err))
		return false;
	ssize_t length = readlink(full, found, sizeof found - 1);
	if (length >= 0 && (size_t)length == strlen(target) && memcmp(found, target, (size_t)length) == 0)
		return true;
	box_tell(box, "link %s to %s", full, target);
	if (box->dry)
		return true;
	if (snprintf(beside, sizeof beside, "%s.new", full) >= (int)sizeof beside)
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", full);
	unlink(beside);
	return (make_folders(full, err) && symlink(target, beside) == 0 && rename(beside, full) == 0) ||
	    err_errno(err, "linking %s", full);
}

bool box_runs(const struct box *box)
{
	return !*box->root && !box->dry;
}

bool box_run(const struct box *box, const char *const *arguments, struct buf *said, struct err *err)
{
	return !box_runs(box) || program_run(arguments, PATIENCE_S, said, err);
}

bool box_as_owner(const struct box *box, const char *folder,
    bool (*work)(void *context, json_t *answer, struct err *err), void *context, json_t **ret_answer,
    struct err *err)
{
	const struct owner_task task = {.folder = folder, .as_owner = work, .context = context};
	if (!*box->root)
		return owner_do(&task, ret_answer, err);
	*ret_answer = json_object();
	return work(context, *ret_answer, err);
}
