/* Films: an export as intake takes it, frame after frame, with the truth beside it.
 *
 *   <path>.truth.json       of a rendered export: every frame's stage
 *   <code>_phases.csv       what an expert saw, by frame index (anywhere in the folder)
 *   events_visual.csv       a reading by eye of consecutive frames
 *   options->events         experts' event times, one line an embryo
 *   options->known          what is known otherwise: "1-475=occupied"
 */
#include "accuracy/clocks.h"
#include "accuracy/datasets.h"
#include "accuracy/pictures.h"

#include "base/file.h"
#include "base/text.h"
#include "intake/csv.h"
#include "intake/format.h"
#include "intake/timelines.h"

#include <stdio.h>
#include <string.h>

enum { TABLE_BYTES_MAX = 1 << 20, TRUTH_BYTES_MAX = 256 << 20 };

static struct source source_of(const char *path)
{
	const char *name = path_name(path);
	/* A folder given with a slash at its end, or as ".". */
	return (struct source){.path = path,
	    .name = name[0] && strcmp(name, ".") != 0 ? name : "film 1",
	    .is_folder = folder_is(path)};
}

static bool film_detect(const char *path)
{
	const struct source source = source_of(path);
	return format_find(&source) != NULL;
}

struct film {
	struct dataset *dataset;
	const struct datasets_options *options;
	struct pictures *pictures;
	bool any_named; /* a maker's slide code was seen */
};

/* A new point for a new run of the sample the frame belongs to. */
static bool place_frame(struct film *film, const struct format_frame *frame, struct err *err)
{
	struct sample *sample = dataset_sample(film->dataset, frame->slide, frame->well);
	if (!sample)
		return err_set(err, ERR_NO_MEMORY, "taking a film");
	struct track *track = &sample->track;
	sample->film = true;
	film->any_named = film->any_named || frame->slide_named;
	if (track->count == 0 && frame->code)
		text_copy(sample->code, sizeof sample->code, frame->code);
	bool new_run = track->count == 0 || track->points[track->count - 1].run != frame->run;
	if (new_run) {
		const struct track_point point = {.run = frame->run,
		    .time_s = time_since_insemination(frame->clock_s, frame->insemination_clock_s)};
		if (!sample_add(sample, &point, 0, err) ||
		    !pictures_point(
		        film->pictures, (size_t)(sample - film->dataset->samples), track->count - 1, err))
			return false;
	}
	return !frame->data || pictures_plane(film->pictures, frame->focal_um, frame->data, frame->size, err);
}

static bool take_frames(struct film *film, const char *path, struct err *err)
{
	const struct source source = source_of(path);
	const struct format *format = format_find(&source);
	OWN(notes_done) struct notes notes = {0};
	void *reader = NULL;
	int64_t total;
	if (!notes_init(&notes))
		return err_set(err, ERR_NO_MEMORY, "taking a film");
	if (!format->open(&source, &notes, &reader, &total, err))
		return false;
	bool end = false, ok = true;
	while (ok && !end) {
		struct format_frame frame;
		ok = format->next(reader, &frame, &end, err) && (end || place_frame(film, &frame, err));
	}
	format->close(reader);
	return ok && pictures_finish(film->pictures, err);
}

/* Runs as far apart as the options say, where the export has no times. */
static void assume_times(struct film *film)
{
	const struct datasets_options *options = film->options;
	size_t assumed = 0;
	for (size_t i = 0; i < film->dataset->count; i++) {
		struct track *track = &film->dataset->samples[i].track;
		bool timed = false;
		for (size_t k = 0; k < track->count; k++)
			timed = timed || track->points[k].time_s != TIME_UNKNOWN;
		if (timed)
			continue;
		assumed++;
		for (size_t k = 0; k < track->count && options->interval_min > 0; k++)
			track->points[k].time_s = time_from_hours(options->start_h +
			    (track->points[k].run - track->points[0].run) * options->interval_min / 60);
	}
	if (assumed && options->interval_min > 0)
		dataset_note(film->dataset,
		    "%zu of %zu films carry no times: runs were taken as %g min apart, the first at %g h, as "
		    "given",
		    assumed, film->dataset->count, options->interval_min, options->start_h);
	else if (assumed)
		dataset_note(film->dataset,
		    "%zu of %zu films carry no times: errors in frames only, no time-only baseline "
		    "(--interval MIN gives them a clock)",
		    assumed, film->dataset->count);
}

/* The truth of a rendered export: wells[].frames[] with run and stage. */
static bool take_rendered(struct film *film, const json_t *wells, struct err *err)
{
	size_t i, k;
	const json_t *well, *frame;
	json_array_foreach(wells, i, well) {
		const json_t *frames = json_object_get(well, "frames");
		for (size_t s = 0; s < film->dataset->count; s++) {
			struct sample *sample = &film->dataset->samples[s];
			size_t at = 0;
			if (sample->well != json_int(well, "well", -1))
				continue;
			json_array_foreach(frames, k, frame) {
				enum stage stage;
				if (!stage_from_name(json_text(frame, "stage", ""), &stage))
					return err_set(err, ERR_DAMAGED,
					    "its truth names no stage in well %d", sample->well);
				while (at < sample->track.count &&
				    sample->track.points[at].run < json_int(frame, "run", -1))
					at++;
				if (at < sample->track.count &&
				    sample->track.points[at].run == json_int(frame, "run", -1))
					sample->truth[at] = 1u << stage;
			}
		}
	}
	film->dataset->rendered = true;
	text_copy(film->dataset->maker, sizeof film->dataset->maker, "daybreak-simulate");
	return true;
}

static bool take_truth_file(struct film *film, const char *path, struct err *err)
{
	char truth[LIMIT_PATH];
	OWN(json_decref) json_t *json = NULL;
	json_t *wells;
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	int written = snprintf(truth, sizeof truth, "%.*s.truth.json", (int)length, path);
	if (written < 0 || (size_t)written >= sizeof truth || !file_exists(truth))
		return true;
	return json_load(truth, TRUTH_BYTES_MAX, &json, err) &&
	    json_member(json, "wells", JSON_ARRAY, &wells, err) && take_rendered(film, wells, err);
}

static struct sample *table_owner(struct film *film, const char *file, const char *ending)
{
	size_t length = strlen(file) - strlen(ending);
	for (size_t i = 0; i < film->dataset->count; i++) {
		struct sample *sample = &film->dataset->samples[i];
		if (strlen(sample->code) == length && strncmp(sample->code, file, length) == 0)
			return sample;
	}
	return film->dataset->count == 1 ? film->dataset->samples : NULL;
}

static void take_phases(struct film *film, const char *file, const struct buf *text)
{
	struct phases phases;
	struct err why;
	struct clock_line line = {1, 0};
	struct sample *sample = table_owner(film, file, "_phases.csv");
	if (!sample || !phases_parse((const char *)text->data, text->size, &phases, &why)) {
		dataset_note(film->dataset, "%.60s was not taken: %s", file,
		    sample ? why.detail : "it belongs to no film here");
		return;
	}
	int last_run = sample->track.points[sample->track.count - 1].run;
	struct clock_fit fit;
	bool found = clocks_fit(&sample->track, &phases, &fit), agrees = phases_check(&phases, last_run);
	if (!agrees)
		dataset_note(film->dataset,
		    "%.60s: the annotation clock and the image clock disagree (index up to %d, RUN up to %d)",
		    file, phases.last, last_run);
	else if (found && fit.better > CLOCKS_SUSPECT)
		dataset_note(film->dataset,
		    "%.60s: the annotation clock and the image clock may disagree: look before you believe "
		    "its figures",
		    file);
	if (found && (!agrees || fit.better > CLOCKS_SUSPECT))
		dataset_note(film->dataset,
		    "by what this model sees, RUN is about %.2f x index %+.0f: to be checked by a person",
		    fit.line.a, fit.line.b);
	if (!agrees && !film->options->has_clock) {
		dataset_note(film->dataset,
		    "%.60s was not scored; --clock A,B scores it on RUN = A x index + B", sample->code);
		return;
	}
	if (!agrees) {
		line = (struct clock_line){film->options->clock_a, film->options->clock_b};
		dataset_note(film->dataset,
		    "scored on RUN = %g x index %+g, as given: its figures are as good as that line", line.a,
		    line.b);
	}
	clocks_apply(&phases, line, sample);
}

/* The rows of events_visual.csv that say what every frame from here on shows. */
static const struct {
	const char *event, *stages;
} by_eye[] = {
    {"two_pronuclei_visible", "zygote"},
    {"t2", "t2"},
    {"t3_or_t4", "t3|t4"},
    {"next_division_round", "t5|t6|t7|t8|t9"},
    {"many_cells", "t8|t9|tM"},
};

/* relative: of the table; the film is the one in whose folder it lies. */
static void take_by_eye(struct film *film, const char *relative, const struct buf *text)
{
	struct csv csv = {.text = (const char *)text->data, .size = text->size};
	struct csv_row row;
	char folder[LIMIT_NAME] = "";
	const char *slash = strrchr(relative, '/');
	if (slash && slash - relative < LIMIT_NAME)
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - relative), relative);
	struct sample *sample = table_owner(film, path_name(folder), "");
	if (!sample)
		return;
	while (csv_next(&csv, &row)) {
		int64_t from;
		stage_set stages = 0;
		for (size_t i = 0; i < sizeof by_eye / sizeof by_eye[0]; i++)
			if (strcmp(row.field[0], by_eye[i].event) == 0)
				stage_set_parse(by_eye[i].stages, &stages);
		if (stages == 0 || !text_to_i64(row.field[1], &from))
			continue;
		for (size_t i = 0; i < sample->track.count; i++)
			if (sample->track.points[i].run >= from)
				sample->truth[i] = stages;
	}
	dataset_note(film->dataset,
	    "the truth is a careful reading by eye, not an embryologist's, and often leaves several stages "
	    "open");
}

static bool take_table(const char *full, const char *relative, void *context, struct err *err)
{
	(void)err;
	struct film *film = context;
	const char *file = path_name(relative);
	OWN(buf_done) struct buf text = BUF_INIT(TABLE_BYTES_MAX);
	struct err why;
	bool phases = text_ends_nocase(file, "_phases.csv"), eye = strcmp(file, "events_visual.csv") == 0;
	if ((!phases && !eye) || !file_read(full, &text, &why))
		return true;
	if (phases)
		take_phases(film, file, &text);
	else
		take_by_eye(film, relative, &text);
	return true;
}

/* "M0831_S00470_W5" is the name of a well in tables of run lengths. */
static bool is_called(const struct sample *sample, const char *name)
{
	char well[LIMIT_NAME];
	int slide, instrument;
	if (strcmp(sample->code, name) == 0 || strcmp(sample->name, name) == 0)
		return true;
	if (sscanf(sample->name, "D%*d.%*d.%*d_S%d_I%d", &slide, &instrument) != 2)
		return false;
	snprintf(well, sizeof well, "M%04d_S%05d_W%d", instrument, slide, sample->well);
	return strcmp(well, name) == 0;
}

/* From one event to the next that is known; of the last event only the first frame, because nobody says
 * how long it lasts. */
static void apply_timeline(const struct timeline *timeline, struct sample *sample)
{
	int last = STAGE_EMPTY;
	for (int k = STAGE_PB2; k <= STAGE_HB; k++)
		last = timeline->begins_min[k] != MINUTES_UNKNOWN ? k : last;
	bool told = false;
	for (size_t i = 0; i < sample->track.count; i++) {
		int stage = STAGE_EMPTY;
		for (int k = STAGE_PB2; k <= STAGE_HB; k++)
			if (timeline->begins_min[k] != MINUTES_UNKNOWN &&
			    sample->track.points[i].time_s >= timeline->begins_min[k] * 60LL)
				stage = k;
		sample->truth[i] = stage == STAGE_EMPTY || (stage == last && told) ? 0 : 1u << stage;
		told = stage == last && last != STAGE_EMPTY;
	}
}

static bool take_events(struct film *film, struct err *err)
{
	OWN(timelines_done) struct timelines timelines = {0};
	size_t taken = 0, untimed = 0;
	if (!film->options->events)
		return true;
	if (!timelines_read(film->options->events, NULL, &timelines, err))
		return false;
	for (size_t s = 0; s < film->dataset->count; s++) {
		struct sample *sample = &film->dataset->samples[s];
		for (size_t i = 0; i < timelines.count; i++) {
			if (!is_called(sample, timelines.of[i].embryo))
				continue;
			bool timed = sample->track.points[0].time_s != TIME_UNKNOWN;
			taken += timed;
			untimed += !timed;
			if (timed)
				apply_timeline(&timelines.of[i], sample);
		}
	}
	dataset_note(film->dataset, "event times of %.60s were taken for %zu of %zu films",
	    path_name(film->options->events), taken, film->dataset->count);
	if (untimed)
		dataset_note(
		    film->dataset, "films without times, so that event times say nothing: %zu", untimed);
	return true;
}

/* Known runs are about every embryo of the set, and go before tables. */
static void take_known(struct film *film)
{
	for (size_t k = 0; k < film->options->known_count; k++) {
		const struct known_runs *known = &film->options->known[k];
		for (size_t s = 0; s < film->dataset->count; s++) {
			struct sample *sample = &film->dataset->samples[s];
			for (size_t i = 0; i < sample->track.count; i++)
				if (sample->track.points[i].run >= known->first &&
				    sample->track.points[i].run <= known->last)
					sample->truth[i] = known->stages;
		}
	}
}

static bool film_load(const char *path, const struct datasets_options *options, struct reader *reader,
    struct dataset *dataset, struct err *err)
{
	OWN(pictures_free) struct pictures *pictures = NULL;
	if (!pictures_new(reader, dataset, &pictures, err))
		return false;
	struct film film = {.dataset = dataset, .options = options, .pictures = pictures};
	if (!take_frames(&film, path, err))
		return false;
	text_copy(
	    dataset->maker, sizeof dataset->maker, film.any_named ? "EmbryoScope layout" : "numbered frames");
	assume_times(&film);
	if (!take_truth_file(&film, path, err))
		return false;
	if (!dataset->rendered && folder_is(path) &&
	    !folder_walk(path, LIMIT_FOLDER_DEPTH, take_table, &film, err))
		return false;
	if (!take_events(&film, err))
		return false;
	take_known(&film);
	return true;
}

const struct layout layout_film = {"film", true, film_detect, film_load};
