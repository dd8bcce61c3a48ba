/* rooms: intake */
/* Any bytes as an archive, unpacked under small limits: nothing may appear beside the folder. */
#include "base/file.h"
#include "intake/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(const char *full, const char *relative, void *context, struct err *err)
{
	(void)full;
	(void)context;
	(void)err;
	if (relative[0] != 'i' || relative[1] != 'n' || relative[2] != '/')
		__builtin_trap();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct archive_limits limits = {.entries = 20, .bytes = 1 << 20, .ratio = 200};
	char path[64], box[] = "/tmp/daybreak-fuzz-XXXXXX", inside[64];
	struct archive_report report;
	struct err err;
	int fd = memfd_create("archive", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || !mkdtemp(box))
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	snprintf(inside, sizeof inside, "%s/in", box);
	if (!folder_make(inside, &err))
		abort();
	if (archive_unpack(path, "input", inside, &limits, &report, &err) && report.bytes > limits.bytes)
		__builtin_trap();
	if (!folder_walk(box, 20, is_inside, NULL, &err) || !folder_remove(box, &err))
		__builtin_trap();
	close(fd);
	return 0;
}
