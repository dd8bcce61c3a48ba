/* EmbryoScope .pdb: a SQLite file.
 *
 *   IMAGES(Well, Run, Focal, Time, Image)    Focal in um, 0 the centre; Time in fractional days; Image a JPEG
 *   GENERAL(Type, Par, Val)                  Par 'Fertilization': the insemination, in the same days
 *
 * Opening reads all rows but their pictures into an index (40 bytes each), sorts it and refuses what is no slide. Then
 * each picture is fetched by its row: memory holds one of them, and a damaged page costs only the pictures on it.
 * The clock is the file's own, in whole seconds: days x 86,400, rounded. */
#include "intake/format.h"

#include "base/db.h"
#include "base/limits.h"
#include "base/text.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum {
	ROWS_MAX = LIMIT_ARCHIVE_ENTRIES,
	HEAD_SIZE = 100,
	/* Damaged pages are stepped over row by row; a longer hole in strides that double; in all so many times. */
	STEPS_SINGLE = 4096,
	STEPS_MAX = STEPS_SINGLE + 48,
	STEPS_TOTAL_MAX = 100000,
	/* One row in so many may be out of place (a damaged page) before the file is no slide at all. */
	MISPLACED_ONE_IN = 100,
};

struct row {
	int64_t id;
	int64_t clock_s;
	int64_t size; /* -1: no picture */
	int well, run, focal_um;
};

struct reader {
	struct db *db;
	struct db_statement *fetch; /* holds the picture that was given last */
	struct row *rows;
	size_t count, capacity, at;
	int64_t steps;     /* places of the table that could not be read */
	int64_t misplaced; /* rows whose well, run or plane cannot be */
	int64_t untimed;
	int64_t insemination_clock_s;
	char slide[SLIDE_CODE_SIZE];
};

static void pdb_close(void *opaque)
{
	struct reader *reader = opaque;
	if (reader->fetch)
		db_finish(reader->fetch, NULL);
	db_close(reader->db);
	free(reader->rows);
	free(reader);
}
OWN_DEFINE(void *, pdb_close)

static const char sqlite_magic[16] = "SQLite format 3";

/* The file's first bytes; zeros where it is shorter. */
static bool read_head(const char *path, uint8_t head[HEAD_SIZE], int64_t *ret_size)
{
	OWN(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;
	memset(head, 0, HEAD_SIZE);
	if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || pread(fd, head, HEAD_SIZE, 0) < 0)
		return false;
	*ret_size = status.st_size;
	return true;
}

static bool pdb_detect(const struct source *source)
{
	uint8_t head[HEAD_SIZE];
	int64_t size;
	return !source->is_folder && read_head(source->path, head, &size) &&
	    memcmp(head, sqlite_magic, sizeof sqlite_magic) == 0;
}

static uint32_t head_u32(const uint8_t *head, int at)
{
	return (uint32_t)head[at] << 24 | (uint32_t)head[at + 1] << 16 | (uint32_t)head[at + 2] << 8 | head[at + 3];
}

/* SQLite's head says how many pages there are (valid if bytes 24 and 92 agree): a shorter file is a copy that was
 * interrupted, and the whole one exists somewhere. */
static bool check_whole(const struct source *source, struct err *err)
{
	uint8_t head[HEAD_SIZE];
	int64_t size;
	if (!read_head(source->path, head, &size))
		return err_errno(err, "opening %s", source->name);
	int64_t page = head[16] << 8 | head[17];
	int64_t whole = (page == 1 ? 65536 : page) * head_u32(head, 28);
	if (size < HEAD_SIZE || (head_u32(head, 24) == head_u32(head, 92) && size < whole))
		return err_set(err, ERR_DAMAGED,
		    "%s is cut off: %" PRId64 " of %" PRId64 " kB are there; copy it again.", source->name,
		    size / 1024, whole / 1024);
	return true;
}

/* IMAGES is an ordinary table with the five columns, none of them computed: no foreign code runs here. */
static bool check_tables(struct reader *reader, const struct source *source, struct err *err)
{
	struct err why;
	bool table = false;
	int columns = 0;
	struct db_statement *s = db_prepare(reader->db, "SELECT 1 FROM sqlite_schema WHERE type = 'table'"
							" AND rootpage > 0 AND lower(name) = 'images'");
	while (db_step(s))
		table = true;
	if (!db_finish(s, &why))
		return err_set(err, ERR_DAMAGED, "%s cannot be opened as a database: %.120s.", source->name, why.detail);
	s = db_prepare(reader->db, "PRAGMA table_xinfo(IMAGES)");
	while (table && db_step(s)) {
		const char *name = db_column_text(s, 1);
		for (const char *const *wanted = (const char *const[]){"Well", "Run", "Focal", "Time", "Image", NULL};
		     *wanted; wanted++)
			columns += db_column_int(s, 6) == 0 && strcasecmp(name, *wanted) == 0;
	}
	bool read = db_finish(s, &why);
	if (!table || !read || columns != 5)
		return err_set(err, ERR_UNSUPPORTED,
		    "%s is a SQLite file, but no EmbryoScope slide: it has no table IMAGES(Well, Run, Focal, Time, "
		    "Image).", source->name);
	return true;
}

static int64_t clock_from_days(double days)
{
	return days > -1e7 && days < 1e7 ? llround(days * 86400) : TIME_UNKNOWN;
}

static int clamp_int(int64_t value)
{
	return value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : (int)value;
}

static bool keep_row(struct reader *reader, const struct row *row, struct err *err)
{
	if (reader->count == reader->capacity) {
		size_t capacity = reader->capacity ? reader->capacity * 2 : 1024;
		struct row *rows = realloc(reader->rows, capacity * sizeof *rows);
		if (!rows)
			return err_set(err, ERR_NO_MEMORY, "indexing a slide");
		reader->rows = rows;
		reader->capacity = capacity;
	}
	reader->rows[reader->count++] = *row;
	return true;
}

/* The row under the statement. Out of place: counted, not kept. */
static bool index_row(struct reader *reader, struct db_statement *s, struct err *err)
{
	struct row row = {.id = db_column_int(s, 0),
	    .well = clamp_int(db_column_int(s, 1)),
	    .run = clamp_int(db_column_int(s, 2)),
	    .focal_um = clamp_int(db_column_int(s, 3)),
	    .clock_s = db_column_is_null(s, 4) ? TIME_UNKNOWN : clock_from_days(db_column_double(s, 4)),
	    .size = db_column_is_null(s, 5) ? -1 : db_column_int(s, 5)};
	bool known = !db_column_is_null(s, 1) && !db_column_is_null(s, 2) && !db_column_is_null(s, 3);
	if ((int64_t)reader->count + reader->misplaced >= ROWS_MAX)
		return err_set(err, ERR_TOO_LARGE, "it has more than %d pictures.", ROWS_MAX);
	if (!known || !format_place_check(row.well, row.run, row.focal_um, NULL)) {
		reader->misplaced++;
		return true;
	}
	reader->untimed += row.clock_s == TIME_UNKNOWN;
	return keep_row(reader, &row, err);
}

/* Indexes the rows after *last until the end, or until a page cannot be read; *last is the last row seen. */
static bool index_stretch(struct reader *reader, int64_t *last, bool *ret_end, struct err *err)
{
	static const char sql[] =
	    "SELECT _rowid_, CASE WHEN typeof(Well) IN ('integer', 'real') THEN Well END,"
	    " CASE WHEN typeof(Run) IN ('integer', 'real') THEN Run END,"
	    " CASE WHEN typeof(Focal) IN ('integer', 'real') THEN Focal END,"
	    " CASE WHEN typeof(Time) IN ('integer', 'real') THEN Time END,"
	    " CASE WHEN typeof(Image) = 'blob' THEN length(Image) END"
	    " FROM IMAGES NOT INDEXED WHERE _rowid_ > ?1 ORDER BY _rowid_";
	struct db_statement *s = db_prepare(reader->db, sql);
	db_bind_int(s, 1, *last);
	bool ok = true, growing = true;
	while (ok && growing && db_step(s)) {
		/* A damaged tree can lead in circles: row numbers that do not grow end the stretch. */
		int64_t id = db_column_int(s, 0);
		growing = id > *last;
		if (growing) {
			*last = id;
			ok = index_row(reader, s, err);
		}
	}
	struct err why = {0};
	*ret_end = db_finish(s, &why) && growing;
	if (ok && !*ret_end && why.code == ERR_NO_MEMORY)
		return err_set(err, ERR_NO_MEMORY, "indexing a slide");
	return ok;
}

static bool index_rows(struct reader *reader, struct err *err)
{
	int64_t last = 0, stride = 1;
	bool end = false;
	for (int steps = 0; steps < STEPS_MAX && reader->steps < STEPS_TOTAL_MAX;) {
		int64_t from = last;
		if (!index_stretch(reader, &last, &end, err))
			return false;
		if (end)
			return true;
		reader->steps++;
		if (last > from) {
			steps = 0;
			stride = 1;
		}
		if (last > INT64_MAX / 4)
			return true;
		last += stride;
		stride = ++steps > STEPS_SINGLE ? stride * 2 : 1;
	}
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->well != y->well)
		return x->well < y->well ? -1 : 1;
	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	if (x->focal_um != y->focal_um)
		return x->focal_um < y->focal_um ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Counted where runs of one well are in order and their times are not. Kept as they are: which is wrong, the run or
 * its time, is not ours to say. */
static void note_backward_times(const struct reader *reader, struct notes *notes, const char *name)
{
	int64_t backward = 0;
	const struct row *before = NULL;
	for (const struct row *row = reader->rows; row < reader->rows + reader->count; row++) {
		if (row->clock_s == TIME_UNKNOWN)
			continue;
		backward += before && before->well == row->well && before->run < row->run &&
		    before->clock_s > row->clock_s;
		before = row;
	}
	if (backward)
		notes_add(notes, "%s: pictures earlier than the run before them: %" PRId64 ".", name, backward);
}

static void read_insemination(struct reader *reader, struct notes *notes, const char *name)
{
	enum { DAYS_MAX = 30 };
	reader->insemination_clock_s = TIME_UNKNOWN;
	struct db_statement *s =
	    db_prepare(reader->db, "SELECT Val FROM GENERAL WHERE lower(Par) = 'fertilization' LIMIT 8");
	double days;
	while (db_step(s))
		if (reader->insemination_clock_s == TIME_UNKNOWN && text_to_f64(db_column_text(s, 0), &days))
			reader->insemination_clock_s = clock_from_days(days);
	db_finish(s, NULL);
	if (reader->insemination_clock_s == TIME_UNKNOWN) {
		notes_add(notes, "%s names no insemination time: the age of its embryos is unknown.", name);
		return;
	}
	for (size_t i = 0; i < reader->count; i++) {
		int64_t age = time_since_insemination(reader->rows[i].clock_s, reader->insemination_clock_s);
		if (age == TIME_UNKNOWN || (age > -86400 && age < DAYS_MAX * INT64_C(86400)))
			continue;
		reader->insemination_clock_s = TIME_UNKNOWN;
		notes_add(notes, "%s: its insemination time is not on the clock of its pictures and was not taken.", name);
		return;
	}
}

static bool check_index(struct reader *reader, const struct source *source, struct notes *notes, struct err *err)
{
	const char *name = source->name;
	if (reader->misplaced > (int64_t)reader->count / MISPLACED_ONE_IN + 1)
		return err_set(err, ERR_BAD_INPUT,
		    "%s is no slide that can be taken: %" PRId64 " of its %" PRId64
		    " rows name no well from 1 to %d, run or focal plane.",
		    name, reader->misplaced, reader->misplaced + (int64_t)reader->count, LIMIT_WELLS);
	if (reader->count == 0)
		return err_set(err, reader->steps ? ERR_DAMAGED : ERR_BAD_INPUT, "%s holds no picture%s.", name,
		    reader->steps ? " that can still be read" : "");
	if (reader->steps)
		notes_add(notes, "%s has damaged pages; places of its table that were stepped over: %" PRId64 ".",
		    name, reader->steps);
	if (reader->misplaced)
		notes_add(notes, "%s: rows that name no well, run or focal plane, left out: %" PRId64 ".", name,
		    reader->misplaced);
	if (reader->untimed)
		notes_add(notes, "%s: pictures without a time: %" PRId64 ".", name, reader->untimed);
	return true;
}

/* Rows that are not in the file yet. They cannot be read without writing to somebody else's database. */
static void note_unfinished(const struct source *source, struct notes *notes)
{
	static const char *const endings[] = {"-wal", "-journal"};
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		char beside[LIMIT_PATH];
		struct stat status;
		int length = snprintf(beside, sizeof beside, "%s%s", source->path, endings[i]);
		if (length < (int)sizeof beside && stat(beside, &status) == 0 && status.st_size > 0)
			notes_add(notes, "%s%s lies beside the slide: it was being written. Import it again later.",
			    source->name, endings[i]);
	}
}

static bool pdb_open(const struct source *source, struct notes *notes, void **ret_reader, int64_t *ret_total,
    struct err *err)
{
	OWN(pdb_close) void *owned = calloc(1, sizeof(struct reader));
	struct reader *reader = owned;
	struct err why;
	if (!reader)
		return err_set(err, ERR_NO_MEMORY, "opening a slide");
	if (!filename_slide(source->name, reader->slide))
		return err_set(err, ERR_BAD_INPUT,
		    "%s does not name its slide: a slide's file is called like D2026.01.31_S00123_I0045_D.pdb.",
		    source->name);
	if (!check_whole(source, err))
		return false;
	if (!db_open_foreign(source->path, &reader->db, &why))
		return err_set(err, ERR_DAMAGED, "%s cannot be opened as a database: %.120s.", source->name, why.detail);
	if (!check_tables(reader, source, err))
		return false;
	if (!index_rows(reader, err))
		return err_add(err, "%s", source->name);
	if (!check_index(reader, source, notes, err))
		return false;
	qsort(reader->rows, reader->count, sizeof *reader->rows, by_place);
	note_unfinished(source, notes);
	note_backward_times(reader, notes, source->name);
	read_insemination(reader, notes, source->name);
	*ret_total = (int64_t)reader->count;
	*ret_reader = TAKE(owned);
	return true;
}

/* The picture of one row; frame->damage where it cannot be had. */
static bool fetch_picture(struct reader *reader, const struct row *row, struct format_frame *frame, struct err *err)
{
	struct err why;
	reader->fetch = db_prepare(reader->db, "SELECT Image FROM IMAGES NOT INDEXED WHERE _rowid_ = ?1");
	db_bind_int(reader->fetch, 1, row->id);
	if (db_step(reader->fetch)) {
		frame->data = db_column_blob(reader->fetch, 0, &frame->size);
		frame->damage = frame->data ? NULL : "cannot be read";
		return true;
	}
	bool gone = db_finish(TAKE(reader->fetch), &why);
	frame->damage = "is on a damaged page of the file";
	return gone || why.code != ERR_NO_MEMORY || err_set(err, ERR_NO_MEMORY, "reading a picture");
}

static bool pdb_next(void *opaque, struct format_frame *ret_frame, bool *ret_end, struct err *err)
{
	struct reader *reader = opaque;
	if (reader->fetch)
		db_finish(TAKE(reader->fetch), NULL);
	*ret_end = reader->at == reader->count;
	if (*ret_end)
		return true;
	const struct row *row = &reader->rows[reader->at++];
	struct format_frame frame = {.slide = reader->slide, .slide_named = true, .well = row->well, .run = row->run,
	    .focal_um = row->focal_um, .clock_s = row->clock_s,
	    .insemination_clock_s = reader->insemination_clock_s};
	if (row->size <= 0)
		frame.damage = "is missing";
	else if (row->size > LIMIT_FRAME_BYTES)
		frame.damage = "is larger than any picture";
	else if (!fetch_picture(reader, row, &frame, err))
		return false;
	*ret_frame = frame;
	return true;
}

const struct format format_pdb = {
	.name = "embryoscope-pdb",
	.detect = pdb_detect,
	.open = pdb_open,
	.next = pdb_next,
	.close = pdb_close,
};
