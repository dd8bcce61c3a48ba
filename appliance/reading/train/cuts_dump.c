/* Frames in, cuts out: the bridge from the training scripts to the product's own cutting. stdin: a time
 * point a line, the paths of its planes between tabs; stdout, for each: one byte (number of planes in
 * the cut, 0 where none was made), the location's x, y, radius as floats, then three planes of 128 x 128, the
 * sharpest first, missing ones zero. */
#include "base/file.h"
#include "base/limits.h"
#include "reading/cut.h"

#include <stdio.h>
#include <string.h>

/* False where a file cannot be read or no plane of it decodes. */
static bool cut_line(char *line, struct cut_result *ret_result, struct err *err)
{
	struct buf files[LIMIT_PLANES];
	struct cut_plane planes[LIMIT_PLANES];
	size_t count = 0;
	bool ok = true;
	char *rest = line;
	for (char *path; ok && count < LIMIT_PLANES && (path = strsep(&rest, "\t"));) {
		files[count] = (struct buf)BUF_INIT(LIMIT_FRAME_BYTES);
		ok = file_read(path, &files[count++], err);
	}
	for (size_t i = 0; i < count; i++)
		planes[i] = (struct cut_plane){(int)i, files[i].data, files[i].size};
	ok = ok && cut_make(planes, count, ret_result, err);
	for (size_t i = 0; i < count; i++)
		buf_done(&files[i]);
	return ok;
}

int main(void)
{
	static struct cut_result result;
	static char line[LIMIT_PLANES * LIMIT_PATH];
	struct err err;
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		memset(&result, 0, sizeof result);
		if (!cut_line(line, &result, &err) || !result.made)
			result.cut.planes = 0;
		putchar(result.cut.planes);
		fwrite(&result.location.x, sizeof(float), 3, stdout);
		fwrite(result.cut.pixels, sizeof result.cut.pixels, 1, stdout);
	}
	return 0;
}
