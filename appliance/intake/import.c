#include "intake/import.h"

#include "base/file.h"
#include "base/text.h"
#include "intake/archive.h"
#include "intake/format.h"
#include "intake/incoming.h"
#include "intake/landing.h"
#include "intake/mark.h"
#include "intake/notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SLIDE_FILES_MAX = 64 };

/* One import on its way. */
struct run {
	struct store *store;
	const struct import_request *request;
	char name[LIMIT_PATH];
	struct notes notes;
	struct import_report report;
	int taken, refused;           /* sources */
	bool stopped;
	char refusal[ERR_DETAIL_MAX]; /* of the first one refused */
};

void import_report_done(struct import_report *report)
{
	json_decref(report->notes);
	report->notes = NULL;
}

/* Bad input, as against a failure of the box. */
static bool is_refusal(const struct err *err)
{
	return err->code == ERR_BAD_INPUT || err->code == ERR_UNSUPPORTED || err->code == ERR_DAMAGED ||
	    err->code == ERR_TOO_LARGE;
}

/* Keeps the sentence and goes on; a failure of the box ends the import. */
static bool refuse(struct run *run, struct err *err)
{
	if (!is_refusal(err))
		return false;
	if (run->refused++ == 0)
		notes_plain(run->refusal, sizeof run->refusal, err->detail);
	else
		notes_add(&run->notes, "%s", err->detail);
	return true;
}

static bool no_format(const struct source *source, struct err *err)
{
	OWN(buf_done) struct buf head = BUF_INIT(64 << 10);
	struct err why;
	bool small = file_read(source->path, &head, &why);
	if (!small && why.code == ERR_IO)
		return err_set(err, ERR_IO, "%s", why.detail);
	if (small && head.size == 0)
		return err_set(err, ERR_BAD_INPUT, "%s is empty.", source->name);
	if (text_ends_nocase(source->name, ".pdb"))
		return err_set(err, ERR_UNSUPPORTED, "%s is called .pdb but is no SQLite database.", source->name);
	if (filename_is_picture(source->name))
		return err_set(err, ERR_UNSUPPORTED, "%s is a single file: import the folder it lies in.", source->name);
	return err_set(err, ERR_UNSUPPORTED,
	    "%s is nothing that can be imported: no .pdb, no folder of images, no zip or tar of either.",
	    source->name);
}

/* Gives the landing every picture of the source. */
static bool pass(struct run *run, const struct format *format, void *reader, struct landing *landing, bool *ret_again,
    struct err *err)
{
	for (;;) {
		struct format_frame frame;
		bool end, landed;
		run->stopped = run->request->stop && run->request->stop(run->request->context);
		if (run->stopped)
			return err_set(err, ERR_BUSY, "the import was asked to stop");
		if (!format->next(reader, &frame, &end, err))
			return false;
		if (end)
			return landing_finish(landing, ret_again, err);
		if (!landing_add(landing, &frame, &landed, err))
			return false;
		if (landed && run->request->progress)
			run->request->progress(&run->report, run->request->context);
	}
}

/* The same once more, for what has waited. Its notes were taken by the first pass. */
static bool pass_again(struct run *run, const struct format *format, const struct source *source, struct landing *landing,
    struct err *err)
{
	OWN(notes_done) struct notes notes = {0};
	void *reader;
	int64_t total;
	bool again;
	if (!notes_init(&notes))
		return err_set(err, ERR_NO_MEMORY, "going over an export once more");
	if (!format->open(source, &notes, &reader, &total, err))
		return false;
	bool ok = pass(run, format, reader, landing, &again, err);
	format->close(reader);
	return ok;
}

static bool stream(struct run *run, const struct format *format, const struct source *source, void *reader,
    struct landing *landing, struct err *err)
{
	bool again;
	if (!pass(run, format, reader, landing, &again, err) ||
	    (again && !pass_again(run, format, source, landing, err)))
		return false;
	if (run->request->progress)
		run->request->progress(&run->report, run->request->context);
	return !format->annotations || format->annotations(reader, landing_annotate, landing, err);
}

static bool take_source(struct run *run, const struct source *source, struct err *err)
{
	const struct format *format = format_find(source);
	void *reader;
	int64_t total;
	if (!format) {
		no_format(source, err);
		return refuse(run, err);
	}
	if (!format->open(source, &run->notes, &reader, &total, err))
		return refuse(run, err);
	run->taken++;
	run->report.frames_total += total;
	OWN(landing_free) struct landing *landing = NULL;
	bool ok = landing_start(run->store, format->name, &run->report, &run->notes, &landing, err) &&
	    stream(run, format, source, reader, landing, err);
	format->close(reader);
	return ok;
}

/* What a folder holds: slides' databases and pictures. */
struct contents {
	char *databases[SLIDE_FILES_MAX];
	int databases_count;
	bool too_many, pictures, anything;
};

static bool look_at(const char *full, const char *relative, void *context, struct err *err)
{
	struct contents *contents = context;
	const char *name = path_name(relative);
	if (filename_is_noise(name))
		return true;
	contents->anything = true;
	contents->pictures |= filename_is_picture(name);
	if (!text_ends_nocase(name, ".pdb"))
		return true;
	contents->too_many = contents->databases_count == SLIDE_FILES_MAX;
	if (contents->too_many)
		return true;
	char *copy = strdup(full);
	if (!copy)
		return err_set(err, ERR_NO_MEMORY, "looking at a folder");
	contents->databases[contents->databases_count++] = copy;
	return true;
}

static bool take_contents(struct run *run, const char *path, const char *name, const struct contents *contents,
    struct err *err)
{
	if (!contents->anything) {
		err_set(err, ERR_BAD_INPUT, "%s is empty.", name);
		return refuse(run, err);
	}
	if (contents->too_many) {
		err_set(err, ERR_TOO_LARGE, "%s holds more than %d .pdb files: import them in parts.", name,
		    SLIDE_FILES_MAX);
		return refuse(run, err);
	}
	for (int i = 0; i < contents->databases_count; i++) {
		const char *database = contents->databases[i];
		const struct source source = {.path = database, .name = path_name(database)};
		if (!take_source(run, &source, err))
			return false;
	}
	const struct source folder = {.path = path, .name = name, .is_folder = true};
	bool databases_only = contents->databases_count && !contents->pictures;
	return databases_only || take_source(run, &folder, err);
}

static bool take_folder(struct run *run, const char *path, const char *name, struct err *err)
{
	struct contents contents = {0};
	bool ok = folder_walk(path, LIMIT_FOLDER_DEPTH, look_at, &contents, err) &&
	    take_contents(run, path, name, &contents, err);
	for (int i = 0; i < contents.databases_count; i++)
		free(contents.databases[i]);
	return ok;
}

static bool take_archive(struct run *run, struct err *err)
{
	char folder[LIMIT_PATH], stem[LIMIT_PATH];
	struct archive_report unpacked;
	OWN(fd_close) int lock = -1;
	if (!incoming_folder(store_folder(run->store), folder, &lock, err))
		return false;
	archive_stem(stem, sizeof stem, run->name);
	bool ok;
	if (!archive_unpack(run->request->path, run->name, folder, &archive_limits_usual, &unpacked, err)) {
		ok = refuse(run, err);
	} else {
		if (unpacked.nested)
			notes_add(&run->notes, "Archives inside the archive, not opened: %" PRId64 ".",
			    unpacked.nested);
		ok = take_folder(run, folder, stem, err);
	}
	/* Nothing is left behind; the first failure is the one to tell. */
	bool removed = folder_remove(folder, ok ? err : NULL);
	return ok && removed;
}

static bool take_all(struct run *run, struct err *err)
{
	const char *path = run->request->path;
	const struct source source = {.path = path, .name = run->name};
	if (!text_is_plain(run->name) || strlen(run->name) >= LIMIT_NAME) {
		err_set(err, ERR_BAD_INPUT, "The export's name is too long or no plain text: rename it.");
		return refuse(run, err);
	}
	struct stat status;
	if (stat(path, &status) != 0)
		return err_errno(err, "opening %s", path);
	if (S_ISDIR(status.st_mode))
		return take_folder(run, path, run->name, err);
	if (!S_ISREG(status.st_mode)) {
		err_set(err, ERR_UNSUPPORTED, "%s is neither a file nor a folder.", run->name);
		return refuse(run, err);
	}
	return archive_detect(path) ? take_archive(run, err) : take_source(run, &source, err);
}

/* "3 new pictures" and the like, with a comma before all but the first. */
static void say_count(struct buf *text, int64_t count, const char *what)
{
	if (count)
		buf_print(text, "%s%" PRId64 " %s", text->size ? ", " : "", count, what);
}

/* What came of it, in one sentence; and whether that is a quarantine. */
static void conclude(struct run *run)
{
	struct import_report *report = &run->report;
	OWN(buf_done) struct buf text = BUF_INIT(IMPORT_SENTENCE_MAX - 1);
	report->quarantined = report->frames_added + report->frames_known == 0;
	if (report->quarantined && run->refused) {
		text_copy(report->sentence, sizeof report->sentence, run->refusal);
		return;
	}
	if (report->quarantined) {
		const char *why = report->frames_conflict
		    ? "other pictures are stored under the same slide and well. If the slide's name was used again, give the "
		      "new slide another name and export it anew"
		    : "none of them is whole";
		snprintf(report->sentence, sizeof report->sentence, "None of its %" PRId64 " pictures was taken: %s.",
		    report->frames_seen, why);
		return;
	}
	say_count(&text, report->frames_added, report->frames_added == 1 ? "new picture" : "new pictures");
	say_count(&text, report->frames_known, "known already");
	say_count(&text, report->frames_conflict, "kept out because another picture has their place");
	say_count(&text, report->frames_damaged, "damaged and left out");
	buf_print(&text, ", %d %s.", report->wells, report->wells == 1 ? "well" : "wells");
	if (run->refused)
		buf_print(&text, " Not taken: %.200s", run->refusal);
	text_copy(report->sentence, sizeof report->sentence, buf_text(&text));
}

static bool write_row(struct run *run, enum import_state state, struct err *err)
{
	const struct import_report *report = &run->report;
	OWN(free) struct import *row = calloc(1, sizeof *row);
	OWN(free) char *notes = json_dumps(report->notes, JSON_COMPACT);
	if (!row || !notes)
		return err_set(err, ERR_NO_MEMORY, "writing down an import");
	row->id = report->import_id;
	row->state = state;
	row->wells = report->wells;
	row->frames_seen = report->frames_seen;
	row->frames_added = report->frames_added;
	row->frames_known = report->frames_known;
	row->frames_conflict = report->frames_conflict;
	row->frames_damaged = report->frames_damaged;
	text_copy(row->sentence, sizeof row->sentence, report->sentence);
	text_copy(row->notes, sizeof row->notes, strlen(notes) < sizeof row->notes ? notes : "[]");
	return imports_update(run->store, row, err);
}

/* The row of an import that the box could not finish; the failure itself is told to the caller. */
static void write_failure(struct run *run, const struct err *failure)
{
	struct err ignored;
	run->report.notes = notes_take(&run->notes);
	snprintf(run->report.sentence, sizeof run->report.sentence,
	    "The box could not finish this import (%s): import it again.", err_sentence(failure->code));
	write_row(run, IMPORT_QUARANTINED, &ignored);
	import_report_done(&run->report);
}

static bool write_end(struct run *run, const uint8_t mark[MARK_SIZE], bool marked, struct err *err)
{
	conclude(run);
	run->report.notes = notes_take(&run->notes);
	enum import_state state = run->report.quarantined ? IMPORT_QUARANTINED : IMPORT_DONE;
	if (!store_begin(run->store, err))
		return false;
	if (write_row(run, state, err) && (!marked || imports_mark(run->store, run->report.import_id, mark, err)))
		return store_commit(run->store, err);
	store_rollback(run->store);
	return false;
}

bool import_run(struct store *store, const struct import_request *request, struct import_report *ret_report,
    struct err *err)
{
	OWN(free) struct run *run = calloc(1, sizeof *run);
	uint8_t mark[MARK_SIZE];
	if (!run || !notes_init(&run->notes))
		return err_set(err, ERR_NO_MEMORY, "importing");
	run->store = store;
	run->request = request;
	run->report.import_id = request->import_id;
	mark_name(run->name, sizeof run->name, request->path, request->name);
	/* Before the first byte is read: what changes later makes another mark. */
	bool marked = mark_make(request->path, run->name, mark);
	bool ok = request->import_id ||
	    (marked ? imports_begin(store, run->name, &run->report.import_id, err)
		    : err_set(err, ERR_NOT_FOUND, "there is no %s, or it cannot be read", request->path));
	if (ok && !take_all(run, err)) {
		if (!run->stopped)
			write_failure(run, err);
		ok = false;
	}
	ok = ok && write_end(run, mark, marked, err);
	notes_done(&run->notes);
	if (ok)
		*ret_report = run->report;
	else
		import_report_done(&run->report);
	return ok;
}

bool import_known(struct store *store, const char *path, const char *name, bool *ret_known, struct err *err)
{
	char shown[LIMIT_PATH];
	uint8_t mark[MARK_SIZE];
	mark_name(shown, sizeof shown, path, name);
	if (!mark_make(path, shown, mark))
		return err_set(err, ERR_IO, "looking at %s", shown);
	return imports_seen(store, mark, ret_known, err);
}
