/* Folders of images, one file a picture: the layouts of Nantes and of the EmbryoScope+, and plain numbered files.
 *
 *   <code>/D2014.04.24_S1082_I132_WELL7_RUN527.jpeg           slide, well and run from the name
 *   F-15/<code>/..., <code>/F-15/...                          the focal plane from a folder
 *   D2023.12.14_S00168_I4927_P_WELL05/F0/..._WELL05_RUN573.JPG
 *   <code>/<code>_0000.png                                    slide = the folder's name, well 1, run = the number
 *   <code>_timeElapsed.csv, <code>_phases.csv                 beside the pictures or anywhere in the export
 *
 * Opening walks the folder once, places every file by its name and sorts the places; pictures are read one by one.
 * Where names carry no slide, all pictures of a folder must share one prefix and the folder's name must hold a digit:
 * "images" names no slide, and two embryos must never share one. */
#include "intake/format.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "intake/phases.h"
#include "intake/times.h"

#include <stdio.h>
#include <string.h>

enum {
	GROUPS_MAX = 512, /* embryos of one export */
	TABLE_BYTES_MAX = 1 << 20,
};

/* All pictures of one embryo. */
struct group {
	char slide[LIMIT_NAME];
	bool slide_named;
	int well;
	char code[LIMIT_NAME];   /* its folder's name: what its tables are called after */
	char prefix[LIMIT_NAME]; /* of its files, where the slide is not named */
	int first_run, last_run;
	struct times *times;     /* NULL: none */
	struct phases *phases;   /* NULL: none, or not on the pictures' clock */
	char phases_name[LIMIT_NAME];
};

struct entry {
	int group, run, focal_um;
	char *path; /* below the root */
};

struct reader {
	char root[LIMIT_PATH];
	char name[LIMIT_NAME]; /* of the export, fit for a screen */
	struct notes *notes;
	struct group *groups;
	int groups_count;
	struct entry *entries;
	size_t count, capacity, at;
	int64_t files, misplaced, others;
	char misplaced_example[LIMIT_NAME];
	struct buf picture;
};

static void folder_close(void *opaque)
{
	struct reader *reader = opaque;
	for (int i = 0; i < reader->groups_count; i++) {
		free(reader->groups[i].times);
		free(reader->groups[i].phases);
	}
	for (size_t i = 0; i < reader->count; i++)
		free(reader->entries[i].path);
	free(reader->groups);
	free(reader->entries);
	buf_done(&reader->picture);
	free(reader);
}
OWN_DEFINE(void *, folder_close)

static bool folder_detect(const struct source *source)
{
	return source->is_folder;
}

/* From the folders of relative's path: the plane of the nearest plane folder (0 without one), and the nearest other
 * folder's name, which is the export's own name for files at the top. False when that name does not fit. */
static bool read_folders(const struct reader *reader, const char *relative, int *ret_focal_um, char code[LIMIT_NAME])
{
	char part[LIMIT_NAME];
	bool whole = text_copy(code, LIMIT_NAME, reader->name);
	*ret_focal_um = 0;
	for (const char *at = relative, *slash; (slash = strchr(at, '/')); at = slash + 1) {
		size_t length = (size_t)(slash - at);
		if (length >= sizeof part)
			return false;
		memcpy(part, at, length);
		part[length] = 0;
		if (!filename_plane(part, ret_focal_um))
			whole = text_copy(code, LIMIT_NAME, part);
	}
	return whole;
}

static bool has_digit(const char *text)
{
	return strpbrk(text, "0123456789") != NULL;
}

/* A new group for its first picture. NULL with why: the picture names no slide. */
static struct group *make_group(struct reader *reader, const struct frame_name *name, const char *file,
    const char *code, struct err *why)
{
	const char *slide = name->complete ? name->slide : code;
	if (!text_is_plain(slide) || (!name->complete && !has_digit(slide))) {
		err_set(why, ERR_BAD_INPUT, "neither its name nor its folder's names a slide");
		return NULL;
	}
	if (reader->groups_count == GROUPS_MAX) {
		err_set(why, ERR_TOO_LARGE, "more than %d embryos in one export", GROUPS_MAX);
		return NULL;
	}
	struct group *group = &reader->groups[reader->groups_count++];
	*group = (struct group){.slide_named = name->complete, .well = name->well, .first_run = name->run,
	    .last_run = name->run};
	text_copy(group->slide, sizeof group->slide, slide);
	text_copy(group->code, sizeof group->code, code);
	snprintf(group->prefix, sizeof group->prefix, "%.*s", name->prefix_length, file);
	return group;
}

/* The group of one picture. NULL with why: it cannot be placed. */
static struct group *find_group(struct reader *reader, const struct frame_name *name, const char *file,
    const char *code, struct err *why)
{
	const char *slide = name->complete ? name->slide : code;
	struct group *group = NULL;
	for (int i = 0; i < reader->groups_count && !group; i++)
		if (reader->groups[i].well == name->well && strcmp(reader->groups[i].slide, slide) == 0)
			group = &reader->groups[i];
	if (!group)
		return make_group(reader, name, file, code, why);
	size_t prefix_length = (size_t)name->prefix_length;
	if (strlen(group->prefix) != prefix_length || strncmp(group->prefix, file, prefix_length) != 0) {
		err_set(why, ERR_BAD_INPUT, "it is not called like the other pictures of its folder");
		return NULL;
	}
	if (name->run < group->first_run)
		group->first_run = name->run;
	if (name->run > group->last_run)
		group->last_run = name->run;
	return group;
}

static void misplace(struct reader *reader, const char *file, const struct err *why)
{
	if (reader->misplaced++ == 0)
		notes_plain(reader->misplaced_example, sizeof reader->misplaced_example, file);
	if (reader->misplaced <= NOTES_MAX / 2)
		notes_add(reader->notes, "%.100s was left out: %.150s.", file, why->detail);
}

static bool keep_entry(struct reader *reader, const struct entry *entry, struct err *err)
{
	if (reader->count == reader->capacity) {
		size_t capacity = reader->capacity ? reader->capacity * 2 : 1024;
		struct entry *entries = realloc(reader->entries, capacity * sizeof *entries);
		if (!entries)
			return err_set(err, ERR_NO_MEMORY, "indexing a folder");
		reader->entries = entries;
		reader->capacity = capacity;
	}
	reader->entries[reader->count] = *entry;
	if (!entry->path)
		return err_set(err, ERR_NO_MEMORY, "indexing a folder");
	reader->count++;
	return true;
}

static bool is_noise(const char *relative)
{
	char part[LIMIT_PATH];
	text_copy(part, sizeof part, relative);
	char *at = part;
	for (char *slash; (slash = strchr(at, '/')); at = slash + 1) {
		*slash = 0;
		if (filename_is_noise(at))
			return true;
	}
	return filename_is_noise(at);
}

static bool index_file(const char *full, const char *relative, void *context, struct err *err)
{
	(void)full;
	struct reader *reader = context;
	const char *file = path_name(relative);
	struct frame_name name;
	char code[LIMIT_NAME];
	int focal_um;
	struct err why;
	if (is_noise(relative))
		return true;
	if (++reader->files > LIMIT_ARCHIVE_ENTRIES)
		return err_set(err, ERR_TOO_LARGE, "%s holds more than %d files.", reader->name, LIMIT_ARCHIVE_ENTRIES);
	if (!filename_is_picture(file)) {
		reader->others += !text_ends_nocase(file, ".csv");
		return true;
	}
	struct group *group = NULL;
	if (!filename_frame(file, &name))
		err_set(&why, ERR_BAD_INPUT, "its name holds no run number");
	else if (!read_folders(reader, relative, &focal_um, code))
		err_set(&why, ERR_BAD_INPUT, "its folder's name is too long");
	else if (format_place_check(name.well, name.run, focal_um, &why))
		group = find_group(reader, &name, file, code, &why);
	if (!group) {
		misplace(reader, file, &why);
		return true;
	}
	const struct entry entry = {.group = (int)(group - reader->groups), .run = name.run, .focal_um = focal_um,
	    .path = strdup(relative)};
	return keep_entry(reader, &entry, err);
}

/* The group a table belongs to: the one it is called after, else the only one of the export. */
static struct group *table_owner(struct reader *reader, const char *file, const char *ending)
{
	size_t length = strlen(file) - strlen(ending);
	for (int i = 0; i < reader->groups_count; i++) {
		struct group *group = &reader->groups[i];
		if (strlen(group->code) == length && strncmp(group->code, file, length) == 0)
			return group;
	}
	return reader->groups_count == 1 ? reader->groups : NULL;
}

static void read_times(struct reader *reader, struct group *group, const char *file, const struct buf *text)
{
	OWN(free) struct times *times = malloc(sizeof *times);
	struct err why;
	if (!times || !times_parse((const char *)text->data, text->size, times, &why)) {
		notes_add(reader->notes, "%s was not taken, the times are unknown: %s.", file,
		    times ? why.detail : "out of memory");
		return;
	}
	if (times->last > group->last_run + PHASES_SLACK) {
		notes_add(reader->notes,
		    "%s: its times run to index %d, but the last picture is RUN %d: they are on another clock than the "
		    "pictures and were not taken.", file, times->last, group->last_run);
		return;
	}
	if (times->rows_bad)
		notes_add(reader->notes, "%s: lines that are no index and time: %d.", file, times->rows_bad);
	free(group->times);
	group->times = TAKE(times);
}

static void read_phases(struct reader *reader, struct group *group, const char *file, const struct buf *text)
{
	OWN(free) struct phases *phases = malloc(sizeof *phases);
	struct err why;
	if (!phases || !phases_parse((const char *)text->data, text->size, phases, &why)) {
		notes_add(reader->notes, "%s was not taken: %s.", file, phases ? why.detail : "out of memory");
		return;
	}
	if (!phases_check(phases, group->last_run)) {
		notes_add(reader->notes,
		    "%s: its annotations run to index %d, but the last picture is RUN %d: the annotation clock and the image "
		    "clock disagree, so the annotations were not taken.", file, phases->last, group->last_run);
		return;
	}
	if (phases->rows_bad)
		notes_add(reader->notes, "%s: lines that are no phase: %d.", file, phases->rows_bad);
	free(group->phases);
	group->phases = TAKE(phases);
	notes_plain(group->phases_name, sizeof group->phases_name, file);
}

static bool read_table(const char *full, const char *relative, void *context, struct err *err)
{
	static const struct {
		const char *ending;
		void (*read)(struct reader *, struct group *, const char *file, const struct buf *text);
	} tables[] = {{"_timeElapsed.csv", read_times}, {"_phases.csv", read_phases}};
	(void)err;
	struct reader *reader = context;
	const char *file = path_name(relative);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		if (is_noise(relative) || !text_ends_nocase(file, tables[i].ending))
			continue;
		struct group *group = table_owner(reader, file, tables[i].ending);
		OWN(buf_done) struct buf text = BUF_INIT(TABLE_BYTES_MAX);
		struct err why;
		if (!group)
			notes_add(reader->notes, "%s belongs to no embryo of this export.", file);
		else if (!file_read(full, &text, &why))
			notes_add(reader->notes, "%s cannot be read or is too large.", file);
		else
			tables[i].read(reader, group, file, &text);
	}
	return true;
}

static int compare_int(int a, int b)
{
	return (a > b) - (a < b);
}

static int compare_entries(const void *a, const void *b, void *context)
{
	const struct entry *x = a, *y = b;
	const struct group *groups = context;
	int order = strcmp(groups[x->group].slide, groups[y->group].slide);
	order = order ? order : compare_int(groups[x->group].well, groups[y->group].well);
	order = order ? order : compare_int(x->run, y->run);
	order = order ? order : compare_int(x->focal_um, y->focal_um);
	return order ? order : strcmp(x->path, y->path);
}

static bool check_index(struct reader *reader, struct err *err)
{
	if (reader->count == 0 && reader->misplaced == 0)
		return err_set(err, ERR_BAD_INPUT, "%s holds no picture (JPEG or PNG).", reader->name);
	if (reader->count == 0 || reader->misplaced > (int64_t)reader->count)
		return err_set(err, ERR_BAD_INPUT,
		    "%s: slide, well and run of its pictures cannot be told from their names (%.60s, for one).",
		    reader->name, reader->misplaced_example);
	if (reader->others)
		notes_add(reader->notes, "Files that are neither pictures nor tables, not looked at: %lld.", (long long)reader->others);
	int untimed = 0;
	for (int i = 0; i < reader->groups_count; i++)
		untimed += reader->groups[i].times == NULL;
	if (untimed)
		notes_add(reader->notes, "Embryos without a table of times, so that the times of their pictures are unknown: %d of %d.",
		    untimed, reader->groups_count);
	return true;
}

static bool folder_open(const struct source *source, struct notes *notes, void **ret_reader, int64_t *ret_total,
    struct err *err)
{
	OWN(folder_close) void *owned = calloc(1, sizeof(struct reader));
	struct reader *reader = owned;
	if (!reader || !(reader->groups = calloc(GROUPS_MAX, sizeof *reader->groups)))
		return err_set(err, ERR_NO_MEMORY, "opening a folder");
	reader->notes = notes;
	reader->picture = (struct buf)BUF_INIT(LIMIT_FRAME_BYTES);
	if (!text_copy(reader->root, sizeof reader->root, source->path) ||
	    !text_copy(reader->name, sizeof reader->name, source->name) || !text_is_plain(reader->name))
		return err_set(err, ERR_BAD_INPUT, "The folder's name is too long or no plain text.");
	if (!folder_walk(reader->root, LIMIT_FOLDER_DEPTH, index_file, reader, err) ||
	    !folder_walk(reader->root, LIMIT_FOLDER_DEPTH, read_table, reader, err) || !check_index(reader, err))
		return false;
	qsort_r(reader->entries, reader->count, sizeof *reader->entries, compare_entries, reader->groups);
	*ret_total = (int64_t)reader->count;
	*ret_reader = TAKE(owned);
	return true;
}

static bool folder_next(void *opaque, struct format_frame *ret_frame, bool *ret_end, struct err *err)
{
	struct reader *reader = opaque;
	*ret_end = reader->at == reader->count;
	if (*ret_end)
		return true;
	const struct entry *entry = &reader->entries[reader->at++];
	const struct group *group = &reader->groups[entry->group];
	/* The times of such a table count from the insemination: it is the clock's zero. */
	struct format_frame frame = {.slide = group->slide, .slide_named = group->slide_named, .code = group->code,
	    .well = group->well, .run = entry->run, .focal_um = entry->focal_um,
	    .clock_s = group->times ? group->times->clock_s[entry->run] : TIME_UNKNOWN,
	    .insemination_clock_s = group->times ? 0 : TIME_UNKNOWN};
	char full[LIMIT_PATH];
	struct err why;
	buf_clear(&reader->picture);
	if (!path_join(full, sizeof full, reader->root, entry->path))
		frame.damage = "has too long a path";
	else if (file_read(full, &reader->picture, &why))
		frame.data = reader->picture.size ? reader->picture.data : NULL;
	else if (why.code == ERR_NO_MEMORY)
		return err_set(err, ERR_NO_MEMORY, "reading a picture");
	else
		frame.damage = why.code == ERR_TOO_LARGE ? "is larger than any picture" : "cannot be read";
	frame.size = frame.data ? reader->picture.size : 0;
	if (!frame.data && !frame.damage)
		frame.damage = "is an empty file";
	*ret_frame = frame;
	return true;
}

/* Cells fuse back and divide again: only the first time is the event. */
static bool seen_before(const struct phases *phases, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (phases->list[i].stage == phases->list[index].stage)
			return true;
	return false;
}

static bool group_annotations(const struct group *group,
    bool (*each)(const struct format_annotation *, void *context, struct err *), void *context, struct err *err)
{
	for (size_t i = 0; i < group->phases->count; i++) {
		const struct phase *phase = &group->phases->list[i];
		/* What the first picture shows already began some time before it. */
		if (phase->first <= group->first_run || phase->stage == STAGE_EMPTY || seen_before(group->phases, i))
			continue;
		struct format_annotation one = {.slide = group->slide, .well = group->well,
		    .annotation = {.event = phase->stage, .run = phase->first, .time_s = TIME_UNKNOWN}};
		snprintf(one.annotation.author, sizeof one.annotation.author, "import: %.100s", group->phases_name);
		if (!each(&one, context, err))
			return false;
	}
	return true;
}

static bool folder_annotations(void *opaque,
    bool (*each)(const struct format_annotation *, void *context, struct err *), void *context, struct err *err)
{
	struct reader *reader = opaque;
	for (int i = 0; i < reader->groups_count; i++)
		if (reader->groups[i].phases && !group_annotations(&reader->groups[i], each, context, err))
			return false;
	return true;
}

const struct format format_folder = {
	.name = "image-folder",
	.detect = folder_detect,
	.open = folder_open,
	.next = folder_next,
	.annotations = folder_annotations,
	.close = folder_close,
};
