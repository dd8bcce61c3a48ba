#include "base/place.h"

#include "base/limits.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Folder of the running program, without a slash at the end. */
static bool own_folder(char folder[LIMIT_PATH], struct err *err)
{
	ssize_t length = readlink("/proc/self/exe", folder, LIMIT_PATH - 1);
	if (length <= 0)
		return err_errno(err, "finding the running program");
	folder[length] = 0;
	*strrchr(folder, '/') = 0;
	return true;
}

static bool place(char *to, size_t size, const char *between, const char *name, struct err *err)
{
	char folder[LIMIT_PATH];
	if (!own_folder(folder, err))
		return false;
	int length = snprintf(to, size, "%s/%s%s", folder, between, name);
	if (length < 0 || (size_t)length >= size)
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", name);
	if (access(to, F_OK) != 0)
		return err_set(err, ERR_NOT_FOUND, "%s is not at %s", name, to);
	return true;
}

bool place_program(char *to, size_t size, const char *name, struct err *err)
{
	return place(to, size, "", name, err);
}

bool place_share(char *to, size_t size, const char *name, struct err *err)
{
	return place(to, size, "../share/daybreak/", name, err);
}
