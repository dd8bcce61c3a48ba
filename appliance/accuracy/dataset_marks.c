/* Single frames at an expert's marks: a folder with labels.csv and frames/. The columns are file,
 * embryo, class_folder (1 zygote, 2 cleavage, 3 compaction to blastocyst, 4 last frame), hours_if_10min
 * and event_inferred. */
#include "accuracy/datasets.h"
#include "accuracy/pictures.h"

#include "base/file.h"
#include "base/text.h"
#include "intake/csv.h"

#include <string.h>

enum {
	TABLE_BYTES_MAX = 4 << 20,
	RUN_STEP = 100, /* marks lie hours apart: no motion between them */
};

/* A mark is set at the onset of what it names, so compaction's start still shows separate cells. */
static const struct {
	const char *event, *stages;
} marks[] = {
    {"PN_start", "tPNa"},
    {"PN_fade_or_last_PN", "tPNa|tPNf"},
    {"compact_start", "t8|t9"},
    {"compacted", "tM"},
    {"cavitation_start", "tSB"},
    {"full_blast", "tB"},
    {"expand", "tEB"},
    {"hatching_start", "tHB"},
};

static stage_set mark_stages(const char *event, const char *folder)
{
	stage_set stages = 0;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (strcmp(marks[i].event, event) == 0 && stage_set_parse(marks[i].stages, &stages))
			return stages;
	if (event[0] && stage_set_parse(event, &stages))
		return stages;
	const char *of_folder = folder[0] == '1' ? "zygote"
	    : folder[0] == '2'                   ? "cleavage"
	                                         : "t8|t9|morula|blastocyst";
	if (folder[0] < '1' || folder[0] > '3' || !stage_set_parse(of_folder, &stages))
		return 0;
	return stages;
}

static bool marks_detect(const char *path)
{
	char labels[LIMIT_PATH], frames[LIMIT_PATH];
	return path_join(labels, sizeof labels, path, "labels.csv") && file_exists(labels) &&
	    path_join(frames, sizeof frames, path, "frames") && file_exists(frames);
}

struct columns {
	int file, embryo, folder, hours, event;
};

static bool find_columns(const struct csv_row *head, struct columns *columns)
{
	static const char *const names[] = {
	    "file", "embryo", "class_folder", "hours_if_10min", "event_inferred"};
	int *const to[] = {
	    &columns->file, &columns->embryo, &columns->folder, &columns->hours, &columns->event};
	for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
		*to[k] = -1;
		for (int i = 0; i < head->count && i < CSV_FIELDS_MAX; i++)
			if (strcmp(head->field[i], names[k]) == 0)
				*to[k] = i;
		if (*to[k] < 0)
			return false;
	}
	return true;
}

static bool take_mark(const char *path, const struct csv_row *row, const struct columns *columns,
    struct dataset *dataset, struct pictures *pictures, struct err *err)
{
	char relative[2 * CSV_FIELD_SIZE], full[LIMIT_PATH];
	double hours;
	OWN(buf_done) struct buf picture = BUF_INIT(LIMIT_FRAME_BYTES);
	struct err why;
	struct sample *sample = dataset_sample(dataset, row->field[columns->embryo], 1);
	if (!sample)
		return err_set(err, ERR_NO_MEMORY, "taking the marks");
	struct track_point point = {.run = (int)sample->track.count * RUN_STEP, .time_s = TIME_UNKNOWN};
	if (text_to_f64(row->field[columns->hours], &hours))
		point.time_s = time_from_hours(hours);
	size_t count = sample->track.count;
	stage_set truth = mark_stages(row->field[columns->event], row->field[columns->folder]);
	if (!sample_add(sample, &point, truth, err))
		return false;
	snprintf(relative, sizeof relative, "frames/%s", row->field[columns->file]);
	if (!path_join(full, sizeof full, path, relative) || !file_read(full, &picture, &why))
		return true; /* it stays unread, and the report counts it so */
	return pictures_point(pictures, (size_t)(sample - dataset->samples), count, err) &&
	    pictures_plane(pictures, 0, picture.data, picture.size, err);
}

static bool marks_load(const char *path, const struct datasets_options *options, struct reader *reader,
    struct dataset *dataset, struct err *err)
{
	(void)options;
	char labels[LIMIT_PATH];
	OWN(buf_done) struct buf text = BUF_INIT(TABLE_BYTES_MAX);
	OWN(pictures_free) struct pictures *pictures = NULL;
	struct csv_row row;
	struct columns columns;
	if (!path_join(labels, sizeof labels, path, "labels.csv") || !file_read(labels, &text, err) ||
	    !pictures_new(reader, dataset, &pictures, err))
		return false;
	struct csv csv = {.text = (const char *)text.data, .size = text.size};
	if (!csv_next(&csv, &row) || !find_columns(&row, &columns))
		return err_set(err, ERR_BAD_INPUT, "labels.csv lacks a column");
	while (csv_next(&csv, &row))
		if (!take_mark(path, &row, &columns, dataset, pictures, err))
			return false;
	text_copy(dataset->maker, sizeof dataset->maker, "brightfield, another maker");
	dataset_note(dataset,
	    "single frames at the onset of an expert's marks, the hardest moments of a film; hours as if "
	    "frames "
	    "were 10 minutes apart");
	return pictures_finish(pictures, err);
}

const struct layout layout_marks = {"marks", true, marks_detect, marks_load};
