#include "intake/timelines.h"

#include "base/file.h"
#include "base/text.h"
#include "intake/csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	FILE_BYTES_MAX = 16 << 20,
	TIMELINES_MAX = 100000,
	ADJOINING_MIN = 90, /* frames further apart than this do not say when a stage began */
	LABEL_SIZE = 64,
};

bool timelines_add(struct timelines *timelines, const char *embryo, struct timeline **ret_timeline, struct err *err)
{
	if (timelines->count == timelines->capacity) {
		size_t capacity = timelines->capacity ? 2 * timelines->capacity : 64;
		struct timeline *of = capacity > TIMELINES_MAX ? NULL : realloc(timelines->of, capacity * sizeof *of);
		if (!of)
			return err_set(err, ERR_TOO_LARGE, "more than %zu annotated embryos", timelines->count);
		timelines->of = of;
		timelines->capacity = capacity;
	}
	struct timeline *timeline = &timelines->of[timelines->count++];
	*timeline = (struct timeline){0};
	text_copy(timeline->embryo, sizeof timeline->embryo, embryo);
	for (int k = 0; k < STAGE_COUNT; k++)
		timeline->begins_min[k] = timeline->lasts_min[k] = MINUTES_UNKNOWN;
	*ret_timeline = timeline;
	return true;
}

void timelines_done(struct timelines *timelines)
{
	free(timelines->of);
	*timelines = (struct timelines){0};
}

/* Fields of a row that were kept. */
static int kept(const struct csv_row *row)
{
	return row->count < CSV_FIELDS_MAX ? row->count : CSV_FIELDS_MAX;
}

/* "t2_h" names STAGE_2. */
static bool stage_of_column(const char *name, enum stage *ret_stage)
{
	char stage[CSV_FIELD_SIZE];
	text_copy(stage, sizeof stage, name);
	size_t length = strlen(stage);
	if (length < 3 || !text_ends(stage, "_h"))
		return false;
	stage[length - 2] = 0;
	return stage_from_name(stage, ret_stage) && *ret_stage != STAGE_EMPTY;
}

/* Every event of the line is known, so a stage lasts until the next event, and what lies between was skipped. */
static void complete_events(struct timeline *timeline)
{
	int before = STAGE_EMPTY;
	for (int k = STAGE_PB2; k <= STAGE_HB; k++) {
		if (timeline->begins_min[k] == MINUTES_UNKNOWN)
			continue;
		if (before != STAGE_EMPTY && timeline->begins_min[k] >= timeline->begins_min[before]) {
			timeline->lasts_min[before] = timeline->begins_min[k] - timeline->begins_min[before];
			for (int skipped = before + 1; skipped < k; skipped++)
				timeline->skipped[skipped] = true;
		}
		before = k;
	}
}

static bool read_events(struct csv *csv, const struct csv_row *header, struct timelines *timelines, struct err *err)
{
	struct csv_row row;
	while (csv_next(csv, &row)) {
		struct timeline *timeline;
		if (!timelines_add(timelines, row.field[0], &timeline, err))
			return false;
		for (int i = 1; i < kept(header) && i < kept(&row); i++) {
			enum stage stage;
			double hours;
			if (stage_of_column(header->field[i], &stage) && text_to_f64(row.field[i], &hours) && hours >= 0 &&
			    hours < 1000)
				timeline->begins_min[stage] = (int)lround(hours * 60);
		}
		complete_events(timeline);
	}
	return true;
}

/* Words of labelers: the stages from low to high. What is not here ("unclear", "arrested", "Empty" ...) is no stage.
 * "Compacting" begins before the cells are counted out and ends where tM begins. */
static const struct {
	const char *label;
	enum stage low, high;
} labels[] = {
    {"1 Cell-No_PN", STAGE_PB2, STAGE_PB2},
    {"2pn", STAGE_PNA, STAGE_PNA},
    {"1 Cell-Post_Syngamy", STAGE_PNF, STAGE_PNF},
    {"Syngamy", STAGE_PNF, STAGE_PNF},
    {"2 Cell", STAGE_2, STAGE_2},
    {"3 Cell", STAGE_3, STAGE_3},
    {"4 Cell", STAGE_4, STAGE_4},
    {"5 Cell", STAGE_5, STAGE_5},
    {"6 Cell", STAGE_6, STAGE_6},
    {"6-7 Cell", STAGE_6, STAGE_7},
    {"6-7Cell", STAGE_6, STAGE_7},
    {"7 Cell", STAGE_7, STAGE_7},
    {"8 Cell", STAGE_8, STAGE_8},
    {"9 Cell", STAGE_9, STAGE_9},
    {"9 Cell+", STAGE_9, STAGE_9},
    {"9+ Cell", STAGE_9, STAGE_9},
    {"Compacting 8 cell", STAGE_8, STAGE_M},
    {"Compacting", STAGE_8, STAGE_M},
    {"Morula", STAGE_M, STAGE_M},
    {"Cavitating morula", STAGE_SB, STAGE_SB},
    {"Early blast", STAGE_SB, STAGE_SB},
    {"Blast-1", STAGE_SB, STAGE_SB},
    {"Blast-2", STAGE_SB, STAGE_SB},
    {"Blast-3", STAGE_B, STAGE_B},
    {"Blast-4", STAGE_EB, STAGE_EB},
    {"Expanded Blastocyst", STAGE_EB, STAGE_EB},
    {"Blast-5", STAGE_HB, STAGE_HB},
    {"Hatching", STAGE_HB, STAGE_HB},
    {"Blastocyst", STAGE_SB, STAGE_EB},
};

struct label_run {
	char well[48], labeler[LABEL_SIZE];
	int machine, slide, well_number;
	enum stage low, high; /* STAGE_EMPTY: no stage */
	int first_min, last_min, images;
};

struct label_runs {
	size_t count, capacity;
	struct label_run *of;
};

static void label_runs_done_owned(struct label_runs *runs)
{
	free(runs->of);
}

static bool add_run(struct label_runs *runs, const struct csv_row *row, struct err *err)
{
	int64_t machine, slide, well, first, last, images;
	if (row->count < 8 || !text_to_i64(row->field[0], &machine) || !text_to_i64(row->field[1], &slide) ||
	    !text_to_i64(row->field[2], &well) || !text_to_i64(row->field[5], &first) ||
	    !text_to_i64(row->field[6], &last) || !text_to_i64(row->field[7], &images) || first < 0 || last < first ||
	    last > 1 << 20)
		return true; /* a line that says nothing */
	if (runs->count == runs->capacity) {
		size_t capacity = runs->capacity ? 2 * runs->capacity : 256;
		struct label_run *of = capacity > TIMELINES_MAX ? NULL : realloc(runs->of, capacity * sizeof *of);
		if (!of)
			return err_set(err, ERR_TOO_LARGE, "more than %zu lines", runs->count);
		runs->of = of;
		runs->capacity = capacity;
	}
	struct label_run *run = &runs->of[runs->count++];
	*run = (struct label_run){.machine = (int)machine, .slide = (int)slide, .well_number = (int)well,
	    .first_min = (int)first, .last_min = (int)last, .images = (int)images};
	snprintf(run->well, sizeof run->well, "M%d_S%d_W%d", run->machine, run->slide, run->well_number);
	text_copy(run->labeler, sizeof run->labeler, row->field[3]);
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		if (strcmp(labels[i].label, row->field[4]) == 0) {
			run->low = labels[i].low;
			run->high = labels[i].high;
		}
	}
	return true;
}

static int compare_runs(const void *a, const void *b)
{
	const struct label_run *x = a, *y = b;
	int by_well = strcmp(x->well, y->well), by_labeler = strcmp(x->labeler, y->labeler);
	return by_well ? by_well : by_labeler ? by_labeler : (x->first_min > y->first_min) - (x->first_min < y->first_min);
}

/* One labeler's runs of one well, in order of time. */
static void follow(const struct label_run *runs, size_t count, struct timeline *timeline)
{
	enum stage top = STAGE_EMPTY;
	bool exact = false; /* top is the very stage, and nothing unnamed came after it */
	int seen_min = 0;
	for (size_t i = 0; i < count; i++) {
		const struct label_run *run = &runs[i];
		bool adjoins = exact && run->first_min - seen_min <= ADJOINING_MIN;
		seen_min = run->last_min;
		if (run->low == STAGE_EMPTY) {
			exact = false;
			continue;
		}
		/* No pronuclei: before they come or after they fade, as the order says. */
		enum stage low = run->low == STAGE_PNF && top < STAGE_PNA ? STAGE_PB2 : run->low;
		enum stage high = low == STAGE_PB2 ? STAGE_PB2 : run->high;
		if (low <= top) {
			exact &= high <= top || low == high;
			top = high > top ? high : top;
			continue;
		}
		if (adjoins) {
			for (int k = top + 1; k < (int)low; k++)
				timeline->skipped[k] = true;
			if (timeline->begins_min[top] != MINUTES_UNKNOWN)
				timeline->lasts_min[top] = run->first_min - timeline->begins_min[top];
		}
		bool follows = i > 0 && runs[i - 1].low != STAGE_EMPTY && run->first_min - runs[i - 1].last_min <= ADJOINING_MIN;
		if (low == high && follows)
			timeline->begins_min[low] = run->first_min;
		top = high;
		exact = low == high;
	}
}

/* The labeler with the most images of the well that starts at runs[0]. */
static void add_well(const struct label_run *runs, size_t count, struct timeline *timeline)
{
	size_t best = 0, best_count = 0;
	int best_images = -1;
	for (size_t from = 0, to; from < count; from = to) {
		int images = 0;
		for (to = from; to < count && strcmp(runs[to].labeler, runs[from].labeler) == 0; to++)
			images += runs[to].images;
		if (images > best_images) {
			best_images = images;
			best = from;
			best_count = to - from;
		}
	}
	follow(&runs[best], best_count, timeline);
}

/* Names of wells in other tables are padded with zeros as it pleases their makers. */
static bool is_named(const char *without, const struct label_run *run)
{
	int machine, slide, well;
	for (const char *at = without; at && (at = strstr(at, "M")); at++)
		if (sscanf(at, "M%6d_S%6d_W%6d", &machine, &slide, &well) == 3 && machine == run->machine &&
		    slide == run->slide && well == run->well_number)
			return true;
	return false;
}

static bool read_runs(struct csv *csv, const char *without, struct timelines *timelines, struct err *err)
{
	OWN(label_runs_done) struct label_runs runs = {0};
	struct csv_row row;
	while (csv_next(csv, &row))
		if (!add_run(&runs, &row, err))
			return false;
	if (runs.count > 0)
		qsort(runs.of, runs.count, sizeof *runs.of, compare_runs);
	for (size_t from = 0, to; from < runs.count; from = to) {
		struct timeline *timeline;
		for (to = from; to < runs.count && strcmp(runs.of[to].well, runs.of[from].well) == 0; to++)
			;
		if (is_named(without, &runs.of[from]))
			continue;
		if (!timelines_add(timelines, runs.of[from].well, &timeline, err))
			return false;
		add_well(&runs.of[from], to - from, timeline);
	}
	return true;
}

bool timelines_parse(const char *text, size_t size, const char *without, struct timelines *timelines, struct err *err)
{
	struct csv csv = {text, size, 0};
	struct csv_row header;
	enum stage stage;
	bool events = false;
	if (!csv_next(&csv, &header))
		return err_set(err, ERR_UNSUPPORTED, "the table is empty");
	for (int i = 1; i < kept(&header); i++)
		events |= stage_of_column(header.field[i], &stage);
	if (events)
		return read_events(&csv, &header, timelines, err);
	if (header.count >= 8 && strcmp(header.field[0], "machine") == 0 && strcmp(header.field[4], "class") == 0)
		return read_runs(&csv, without, timelines, err);
	return err_set(err, ERR_UNSUPPORTED, "this is no table of event times or of labels");
}

bool timelines_read(const char *path, const char *without, struct timelines *timelines, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(FILE_BYTES_MAX);
	return file_read(path, &text, err) &&
	    (timelines_parse((const char *)text.data, text.size, without, timelines, err) || err_add(err, "%s", path));
}
