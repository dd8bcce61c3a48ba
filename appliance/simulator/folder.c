#include "simulator/folder.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>

struct folder {
	const char *path;
	const struct simulate_options *options;
	struct buf times[LIMIT_WELLS]; /* CSV text per well */
	int last_run[LIMIT_WELLS];
};

/* "SIM1234-3": the embryo's code in this layout. */
static void code_of(const struct simulate_options *options, int well, char code[64])
{
	snprintf(code, 64, "SIM%u-%d", (unsigned)(options->seed % 100000), well);
}

static bool write_picture(void *context, const struct slide_picture *picture, struct err *err)
{
	struct folder *folder = context;
	char code[64], plane[64], name[LIMIT_PATH], path[LIMIT_PATH];
	code_of(folder->options, picture->well, code);
	snprintf(plane, sizeof plane, "F%d", picture->focal_um);
	if (snprintf(name, sizeof name, "%s/%s/%s", folder->path, plane, code) >= (int)sizeof name)
		return err_set(err, ERR_BAD_INPUT, "the path is too long");
	if (!folder_make(name, err))
		return false;
	if (snprintf(path, sizeof path, "%s/%s_WELL%d_RUN%d.jpeg", name, folder->options->slide, picture->well,
		picture->run) >= (int)sizeof path)
		return err_set(err, ERR_BAD_INPUT, "the path is too long");
	FILE *file = fopen(path, "wb");
	if (!file)
		return err_errno(err, "writing %s", path);
	bool ok = fwrite(picture->data, 1, picture->size, file) == picture->size;
	if (fclose(file) != 0 || !ok)
		return err_errno(err, "writing %s", path);
	int well = picture->well - 1;
	if (folder->last_run[well] != picture->run)
		buf_print(&folder->times[well], "%d,%.4f\n", picture->run, (double)picture->time_s / 3600);
	folder->last_run[well] = picture->run;
	return true;
}

static bool write_times(struct folder *folder, struct err *err)
{
	for (int well = 1; well <= folder->options->wells; well++) {
		struct buf *times = &folder->times[well - 1];
		char code[64], path[LIMIT_PATH];
		code_of(folder->options, well, code);
		if (snprintf(path, sizeof path, "%s/%s_timeElapsed.csv", folder->path, code) >= (int)sizeof path)
			return err_set(err, ERR_BAD_INPUT, "the path is too long");
		if (!buf_ok(times, err) || !file_write(path, times->data, times->size, 0644, err))
			return false;
	}
	return true;
}

bool folder_write(const char *path, const struct simulate_options *options, simulate_progress *progress,
    void *context, json_t **ret_truth, struct err *err)
{
	if (file_exists(path))
		return err_set(err, ERR_CONFLICT, "%s is there already", path);
	struct folder folder = {.path = path, .options = options};
	for (int i = 0; i < options->wells; i++) {
		folder.times[i] = (struct buf)BUF_INIT(1 << 20);
		buf_print(&folder.times[i], "frame_index,time\n");
	}
	struct slide_sink sink = {&folder, write_picture};
	json_t *truth = NULL;
	bool ok = folder_make(path, err) && slide_render(options, &sink, progress, context, &truth, err) &&
	    write_times(&folder, err);
	for (int i = 0; i < options->wells; i++)
		buf_done(&folder.times[i]);
	if (ok)
		*ret_truth = truth;
	else
		json_decref(truth);
	return ok;
}
