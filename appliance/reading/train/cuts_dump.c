/* Frames in, cuts out: the bridge from the fitting script to the product's own cutting. stdin: a
 * path a line; stdout, for each: one byte (1 where a cut was made), the location's x, y, radius
 * as floats, then one plane of 128 x 128. */
#include "base/file.h"
#include "base/limits.h"
#include "reading/cut.h"

#include <stdio.h>
#include <string.h>

static bool cut_file(const char *path, struct cut_result *ret_result, struct err *err)
{
	OWN(buf_done) struct buf file = BUF_INIT(LIMIT_FRAME_BYTES);
	if (!file_read(path, &file, err))
		return false;
	struct cut_plane plane = {0, file.data, file.size};
	return cut_make(&plane, 1, ret_result, err);
}

int main(void)
{
	static struct cut_result result;
	static char path[LIMIT_PATH];
	struct err err;
	while (fgets(path, sizeof path, stdin)) {
		path[strcspn(path, "\n")] = 0;
		memset(&result, 0, sizeof result);
		putchar(cut_file(path, &result, &err) && result.made);
		fwrite(&result.location.x, sizeof(float), 3, stdout);
		fwrite(result.cut.pixels[0], sizeof result.cut.pixels[0], 1, stdout);
	}
	return 0;
}
