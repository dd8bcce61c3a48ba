#include "base/owner.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

bool owner_become(const char *path, struct err *err)
{
	struct stat status;
	if (geteuid() != 0 || stat(path, &status) != 0 || status.st_uid == 0)
		return true;
	/* Somebody without a name, as of a disk of another machine, has no further groups. */
	const struct passwd *user = getpwuid(status.st_uid);
	int grouped = user ? initgroups(user->pw_name, user->pw_gid) : setgroups(0, NULL);
	if (grouped != 0 || setgid(user ? user->pw_gid : status.st_gid) != 0 || setuid(status.st_uid) != 0)
		return err_errno(err, "becoming the owner of %s", path);
	return true;
}
