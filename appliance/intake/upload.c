#include "intake/upload.h"

#include "base/text.h"
#include "intake/incoming.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

struct upload {
	char path[LIMIT_PATH];
	int fd;
	int64_t size;
};

bool upload_open(const char *store_folder, const char *name, struct upload **ret_upload, struct err *err)
{
	if (!*name || strlen(name) >= LIMIT_NAME || !text_is_plain(name) || strchr(name, '/'))
		return err_set(err, ERR_BAD_INPUT, "an upload needs a plain file name of at most %d bytes",
		    LIMIT_NAME - 1);
	OWN(free) struct upload *upload = calloc(1, sizeof *upload);
	if (!upload)
		return err_set(err, ERR_NO_MEMORY, "opening an upload");
	if (!incoming_file(store_folder, upload->path, &upload->fd, err))
		return false;
	*ret_upload = TAKE(upload);
	return true;
}

bool upload_write(struct upload *upload, const void *data, size_t size, struct err *err)
{
	if ((int64_t)size > LIMIT_UPLOAD_BYTES - upload->size)
		return err_set(err, ERR_TOO_LARGE, "an upload has at most %lld GiB",
		    (long long)(LIMIT_UPLOAD_BYTES >> 30));
	for (const char *at = data; size;) {
		ssize_t put = write(upload->fd, at, size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_errno(err, "writing an upload");
		at += put;
		size -= (size_t)put;
		upload->size += put;
	}
	return true;
}

bool upload_finish(struct upload *upload, char ret_path[LIMIT_PATH], struct err *err)
{
	if (fsync(upload->fd) != 0) {
		err_errno(err, "flushing an upload");
		upload_abort(upload);
		return false;
	}
	text_copy(ret_path, LIMIT_PATH, upload->path);
	close(upload->fd);
	free(upload);
	return true;
}

void upload_abort(struct upload *upload)
{
	if (!upload)
		return;
	unlink(upload->path);
	close(upload->fd);
	free(upload);
}

bool upload_remove(const char *path, struct err *err)
{
	return unlink(path) == 0 || errno == ENOENT || err_errno(err, "removing an upload");
}
