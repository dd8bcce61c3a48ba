#include "intake/landing.h"

#include "base/text.h"
#include "intake/picture.h"
#include "store/annotations.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/frames.h"

#include <inttypes.h>
#include <string.h>

enum {
	BATCH_BYTES = 32 << 20,
	BATCH_BYTES_MAX = BATCH_BYTES + LIMIT_FRAME_BYTES,
	WELLS_MAX = 512,
};

struct well {
	char slide[LIMIT_NAME];
	int number;
	int64_t embryo_id; /* 0: nothing has landed */
	bool slide_known;  /* the store had pictures of the slide before this import */
	bool waits;        /* for the known wells of its slide */
	int64_t waiting;   /* its pictures that wait */
	bool refused;
	bool proven; /* what is stored is the same embryo, or nothing is */
};

struct landing {
	struct store *store;
	const char *format_name;
	struct import_report *report;
	struct notes *notes;
	struct well *wells;
	int wells_count;
	struct well *well; /* the one whose pictures come; NULL at first */
	bool again;        /* only wells that waited are taken */
	int64_t doubles, clocks_lost;

	/* The batch: pictures of that well. */
	struct buf bytes;
	struct frame_new frames[LIMIT_FRAMES_PER_COMMIT];
	size_t offsets[LIMIT_FRAMES_PER_COMMIT];
	size_t count;
	int64_t insemination_clock_s;
	bool slide_named;
};

bool landing_start(struct store *store, const char *format_name, struct import_report *report, struct notes *notes,
    struct landing **ret_landing, struct err *err)
{
	OWN(landing_free) struct landing *landing = calloc(1, sizeof *landing);
	if (!landing || !(landing->wells = calloc(WELLS_MAX, sizeof *landing->wells)))
		return err_set(err, ERR_NO_MEMORY, "starting an import");
	landing->store = store;
	landing->format_name = format_name;
	landing->report = report;
	landing->notes = notes;
	landing->bytes = (struct buf)BUF_INIT(BATCH_BYTES_MAX);
	*ret_landing = TAKE(landing);
	return true;
}

void landing_free(struct landing *landing)
{
	if (!landing)
		return;
	buf_done(&landing->bytes);
	free(landing->wells);
	free(landing);
}

/* Whether this batch and the store show the same embryo. *ret_same is untouched when they have no place in common. */
static bool compare_stored(struct landing *landing, int64_t embryo_id, bool *ret_common, bool *ret_same,
    struct err *err)
{
	*ret_common = *ret_same = false;
	for (size_t i = 0; i < landing->count && !*ret_same; i++) {
		const struct frame_new *frame = &landing->frames[i];
		OWN(buf_done) struct buf stored = BUF_INIT(LIMIT_FRAME_BYTES);
		struct err why;
		if (frames_read(landing->store, embryo_id, frame->run, frame->focal_um, &stored, NULL, &why)) {
			*ret_common = true;
			*ret_same = stored.size == frame->size && memcmp(stored.data, frame->data, frame->size) == 0;
		} else if (why.code != ERR_NOT_FOUND) {
			*err = why;
			return err_add(err, "comparing with what is stored");
		}
	}
	return true;
}

static bool stop_at_first(const struct frame *frame, void *context)
{
	(void)frame;
	*(bool *)context = true;
	return false;
}

/* Whether a well of this slide turned out to be another embryo's: then its name was used twice, and a well that the store
 * does not know is another patient's too. */
static bool name_used_twice(const struct landing *landing, const char *slide)
{
	for (int i = 0; i < landing->wells_count; i++)
		if (landing->wells[i].refused && strcmp(landing->wells[i].slide, slide) == 0)
			return true;
	return false;
}

/* Sets proven or refused, or leaves both open: nothing in common yet. */
static bool prove_well(struct landing *landing, struct well *well, int64_t embryo_id, struct err *err)
{
	bool stored = false, common, same;
	if (!frames_each(landing->store, embryo_id, 0, stop_at_first, &stored, err))
		return false;
	well->proven = !stored;
	if (!stored)
		return true;
	if (!compare_stored(landing, embryo_id, &common, &same, err))
		return false;
	well->proven = same;
	well->refused = !same && (common || !landing->slide_named);
	if (well->refused)
		notes_add(landing->notes,
		    common ? "%s well %d: its pictures differ from those that are stored under this slide and well. It may be "
			     "another embryo: nothing of this well was taken."
			   : "%s well %d: none of its runs is stored under this folder's name yet, so it may be another "
			     "embryo: nothing of this well was taken.",
		    well->slide, well->number);
	return true;
}

/* Brings the batch's times onto the dish's clock. Two formats count from different zeros; the insemination is the
 * one moment that both name. Without it on both sides a time would be a guess. */
static void align_clocks(struct landing *landing, const struct dish *dish)
{
	if (strcmp(dish->format, landing->format_name) == 0)
		return;
	int64_t ours = landing->insemination_clock_s, theirs = dish->insemination_clock_s;
	bool known = ours != TIME_UNKNOWN && theirs != TIME_UNKNOWN;
	for (size_t i = 0; i < landing->count; i++) {
		struct frame_new *frame = &landing->frames[i];
		if (frame->clock_s == TIME_UNKNOWN)
			continue;
		landing->clocks_lost += !known;
		frame->clock_s = known ? frame->clock_s - ours + theirs : TIME_UNKNOWN;
	}
}

/* Inside a transaction. well->refused afterwards: nothing was written that should stay. */
static bool write_batch(struct landing *landing, struct well *well, enum frame_outcome *outcomes, struct err *err)
{
	int64_t dish_id, embryo_id;
	struct dish dish;
	if (!dishes_obtain(landing->store, well->slide, landing->format_name, TIME_UNKNOWN, &dish_id, err) ||
	    !dishes_get(landing->store, dish_id, &dish, err) ||
	    !embryos_obtain(landing->store, dish_id, well->number, &embryo_id, err))
		return false;
	if (!well->proven && !prove_well(landing, well, embryo_id, err))
		return false;
	if (well->refused)
		return true;
	align_clocks(landing, &dish);
	for (size_t i = 0; i < landing->count; i++)
		landing->frames[i].embryo_id = embryo_id;
	if (!frames_add(landing->store, dish_id, landing->frames, landing->count, outcomes, err))
		return false;
	bool fill_in = landing->insemination_clock_s != TIME_UNKNOWN && dish.insemination_clock_s == TIME_UNKNOWN &&
	    strcmp(dish.format, landing->format_name) == 0;
	if (fill_in && !dishes_obtain(landing->store, well->slide, landing->format_name,
			   landing->insemination_clock_s, &dish_id, err))
		return false;
	landing->report->wells += well->embryo_id == 0;
	well->embryo_id = embryo_id;
	return true;
}

static void count_outcomes(struct landing *landing, const struct well *well, const enum frame_outcome *outcomes)
{
	struct import_report *report = landing->report;
	if (well->refused) {
		report->frames_conflict += (int64_t)landing->count;
		return;
	}
	for (size_t i = 0; i < landing->count; i++) {
		const struct frame_new *frame = &landing->frames[i];
		report->frames_added += outcomes[i] == FRAME_ADDED;
		report->frames_known += outcomes[i] == FRAME_KNOWN;
		report->frames_conflict += outcomes[i] == FRAME_CONFLICT;
		if (outcomes[i] == FRAME_CONFLICT)
			notes_add(landing->notes,
			    "%s well %d run %d plane %d um: another picture is stored there; the first one stays.",
			    well->slide, well->number, frame->run, frame->focal_um);
	}
}

static bool flush(struct landing *landing, struct err *err)
{
	if (landing->count == 0)
		return true;
	struct well *well = landing->well;
	enum frame_outcome outcomes[LIMIT_FRAMES_PER_COMMIT] = {0};
	for (size_t i = 0; i < landing->count; i++)
		landing->frames[i].data = landing->bytes.data + landing->offsets[i];
	if (!store_begin(landing->store, err))
		return false;
	bool ok = write_batch(landing, well, outcomes, err);
	if (!ok || well->refused)
		store_rollback(landing->store);
	else
		ok = store_commit(landing->store, err);
	if (ok)
		count_outcomes(landing, well, outcomes);
	landing->count = 0;
	buf_clear(&landing->bytes);
	return ok;
}

static struct well *find_well(struct landing *landing, const char *slide, int number)
{
	for (int i = landing->wells_count - 1; i >= 0; i--)
		if (landing->wells[i].number == number && strcmp(landing->wells[i].slide, slide) == 0)
			return &landing->wells[i];
	return NULL;
}

/* What the store knows of a well and its slide before this import touches them. */
static bool look_up(struct landing *landing, struct well *well, struct err *err)
{
	const struct well *before = landing->well;
	int64_t dish_id, embryo_id = 0;
	if (!dishes_find(landing->store, well->slide, &dish_id, err) ||
	    (dish_id && !embryos_find(landing->store, dish_id, well->number, &embryo_id, err)))
		return false;
	if (before && strcmp(before->slide, well->slide) == 0)
		well->slide_known = before->slide_known;
	else
		well->slide_known = dish_id != 0;
	well->waits = well->slide_known && embryo_id == 0;
	return true;
}

/* The well of this frame, which is the last one or, in the first pass, a new one. */
static bool enter_well(struct landing *landing, const struct format_frame *frame, bool *ret_landed, struct err *err)
{
	struct well *well = landing->well;
	if (well && well->number == frame->well && strcmp(well->slide, frame->slide) == 0)
		return true;
	*ret_landed = landing->count > 0;
	if (!flush(landing, err))
		return false;
	well = landing->again ? find_well(landing, frame->slide, frame->well) : NULL;
	if (!well) {
		if (landing->wells_count == WELLS_MAX)
			return err_set(err, ERR_TOO_LARGE, "more than %d wells in one import", WELLS_MAX);
		well = &landing->wells[landing->wells_count];
		text_copy(well->slide, sizeof well->slide, frame->slide);
		well->number = frame->well;
		if (!look_up(landing, well, err))
			return false;
		landing->wells_count++;
	}
	landing->well = well;
	return true;
}

/* A picture of a well that takes none: counted where it belongs. */
static bool is_turned_away(struct landing *landing)
{
	struct well *well = landing->well;
	if (well->refused)
		landing->report->frames_conflict++;
	else if (well->waits)
		well->waiting++;
	return well->refused || well->waits;
}

/* A second picture for the place that came last: the same again, or another one. */
static bool is_double(struct landing *landing, const struct format_frame *frame)
{
	if (landing->count == 0)
		return false;
	const struct frame_new *last = &landing->frames[landing->count - 1];
	if (last->run != frame->run || last->focal_um != frame->focal_um)
		return false;
	bool same = last->size == frame->size &&
	    memcmp(landing->bytes.data + landing->offsets[landing->count - 1], frame->data, frame->size) == 0;
	landing->doubles += same;
	landing->report->frames_known += same;
	landing->report->frames_conflict += !same;
	if (!same)
		notes_add(landing->notes,
		    "%s well %d run %d plane %d um: the export has two different pictures; the first one was taken.",
		    frame->slide, frame->well, frame->run, frame->focal_um);
	return true;
}

/* Full, or better ended here than in the middle of a run. */
static bool is_full(const struct landing *landing, int run)
{
	if (landing->count == 0)
		return false;
	bool new_run = landing->frames[landing->count - 1].run != run;
	return landing->count == LIMIT_FRAMES_PER_COMMIT || landing->bytes.size >= BATCH_BYTES ||
	    (new_run && (landing->count > LIMIT_FRAMES_PER_COMMIT - LIMIT_PLANES ||
			    landing->bytes.size > BATCH_BYTES / 2));
}

static bool keep_picture(struct landing *landing, const struct format_frame *frame, int width, int height,
    struct err *err)
{
	landing->offsets[landing->count] = landing->bytes.size;
	buf_add(&landing->bytes, frame->data, frame->size);
	if (!buf_ok(&landing->bytes, err))
		return false;
	landing->frames[landing->count++] = (struct frame_new){.run = frame->run, .focal_um = frame->focal_um,
	    .clock_s = frame->clock_s, .width = width, .height = height, .size = frame->size};
	landing->insemination_clock_s = frame->insemination_clock_s;
	landing->slide_named = frame->slide_named;
	return true;
}

static bool is_whole(const struct format_frame *frame, int *ret_width, int *ret_height, struct err *why)
{
	if (frame->damage)
		return err_set(why, ERR_DAMAGED, "%s", frame->damage);
	return picture_check(frame->data, frame->size, ret_width, ret_height, why);
}

/* Whether the picture is one for this pass; counts it in the first. */
static bool is_wanted(struct landing *landing, const struct format_frame *frame, int *ret_width, int *ret_height)
{
	struct err why;
	bool whole = is_whole(frame, ret_width, ret_height, &why);
	if (landing->again) {
		const struct well *well = find_well(landing, frame->slide, frame->well);
		return whole && well && well->waiting > 0;
	}
	landing->report->frames_seen++;
	landing->report->frames_damaged += !whole;
	if (!whole)
		notes_add(landing->notes, "%s well %d run %d plane %d um: the picture %s.", frame->slide, frame->well,
		    frame->run, frame->focal_um, why.detail);
	return whole;
}

bool landing_add(struct landing *landing, const struct format_frame *frame, bool *ret_landed, struct err *err)
{
	int width, height;
	*ret_landed = false;
	if (!is_wanted(landing, frame, &width, &height))
		return true;
	if (!enter_well(landing, frame, ret_landed, err))
		return false;
	if (is_turned_away(landing) || is_double(landing, frame))
		return true;
	if (is_full(landing, frame->run)) {
		*ret_landed = true;
		if (!flush(landing, err))
			return false;
		/* The flush may have been the one that refused the well. */
		if (is_turned_away(landing))
			return true;
	}
	return keep_picture(landing, frame, width, height, err);
}

/* What waited is taken, or refused with the wells that it came with. */
static bool settle(struct landing *landing)
{
	bool again = false;
	for (int i = 0; i < landing->wells_count; i++) {
		struct well *well = &landing->wells[i];
		if (!well->waits)
			continue;
		well->waits = false;
		well->refused = name_used_twice(landing, well->slide);
		again |= !well->refused;
		if (!well->refused)
			continue;
		landing->report->frames_conflict += well->waiting;
		well->waiting = 0;
		notes_add(landing->notes,
		    "%s well %d: other wells of this export are not the embryos stored under this slide's name, so this one "
		    "belongs to another slide of the same name: nothing of it was taken.",
		    well->slide, well->number);
	}
	return again;
}

bool landing_finish(struct landing *landing, bool *ret_again, struct err *err)
{
	if (!flush(landing, err))
		return false;
	landing->again = settle(landing);
	*ret_again = landing->again;
	if (landing->again)
		return true;
	if (landing->doubles)
		notes_add(landing->notes, "Pictures that come twice in this export, taken once each: %" PRId64 ".",
		    landing->doubles);
	if (landing->clocks_lost)
		notes_add(landing->notes,
		    "Pictures whose times are on another clock than those stored of this slide, times left unknown: %" PRId64
		    ".", landing->clocks_lost);
	return true;
}

struct search {
	const struct annotation *wanted;
	bool found;
};

static bool is_there(const struct annotation *annotation, void *context)
{
	struct search *search = context;
	const struct annotation *wanted = search->wanted;
	search->found |= annotation->event == wanted->event && annotation->run == wanted->run &&
	    strcmp(annotation->author, wanted->author) == 0;
	return !search->found;
}

bool landing_annotate(const struct format_annotation *one, void *context, struct err *err)
{
	struct landing *landing = context;
	struct search search = {.wanted = &one->annotation};
	for (int i = 0; i < landing->wells_count; i++) {
		const struct well *well = &landing->wells[i];
		if (well->number != one->well || strcmp(well->slide, one->slide) != 0 || well->refused ||
		    well->embryo_id == 0)
			continue;
		return annotations_each(landing->store, well->embryo_id, is_there, &search, err) &&
		    (search.found || annotations_add(landing->store, well->embryo_id, 0, &one->annotation, err));
	}
	return true;
}
