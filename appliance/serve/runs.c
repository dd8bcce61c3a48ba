#include "serve/runs.h"

#include "serve/shapes.h"
#include "store/cuts.h"
#include "store/frames.h"
#include "store/tracks.h"

#include <stdlib.h>

enum { PLANES_SHOWN_MAX = 64 };

/* The three listings come in order of run; two cursors follow the frames. */
struct merge {
	struct track track;
	size_t point;
	struct cut_row *cuts;
	size_t cuts_count, cuts_capacity, cut;
	json_t *runs;
	struct frame run; /* the run being put together */
	int focal_um[PLANES_SHOWN_MAX];
	size_t planes;
	int all[PLANES_SHOWN_MAX];
	size_t all_count;
};

static void merge_done_owned(struct merge *merge)
{
	track_done(&merge->track);
	free(merge->cuts);
	json_decref(merge->runs);
}

static bool keep_cut(const struct cut_row *row, void *context)
{
	struct merge *merge = context;
	if (merge->cuts_count == merge->cuts_capacity) {
		size_t capacity = merge->cuts_capacity ? 2 * merge->cuts_capacity : 256;
		struct cut_row *cuts = realloc(merge->cuts, capacity * sizeof *cuts);
		if (!cuts)
			return false;
		merge->cuts = cuts;
		merge->cuts_capacity = capacity;
	}
	merge->cuts[merge->cuts_count++] = *row;
	return true;
}

static json_t *shape_location(const struct cut_row *cut)
{
	if (!cut || !cut->location.occupied || cut->width <= 0)
		return json_null();
	double width = cut->width;
	return json_pack("{s:f, s:f, s:f}", "x", cut->location.x / width, "y", cut->location.y / width, "r",
	    cut->location.radius / width);
}

static int nearest_centre(const int *focal_um, size_t count)
{
	int best = focal_um[0];
	for (size_t i = 1; i < count; i++)
		if (abs(focal_um[i]) < abs(best))
			best = focal_um[i];
	return best;
}

static json_t *plane_list(const int *focal_um, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_integer(focal_um[i]));
	return list;
}

/* Ends the run whose planes are complete. */
static void add_run(struct merge *merge)
{
	if (!merge->planes)
		return;
	int number = merge->run.run;
	const struct track *track = &merge->track;
	while (merge->point < track->count && track->points[merge->point].run < number)
		merge->point++;
	while (merge->cut < merge->cuts_count && merge->cuts[merge->cut].run < number)
		merge->cut++;
	bool has_point = merge->point < track->count && track->points[merge->point].run == number;
	bool has_cut = merge->cut < merge->cuts_count && merge->cuts[merge->cut].run == number;
	const struct track_point *point = has_point ? &track->points[merge->point] : NULL;
	const struct cut_row *cut = has_cut ? &merge->cuts[merge->cut] : NULL;
	bool made = cut && cut->made;
	json_t *run = json_pack("{s:i, s:o, s:o, s:b, s:i, s:b, s:o}", "run", number, "time_s",
	    shape_seconds(point ? point->time_s : TIME_UNKNOWN), "planes",
	    plane_list(merge->focal_um, merge->planes), "read", point && point->read, "best",
	    made ? cut->focal_um[0] : nearest_centre(merge->focal_um, merge->planes), "damaged",
	    cut && cut->damaged, "location", shape_location(cut));
	bool read = point && point->read;
	shape_reading(run, read ? &point->reading : NULL, read ? point->motion : 0);
	json_array_append_new(merge->runs, run);
	merge->planes = 0;
}

static void note_plane(struct merge *merge, int focal_um)
{
	size_t at = 0;
	while (at < merge->all_count && merge->all[at] < focal_um)
		at++;
	if (merge->all_count == PLANES_SHOWN_MAX || (at < merge->all_count && merge->all[at] == focal_um))
		return;
	for (size_t i = merge->all_count++; i > at; i--)
		merge->all[i] = merge->all[i - 1];
	merge->all[at] = focal_um;
}

static bool add_frame(const struct frame *frame, void *context)
{
	struct merge *merge = context;
	if (frame->run != merge->run.run)
		add_run(merge);
	merge->run = *frame;
	if (merge->planes < PLANES_SHOWN_MAX)
		merge->focal_um[merge->planes++] = frame->focal_um;
	note_plane(merge, frame->focal_um);
	return true;
}

bool runs_json(struct store *store, int64_t embryo_id, json_t **ret_runs, json_t **ret_planes, struct err *err)
{
	OWN(merge_done) struct merge merge = {.runs = json_array()};
	if (!tracks_load(store, embryo_id, &merge.track, err) ||
	    !cuts_each(store, embryo_id, keep_cut, &merge, err) ||
	    !frames_each(store, embryo_id, 0, add_frame, &merge, err))
		return false;
	add_run(&merge);
	*ret_planes = plane_list(merge.all, merge.all_count);
	*ret_runs = TAKE(merge.runs);
	return true;
}
