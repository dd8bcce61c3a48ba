/* A classifier's answers as a table, no pictures: our own cross-validation, or somebody else's classifier. */
#include "accuracy/datasets.h"

#include "base/file.h"
#include "base/text.h"
#include "intake/csv.h"

#include <math.h>
#include <string.h>

enum {
	TABLE_BYTES_MAX = 64 << 20,
	/* Tables carry no motion. Runs so far apart say so: neighbours are not compared across a gap. */
	RUN_STEP = 100,
	/* A film for our purpose: so many frames, all timed, at most so far apart in the median. */
	FILM_POINTS = 30,
	FILM_STEP_S = 3600,
};

/* Class names of the Adelaide tables, as they drifted from year to year. What is no stage has no truth. */
static const struct {
	const char *name, *stages;
} classes[] = {
    {"Empty", "empty"},
    {"1 Cell", "zygote"},
    {"1 Cell-No_PN", "tPB2|tPNf"},
    {"2pn", "tPNa"},
    {"Syngamy", "tPNf"},
    {"1 Cell-Post_Syngamy", "tPNf"},
    {"2 Cell", "t2"},
    {"3 Cell", "t3"},
    {"4 Cell", "t4"},
    {"5 Cell", "t5"},
    {"6 Cell", "t6"},
    {"6-7 Cell", "t6|t7"},
    {"6-7Cell", "t6|t7"},
    {"7 Cell", "t7"},
    {"8 Cell", "t8"},
    {"9 Cell", "t9"},
    {"9 Cell+", "t9"},
    {"9+ Cell", "t9"},
    {"10 plus Cell", "t9"},
    {"Compacting", "tM"},
    {"Compacting 8 cell", "t8|tM"},
    {"Morula", "tM"},
    {"Cavitating morula", "tSB"},
    {"Early blast", "tSB|tB"},
    {"Blast", "blastocyst"},
    {"Blastocyst", "blastocyst"},
    {"Blast-1", "tSB"},
    {"Blast-2", "tSB|tB"},
    {"Blast-3", "tB"},
    {"Blast-4", "tEB"},
    {"Blast-5", "tHB"},
    {"Expanded Blastocyst", "tEB"},
    {"Hatching", "tHB"},
};

static stage_set class_stages(const char *name)
{
	stage_set stages = 0;
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (strcmp(classes[i].name, name) == 0)
			stage_set_parse(classes[i].stages, &stages);
	return stages;
}

/* What the columns of the table mean. */
struct columns {
	bool adelaide;
	int file, embryo, hours, truth; /* -1: not there */
	int stage[STAGE_COUNT];
	int predicted, confidence;
};

static int find_column(const struct csv_row *head, const char *name)
{
	for (int i = 0; i < head->count && i < CSV_FIELDS_MAX; i++)
		if (strcmp(head->field[i], name) == 0)
			return i;
	return -1;
}

static bool find_columns(const struct csv_row *head, struct columns *columns)
{
	columns->file = find_column(head, "file");
	columns->embryo = find_column(head, "embryo");
	columns->hours = find_column(head, "hours");
	columns->truth = find_column(head, "truth");
	bool whole = columns->embryo >= 0 && columns->truth >= 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		columns->stage[i] = -1;
	for (int i = 0; i < head->count && i < CSV_FIELDS_MAX; i++) {
		enum stage stage;
		if (stage_from_name(head->field[i], &stage))
			columns->stage[stage] = i;
	}
	for (int i = 0; i < STAGE_COUNT; i++)
		whole = whole && columns->stage[i] >= 0;
	columns->predicted = find_column(head, "predicted_class");
	columns->confidence = find_column(head, "confidence");
	columns->adelaide = columns->predicted >= 0 && columns->confidence >= 0;
	if (columns->adelaide) {
		columns->file = find_column(head, "filename");
		columns->truth = find_column(head, "class");
		whole = columns->file >= 0 && columns->truth >= 0;
	}
	return whole;
}

static bool predictions_detect(const char *path)
{
	OWN(buf_done) struct buf text = BUF_INIT(TABLE_BYTES_MAX);
	struct csv_row head;
	struct columns columns;
	struct err ignored;
	if (!text_ends_nocase(path, ".csv") || !file_read(path, &text, &ignored))
		return false;
	struct csv csv = {.text = (const char *)text.data, .size = text.size};
	return csv_next(&csv, &head) && find_columns(&head, &columns);
}

/* Whole numbers that sum to PROBABILITY_ONE. False: nothing there to share. */
static bool set_stages(struct reading *reading, const double share[STAGE_COUNT])
{
	double sum = 0;
	int left = PROBABILITY_ONE, top = 0;
	for (int i = 0; i < STAGE_COUNT; i++) {
		if (!(share[i] >= 0))
			return false;
		sum += share[i];
		top = share[i] > share[top] ? i : top;
	}
	if (!(sum > 0))
		return false;
	for (int i = 0; i < STAGE_COUNT; i++) {
		reading->stage[i] = (uint16_t)(share[i] / sum * PROBABILITY_ONE);
		left -= reading->stage[i];
	}
	reading->stage[top] = (uint16_t)(reading->stage[top] + left);
	reading->occupied = (uint16_t)(PROBABILITY_ONE - reading->stage[STAGE_EMPTY]);
	reading->confidence = (uint16_t)lround(1000 * share[top] / sum);
	return true;
}

static bool read_own(const struct csv_row *row, const struct columns *columns, struct reading *reading)
{
	double share[STAGE_COUNT];
	for (int i = 0; i < STAGE_COUNT; i++)
		if (!text_to_f64(row->field[columns->stage[i]], &share[i]))
			return false;
	return set_stages(reading, share);
}

/* One class and how sure: the rest is spread over the other stages. A missing confidence is a hard
 * answer that is not held to any calibration. */
static bool read_adelaide(const struct csv_row *row, const struct columns *columns, struct reading *reading)
{
	double share[STAGE_COUNT], sure = 1;
	stage_set stages = class_stages(row->field[columns->predicted]);
	bool told = text_to_f64(row->field[columns->confidence], &sure) && sure >= 0 && sure <= 1;
	sure = told ? sure : 1;
	if (stages == 0)
		return false;
	int inside = stage_set_count(stages), outside = STAGE_COUNT - inside;
	for (int i = 0; i < STAGE_COUNT; i++)
		share[i] = stages & 1u << i ? sure / inside : (1 - sure) / outside;
	if (!set_stages(reading, share))
		return false;
	reading->confidence = told ? (uint16_t)lround(1000 * sure) : READING_UNKNOWN;
	return true;
}

/* ".../2 Cell/M0831_S00470_W5_F0_1925.jpg": embryo M0831_S00470_W5, minute 1925 since insemination. */
static bool place_adelaide(const char *file, char embryo[LIMIT_NAME], int64_t *ret_time_s)
{
	const char *name = path_name(file), *plane = strstr(name, "_F");
	const char *minute = plane ? strchr(plane + 1, '_') : NULL;
	const char *dot = minute ? strchr(minute, '.') : NULL;
	char digits[16];
	int64_t minutes;
	if (!dot || (size_t)(dot - minute) > sizeof digits || (size_t)(plane - name) >= LIMIT_NAME)
		return false;
	memcpy(digits, minute + 1, (size_t)(dot - minute - 1));
	digits[dot - minute - 1] = 0;
	if (!text_to_i64(digits, &minutes) || minutes < 0 || minutes > 1000 * 60)
		return false;
	memcpy(embryo, name, (size_t)(plane - name));
	embryo[plane - name] = 0;
	*ret_time_s = minutes * 60;
	return true;
}

static bool read_row(const struct csv_row *row, const struct columns *columns, char embryo[LIMIT_NAME],
    struct track_point *point, stage_set *ret_truth)
{
	double hours;
	*point = (struct track_point){.read = true, .time_s = TIME_UNKNOWN};
	point->reading.fragmentation_permille = READING_UNKNOWN;
	*ret_truth = 0;
	if (columns->adelaide) {
		*ret_truth = class_stages(row->field[columns->truth]);
		return place_adelaide(row->field[columns->file], embryo, &point->time_s) &&
		    read_adelaide(row, columns, &point->reading);
	}
	if (columns->hours >= 0 && text_to_f64(row->field[columns->hours], &hours))
		point->time_s = time_from_hours(hours);
	text_copy(embryo, LIMIT_NAME, row->field[columns->embryo]);
	bool known =
	    row->field[columns->truth][0] == 0 || stage_set_parse(row->field[columns->truth], ret_truth);
	return known && embryo[0] && read_own(row, columns, &point->reading);
}

struct pair {
	struct track_point point;
	stage_set truth;
};

static int by_time(const void *a, const void *b)
{
	const struct track_point *x = &((const struct pair *)a)->point, *y = &((const struct pair *)b)->point;
	int order = (x->time_s > y->time_s) - (x->time_s < y->time_s);
	return order ? order : (x->run > y->run) - (x->run < y->run);
}

static int by_number(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Every frame timed and neighbours close, most of them. */
static bool is_film(const struct track *track)
{
	int64_t steps[LIMIT_RUNS];
	size_t count = 0;
	if (track->count < FILM_POINTS)
		return false;
	for (size_t i = 0; i < track->count; i++) {
		if (track->points[i].time_s == TIME_UNKNOWN)
			return false;
		if (i > 0)
			steps[count++] = track->points[i].time_s - track->points[i - 1].time_s;
	}
	qsort(steps, count, sizeof steps[0], by_number);
	return steps[count / 2] <= FILM_STEP_S;
}

/* Rows come in any order: by time, rows without one as they stand. */
static bool sort_sample(struct sample *sample, struct err *err)
{
	struct track *track = &sample->track;
	OWN(free) struct pair *pairs = calloc(track->count, sizeof *pairs);
	if (!pairs)
		return err_set(err, ERR_NO_MEMORY, "sorting the frames of %s", sample->name);
	for (size_t i = 0; i < track->count; i++)
		pairs[i] = (struct pair){track->points[i], sample->truth[i]};
	qsort(pairs, track->count, sizeof *pairs, by_time);
	for (size_t i = 0; i < track->count; i++) {
		track->points[i] = pairs[i].point;
		track->points[i].run = (int)i * RUN_STEP;
		sample->truth[i] = pairs[i].truth;
	}
	sample->film = is_film(track);
	return true;
}

static bool predictions_load(const char *path, const struct datasets_options *options, struct reader *reader,
    struct dataset *dataset, struct err *err)
{
	(void)options, (void)reader;
	OWN(buf_done) struct buf text = BUF_INIT(TABLE_BYTES_MAX);
	struct csv_row row;
	struct columns columns;
	int bad = 0;
	if (!file_read(path, &text, err))
		return false;
	struct csv csv = {.text = (const char *)text.data, .size = text.size};
	if (!csv_next(&csv, &row) || !find_columns(&row, &columns))
		return err_set(err, ERR_BAD_INPUT, "its columns are not those of a table of predictions");
	while (csv_next(&csv, &row)) {
		char embryo[LIMIT_NAME];
		struct track_point point;
		stage_set truth;
		if (!read_row(&row, &columns, embryo, &point, &truth)) {
			bad++;
			continue;
		}
		struct sample *sample = dataset_sample(dataset, embryo, 1);
		if (!sample)
			return err_set(err, ERR_NO_MEMORY, "taking a table of predictions");
		point.run = (int)sample->track.count;
		if (!sample_add(sample, &point, truth, err))
			return false;
	}
	for (size_t i = 0; i < dataset->count; i++)
		if (!sort_sample(&dataset->samples[i], err))
			return false;
	text_copy(dataset->maker, sizeof dataset->maker,
	    columns.adelaide ? "somebody else's classifier" : "predictions");
	dataset_note(dataset, "%s",
	    columns.adelaide
	        ? "a classifier that is not ours answered for the pictures; decoder and clock are ours"
	        : "readings from a table of predictions: held out from training only if its maker did so");
	if (bad)
		dataset_note(dataset, "rows that could not be taken: %d", bad);
	return true;
}

const struct layout layout_predictions = {"predictions", false, predictions_detect, predictions_load};
