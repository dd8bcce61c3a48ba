#include "unit/intake/archives.h"
#include "unit/intake/exports.h"

#include "intake/import.h"
#include "store/annotations.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/frames.h"

#define SLIDE "D2026.01.31_S00123_I0045"

static struct store *store;
static char exports[LIMIT_PATH], clinic[LIMIT_PATH];
static struct import_report report;

/* A fresh store and an empty folder for exports. */
static int fresh(void **state)
{
	import_report_done(&report);
	store_close(store);
	store = NULL;
	path_in(exports, *state, "exports");
	path_in(clinic, *state, "clinic");
	must(folder_remove(exports, &err));
	must(folder_remove(clinic, &err));
	must(folder_make(exports, &err));
	must(store_create(clinic, &err));
	must(store_open(clinic, &store, &err));
	return 0;
}

static void import_as(const char *file, const char *name)
{
	char path[LIMIT_PATH];
	path_in(path, exports, file);
	import_report_done(&report);
	const struct import_request request = {.path = path, .name = name};
	must(import_run(store, &request, &report, &err));
	assert_true(report.sentence[0] != 0);
	assert_int_equal(report.frames_seen,
	    report.frames_added + report.frames_known + report.frames_conflict + report.frames_damaged);
}

static void import(const char *file)
{
	import_as(file, NULL);
}

static bool noted(const char *part)
{
	size_t index;
	json_t *note;
	json_array_foreach(report.notes, index, note)
		if (strstr(json_string_value(note), part))
			return true;
	return false;
}

static struct db *slide_open(const char *name)
{
	char path[LIMIT_PATH];
	path_in(path, exports, name);
	unlink(path);
	return slide_make(path);
}

/* runs 1..runs of two wells, three planes. */
static void put_slide(const char *name, int runs)
{
	struct db *db = slide_open(name);
	must(db_begin(db, &err));
	for (int run = 1; run <= runs; run++)
		for (int well = 1; well <= 2; well++)
			for (int focal = -15; focal <= 15; focal += 15)
				slide_add(db, well, run, focal, (unsigned)(run * 100 + well * 10 + focal / 15 + 1));
	must(db_commit(db, &err));
	db_close(db);
}

static bool keep_dish(const struct dish *dish, void *context)
{
	*(struct dish *)context = *dish;
	return true;
}

static struct dish only_dish(void)
{
	struct dish dish = {0};
	must(dishes_each(store, DISHES_ALL, keep_dish, &dish, &err));
	return dish;
}

struct frames {
	int count, timed, last_run;
	int64_t last_clock_s;
};

static bool count_frame(const struct frame *frame, void *context)
{
	struct frames *frames = context;
	frames->count++;
	frames->timed += frame->clock_s != TIME_UNKNOWN;
	frames->last_run = frame->run;
	frames->last_clock_s = frame->clock_s;
	return true;
}

static struct frames frames_of(int well)
{
	struct frames frames = {0};
	int64_t embryo;
	must(embryos_obtain(store, only_dish().id, well, &embryo, &err));
	must(frames_each(store, embryo, 0, count_frame, &frames, &err));
	return frames;
}

static struct store_report counts(void)
{
	struct store_report counted;
	must(store_verify(store, true, NULL, NULL, &counted, &err));
	assert_int_equal(counted.problems, 0);
	return counted;
}

static void a_slide_and_its_longer_version(void **state)
{
	(void)state;
	put_slide(SLIDE "_D.pdb", 5);
	import(SLIDE "_D.pdb");
	assert_false(report.quarantined);
	assert_int_equal(report.frames_added, 30);
	assert_int_equal(report.frames_total, 30);
	assert_int_equal(report.wells, 2);
	assert_string_equal(report.sentence, "30 new pictures, 2 wells.");
	struct dish dish = only_dish();
	assert_string_equal(dish.slide, SLIDE);
	assert_string_equal(dish.format, "embryoscope-pdb");
	assert_int_equal(dish.insemination_clock_s, 41753 * INT64_C(86400) + 54000);
	assert_int_equal(dish.cycle_id, 0);
	assert_int_equal(frames_of(2).last_clock_s - dish.insemination_clock_s, 5 * 900);

	import(SLIDE "_D.pdb");
	assert_int_equal(report.frames_added, 0);
	assert_int_equal(report.frames_known, 30);
	put_slide(SLIDE "_D.pdb", 7);
	import(SLIDE "_D.pdb");
	assert_int_equal(report.frames_added, 12);
	assert_int_equal(report.frames_known, 30);
	assert_int_equal(counts().frames, 42);
	assert_int_equal(counts().embryos, 2);
}

static void damaged_pictures_are_stepped_over(void **state)
{
	(void)state;
	OWN(buf_done) struct buf picture = BUF_INIT(1 << 20);
	picture_make(5, &picture);
	struct db *db = slide_open(SLIDE ".pdb");
	for (int run = 1; run <= 10; run++)
		slide_add(db, 1, run, 0, (unsigned)run);
	slide_add_bytes(db, 1, 11, 0, NULL, 0);
	slide_add_bytes(db, 1, 12, 0, picture.data, picture.size / 2);
	slide_add_bytes(db, 1, 13, 0, "no picture", 10);
	slide_add(db, 1, 9, 0, 9);  /* the same again */
	slide_add(db, 1, 10, 0, 8); /* another one */
	db_close(db);
	import(SLIDE ".pdb");
	assert_false(report.quarantined);
	assert_int_equal(report.frames_added, 10);
	assert_int_equal(report.frames_known, 1);
	assert_int_equal(report.frames_conflict, 1);
	assert_int_equal(report.frames_damaged, 3);
	assert_true(noted("run 11 plane 0 um: the picture is missing"));
	assert_true(noted("run 12 plane 0 um: the picture is cut off"));
	assert_true(noted("run 13 plane 0 um: the picture is neither a JPEG nor a PNG"));
	assert_true(noted("run 10 plane 0 um: the export has two different pictures"));
	assert_int_equal(frames_of(1).count, 10);
}

static void notes_are_bounded(void **state)
{
	(void)state;
	struct db *db = slide_open(SLIDE ".pdb");
	slide_add(db, 1, 1, 0, 1);
	for (int run = 2; run <= 400; run++)
		slide_add_bytes(db, 1, run, 0, NULL, 0);
	db_close(db);
	import(SLIDE ".pdb");
	assert_int_equal(report.frames_damaged, 399);
	assert_int_equal(json_array_size(report.notes), 50);
	assert_true(noted("350 further places"));
}

/* More than a batch, wells that change in mid-batch, and progress. */
static void count_call(const struct import_report *now, void *context)
{
	assert_null(now->notes);
	++*(int *)context;
}

static void many_batches(void **state)
{
	(void)state;
	int calls = 0;
	char path[LIMIT_PATH];
	put_slide(SLIDE ".pdb", 150);
	path_in(path, exports, SLIDE ".pdb");
	const struct import_request request = {.path = path, .progress = count_call, .context = &calls};
	must(import_run(store, &request, &report, &err));
	assert_int_equal(report.frames_added, 900);
	assert_true(calls >= 4);
	assert_int_equal(frames_of(1).count, 450);
	assert_int_equal(frames_of(2).count, 450);
	assert_int_equal(counts().frames, 900);
}

static bool stop_after_some(void *context)
{
	int *left = context;
	return --*left < 0;
}

/* What was acknowledged stays, the row waits for the next start to be told of, and the same import goes on then. */
static void a_stopped_import_goes_on_later(void **state)
{
	(void)state;
	int left = 600;
	char path[LIMIT_PATH];
	struct import row;
	int64_t id;
	put_slide(SLIDE ".pdb", 150);
	path_in(path, exports, SLIDE ".pdb");
	must(imports_begin(store, SLIDE ".pdb", &id, &err));
	const struct import_request request = {.path = path, .import_id = id, .stop = stop_after_some, .context = &left};
	must_fail(import_run(store, &request, &report, &err), ERR_BUSY);
	int64_t kept = counts().frames;
	assert_in_range(kept, 1, 600);
	must(imports_get(store, id, &row, &err));
	assert_int_equal(row.state, IMPORT_RUNNING);
	must(imports_recover(store, &err));
	must(imports_get(store, id, &row, &err));
	assert_int_equal(row.state, IMPORT_QUARANTINED);
	assert_non_null(strstr(row.sentence, "The box stopped during this import."));
	bool known = true;
	must(import_known(store, path, NULL, &known, &err));
	assert_false(known);
	import(SLIDE ".pdb");
	assert_int_equal(report.frames_known, kept);
	assert_int_equal(report.frames_added, 900 - kept);
	assert_int_equal(counts().frames, 900);
}

/* The same slide code with other pictures is another embryo: nothing of it lands, not even its later runs. */
static void another_embryo_under_the_same_name(void **state)
{
	(void)state;
	put_slide(SLIDE ".pdb", 3);
	import(SLIDE ".pdb");
	struct db *db = slide_open(SLIDE ".pdb");
	for (int run = 1; run <= 6; run++)
		slide_add(db, 1, run, 0, (unsigned)(run + 7777));
	db_close(db);
	import(SLIDE ".pdb");
	assert_true(report.quarantined);
	assert_int_equal(report.frames_conflict, 6);
	assert_true(noted("may be another embryo"));
	assert_int_equal(counts().frames, 18);
	assert_int_equal(frames_of(1).last_run, 3);
}

/* An export of wells 1 to 3, a picture each. */
static void three_wells(unsigned seed)
{
	struct db *db = slide_open(SLIDE ".pdb");
	for (int well = 1; well <= 3; well++)
		slide_add(db, well, 1, 0, (unsigned)well + seed);
	db_close(db);
	import(SLIDE ".pdb");
}

/* A slide's name that is used again, with a well more than the one of before: neither of its wells lands in that dish. */
static void a_slide_name_used_twice_is_never_mixed(void **state)
{
	(void)state;
	struct db *db = slide_open(SLIDE ".pdb");
	slide_add(db, 1, 1, 0, 1);
	db_close(db);
	import(SLIDE ".pdb");
	three_wells(7777);
	assert_true(report.quarantined);
	assert_int_equal(report.frames_conflict, 3);
	assert_non_null(strstr(report.sentence, "give the new slide another name"));
	assert_true(noted("well 1: its pictures differ"));
	assert_true(noted("well 2: other wells of this export"));
	assert_int_equal(counts().frames, 1);
	assert_int_equal(counts().embryos, 1);
}

/* However the wells lie: those that are new to the store wait for those that it knows. */
static void new_wells_wait_for_the_known_ones(void **state)
{
	(void)state;
	struct db *db = slide_open(SLIDE ".pdb");
	slide_add(db, 3, 1, 0, 3);
	db_close(db);
	import(SLIDE ".pdb");
	three_wells(7777);
	assert_true(report.quarantined);
	assert_int_equal(report.frames_conflict, 3);
	assert_true(noted("well 1: other wells of this export"));
	assert_int_equal(counts().embryos, 1);

	db = slide_open(SLIDE ".pdb");
	for (int well = 1; well <= 3; well++)
		slide_add(db, well, 1, 0, (unsigned)well);
	slide_add(db, 1, 2, 0, 11);
	slide_add_bytes(db, 2, 2, 0, "no picture", 10);
	db_close(db);
	import(SLIDE ".pdb");
	assert_int_equal(report.frames_seen, 5);
	assert_int_equal(report.frames_damaged, 1);
	assert_int_equal(report.frames_known, 1);
	assert_int_equal(report.frames_added, 3);
	assert_int_equal(report.wells, 3);
	assert_int_equal(counts().embryos, 3);
	assert_int_equal(counts().frames, 4);
}

static void numbered_folders_need_something_in_common(void **state)
{
	(void)state;
	put_picture(exports, "RI1-2/RI1-2_0001.png", 1);
	put_picture(exports, "RI1-2/RI1-2_0002.png", 2);
	import("RI1-2");
	assert_int_equal(report.frames_added, 2);
	assert_true(noted("without a table of times"));
	assert_int_equal(frames_of(1).timed, 0);
	assert_true(only_dish().insemination_clock_s == TIME_UNKNOWN);
	put_picture(exports, "other/RI1-2/RI1-2_0007.png", 9);
	import("other");
	assert_true(report.quarantined);
	assert_true(noted("may be another embryo"));
	put_picture(exports, "RI1-2/RI1-2_0003.png", 3);
	import("RI1-2");
	assert_int_equal(report.frames_added, 1);
	assert_int_equal(report.frames_known, 2);
}

struct words {
	int count, run_sum;
	char author[LIMIT_NAME];
};

static bool count_word(const struct annotation *annotation, void *context)
{
	struct words *words = context;
	words->count++;
	words->run_sum += annotation->run;
	snprintf(words->author, sizeof words->author, "%s", annotation->author);
	return true;
}

static struct words words_of(int well)
{
	struct words words = {0};
	int64_t embryo;
	must(embryos_obtain(store, only_dish().id, well, &embryo, &err));
	must(annotations_each(store, embryo, count_word, &words, &err));
	return words;
}

static void put_nantes(const char *code, int runs, const char *phases)
{
	char name[200];
	for (int run = 1; run <= runs; run++) {
		snprintf(name, sizeof name, "%s/D2014.04.24_S1082_I132_WELL7_RUN%d.jpeg", code, run);
		put_picture(exports, name, (unsigned)run);
	}
	snprintf(name, sizeof name, "%s/%s_phases.csv", code, code);
	put_text(exports, name, phases);
}

static void annotations_on_the_same_clock(void **state)
{
	(void)state;
	put_nantes("AA1-1", 9, "tPB2,1,2\ntPNa,3,5\ntPNf,6,7\nt2,8,9\n");
	put_text(exports, "AA1-1/AA1-1_timeElapsed.csv", "frame_index,time\n1,0.5\n8,24.5\n9,25\n");
	import("AA1-1");
	assert_int_equal(report.frames_added, 9);
	assert_int_equal(words_of(7).count, 3);
	assert_int_equal(words_of(7).run_sum, 3 + 6 + 8);
	assert_string_equal(words_of(7).author, "import: AA1-1_phases.csv");
	assert_int_equal(only_dish().insemination_clock_s, 0);
	assert_int_equal(frames_of(7).last_clock_s, 25 * 3600);
	import("AA1-1");
	assert_int_equal(words_of(7).count, 3);
}

static void annotations_on_another_clock(void **state)
{
	(void)state;
	put_nantes("AA1-2", 9, "tPNa,3,5\nt2,6,15\n");
	import("AA1-2");
	assert_int_equal(report.frames_added, 9);
	assert_int_equal(words_of(7).count, 0);
	assert_true(noted("the annotation clock and the image clock disagree"));
}

/* A slide as a database first and as a folder later: one dish, one clock. */
static void two_formats_of_one_slide(void **state)
{
	(void)state;
	struct db *db = slide_open("D2014.04.24_S01082_I0132_D.pdb");
	for (int run = 1; run <= 4; run++)
		slide_add(db, 7, run, 0, (unsigned)run);
	db_close(db);
	import("D2014.04.24_S01082_I0132_D.pdb");
	put_nantes("AA1-1", 9, "tPNa,3,5\n");
	put_text(exports, "AA1-1/AA1-1_timeElapsed.csv", "frame_index,time\n4,1\n9,2\n");
	import("AA1-1");
	assert_int_equal(report.frames_known, 4);
	assert_int_equal(report.frames_added, 5);
	assert_int_equal(counts().dishes, 1);
	assert_int_equal(frames_of(7).last_clock_s - only_dish().insemination_clock_s, 2 * 3600);
}

static struct archive *packer;

static bool pack_file(const char *full, const char *relative, void *context, struct err *failure)
{
	OWN(buf_done) struct buf content = BUF_INIT(16 << 20);
	char name[LIMIT_PATH];
	must(file_read(full, &content, failure));
	path_in(name, context, relative);
	packer_add(packer, name, content.data, content.size);
	return true;
}

static void archives_of_both(void **state)
{
	static const char *const kinds[] = {"pack1.zip", "pack1.tar.gz", "pack1.tar.zst", "pack1.tar"};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		char path[LIMIT_PATH], inner[LIMIT_PATH];
		fresh(state);
		put_nantes("AA1-1", 4, "tPNa,2,3\n");
		path_in(path, exports, kinds[i]);
		packer = packer_open(path);
		path_in(inner, exports, "AA1-1");
		must(folder_walk(inner, 3, pack_file, (char[]){"AA1-1"}, &err));
		must(folder_remove(inner, &err));
		put_slide(SLIDE "_D.pdb", 2);
		path_in(inner, exports, SLIDE "_D.pdb");
		must(pack_file(inner, SLIDE "_D.pdb", (char[]){"sub"}, &err));
		packer_add(packer, "more.zip", "PK", 2);
		packer_close(packer);
		import(kinds[i]);
		assert_false(report.quarantined);
		assert_int_equal(report.frames_added, 16);
		assert_int_equal(report.wells, 3);
		assert_true(noted("Archives inside the archive, not opened: 1."));
		assert_int_equal(counts().dishes, 2);
		/* Nothing is left of the unpacking. */
		path_in(path, clinic, "incoming");
		assert_int_equal(rmdir(path), 0);
	}
}

/* One bad slide does not keep the others out. */
static void a_folder_of_slides(void **state)
{
	(void)state;
	put_text(exports, "morning/D2026.01.31_S00003_I0045_D.pdb", "broken");
	put_slide("morning/D2026.01.31_S00001_I0045_D.pdb", 2);
	put_slide("morning/D2026.01.31_S00002_I0045_D.pdb", 2);
	import("morning");
	assert_false(report.quarantined);
	assert_int_equal(report.frames_added, 24);
	assert_int_equal(counts().dishes, 2);
	assert_non_null(strstr(report.sentence, "Not taken: D2026.01.31_S00003_I0045_D.pdb"));
}

static bool count_file(const char *full, const char *relative, void *context, struct err *failure)
{
	(void)full;
	(void)failure;
	if (!strstr(relative, "daybreak.db"))
		++*(int *)context;
	return true;
}

static int store_files(void)
{
	int count = 0;
	must(folder_walk(clinic, 4, count_file, &count, &err));
	return count;
}

static void put_bomb(const char *name)
{
	char path[LIMIT_PATH];
	path_in(path, exports, name);
	packer = packer_open(path);
	packer_add_zeros(packer, SLIDE "_D.pdb", INT64_C(10) << 30);
	packer_close(packer);
}

static void put_slip(const char *name, const char *entry, unsigned type)
{
	char path[LIMIT_PATH];
	path_in(path, exports, name);
	put_slide("x.pdb", 1);
	packer = packer_open(path);
	path_in(path, exports, "x.pdb");
	must(pack_file(path, SLIDE "_D.pdb", (char[]){"a"}, &err));
	packer_add_kind(packer, entry, type, "/etc/passwd", type == AE_IFREG ? "evil" : NULL, type == AE_IFREG ? 4 : 0);
	packer_close(packer);
}

static void put_cut_off(const char *name, const char *whole)
{
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf content = BUF_INIT(16 << 20);
	path_in(path, exports, whole);
	must(file_read(path, &content, &err));
	put_file(exports, name, content.data, content.size * 2 / 3);
}

static const char *const hostile[][2] = {
    {"bomb.tar.zst", "unpacks to more than 200 times its size"},
    {"slip.zip", "points outside of the archive"},
    {"absolute.tar", "has an absolute path"},
    {"link.tar.gz", "is a link"},
    {"cut.zip", "is cut off"},
    {"D2026.01.31_S00777_I0046.pdb", "is cut off"},
    {"empty.zip", "is empty"},
    {"D2026.01.31_S00778_I0045.pdb", "is no SQLite database"},
    {"hollow", "is empty"},
    {"D2026.01.31_S00779_I0045.pdb", "no EmbryoScope slide"},
    {"noname.pdb", "does not name its slide"},
    {"images", "cannot be told from their names"},
    {"papers", "holds no picture"},
    {"D2026.01.31_S00780_I0045.pdb", "none of them is whole"},
    {"D2026.01.31_S00781_I0045.pdb", "name no well"},
};

static void put_hostile(void)
{
	struct db *db;
	char hollow[LIMIT_PATH];
	put_bomb("bomb.tar.zst");
	put_slip("slip.zip", "../../evil.txt", AE_IFREG);
	put_slip("absolute.tar", "/tmp/evil.txt", AE_IFREG);
	put_slip("link.tar.gz", "link", AE_IFLNK);
	put_cut_off("cut.zip", "slip.zip");
	put_cut_off("D2026.01.31_S00777_I0046.pdb", "D2026.01.31_S00777_I0045.pdb");
	put_text(exports, "empty.zip", "");
	put_text(exports, "D2026.01.31_S00778_I0045.pdb", "This is no database.");
	path_in(hollow, exports, "hollow");
	must(folder_make(hollow, &err));
	db = slide_open("D2026.01.31_S00779_I0045.pdb");
	must(db_exec(db, "DROP TABLE Images", &err));
	db_close(db);
	put_slide("noname.pdb", 1);
	put_picture(exports, "images/a_1.jpg", 1);
	put_text(exports, "papers/a.txt", "text");
	db = slide_open("D2026.01.31_S00780_I0045.pdb");
	slide_add_bytes(db, 1, 1, 0, NULL, 0);
	slide_add_bytes(db, 1, 2, 0, "x", 1);
	db_close(db);
	db = slide_open("D2026.01.31_S00781_I0045.pdb");
	slide_add(db, 77, 1, 0, 1);
	slide_add(db, 77, 2, 0, 1);
	db_close(db);
}

/* Each gives one clear sentence, and the store has nothing but the row. */
static void hostile_input(void **state)
{
	(void)state;
	put_slide("D2026.01.31_S00777_I0045.pdb", 2);
	import("D2026.01.31_S00777_I0045.pdb");
	put_hostile();
	struct store_report before = counts();
	int files = store_files();
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		import(hostile[i][0]);
		print_message("  %s\n", report.sentence);
		assert_true(report.quarantined);
		assert_non_null(strstr(report.sentence, hostile[i][1]));
		struct import row;
		must(imports_get(store, report.import_id, &row, &err));
		assert_int_equal(row.state, IMPORT_QUARANTINED);
		assert_string_equal(row.sentence, report.sentence);
		struct store_report after = counts();
		assert_int_equal(after.frames, before.frames);
		assert_int_equal(after.dishes, before.dishes);
		assert_int_equal(after.embryos, before.embryos);
		assert_int_equal(after.bytes, before.bytes);
		assert_int_equal(store_files(), files);
	}
}

static void what_was_taken_is_known(void **state)
{
	(void)state;
	char path[LIMIT_PATH];
	bool known;
	put_slide(SLIDE ".pdb", 2);
	path_in(path, exports, SLIDE ".pdb");
	must(import_known(store, path, SLIDE ".pdb", &known, &err));
	assert_false(known);
	import(SLIDE ".pdb");
	must(import_known(store, path, SLIDE ".pdb", &known, &err));
	assert_true(known);
	put_slide(SLIDE ".pdb", 3);
	must(import_known(store, path, SLIDE ".pdb", &known, &err));
	assert_false(known);
}

static bool count_row(const struct import *import, void *context)
{
	(void)import;
	++*(int *)context;
	return true;
}

static void what_is_not_there(void **state)
{
	(void)state;
	int rows = 0;
	const struct import_request request = {.path = "/nothing/here.pdb"};
	struct import_report none;
	must_fail(import_run(store, &request, &none, &err), ERR_NOT_FOUND);
	must(imports_each(store, 10, count_row, &rows, &err));
	assert_int_equal(rows, 0);
}

static bool keep_row(const struct import *import, void *context)
{
	*(struct import *)context = *import;
	return false;
}

/* The box fails, not the export: nothing half, not known as taken, and the next try works. */
static void a_failing_disk(void **state)
{
	(void)state;
	static struct import row;
	char path[LIMIT_PATH], blobs[LIMIT_PATH];
	struct import_report none;
	bool known;
	put_slide(SLIDE ".pdb", 2);
	path_in(path, exports, SLIDE ".pdb");
	path_in(blobs, clinic, "blobs");
	must(folder_remove(blobs, &err));
	const struct import_request request = {.path = path};
	must_fail(import_run(store, &request, &none, &err), ERR_IO);
	must(imports_each(store, 1, keep_row, &row, &err));
	assert_int_equal(row.state, IMPORT_QUARANTINED);
	assert_non_null(strstr(row.sentence, "import it again"));
	must(import_known(store, path, SLIDE ".pdb", &known, &err));
	assert_false(known);
	must(folder_make(blobs, &err));
	assert_int_equal(counts().dishes, 0);
	import(SLIDE ".pdb");
	assert_int_equal(report.frames_added, 12);
}

/* Under the name it was uploaded with, and into the row that was made for it. */
static void an_upload(void **state)
{
	(void)state;
	int64_t id;
	char path[LIMIT_PATH];
	put_slide("0123456789abcdef", 2);
	must(imports_begin(store, SLIDE "_D.pdb", &id, &err));
	path_in(path, exports, "0123456789abcdef");
	const struct import_request request = {.path = path, .name = SLIDE "_D.pdb", .import_id = id};
	must(import_run(store, &request, &report, &err));
	assert_int_equal(report.import_id, id);
	assert_int_equal(report.frames_added, 12);
	struct import row;
	must(imports_get(store, id, &row, &err));
	assert_int_equal(row.state, IMPORT_DONE);
	assert_int_equal(row.frames_added, 12);
	assert_string_equal(row.name, SLIDE "_D.pdb");
}

static void real_exports(void **state)
{
	static const struct {
		const char *path;
		int frames, wells, annotations;
		const char *note;
	} cases[] = {
	    {"pdb/D2014.04.24_S01082_I0132_D.pdb", 94, 1, 0, NULL},
	    {"pdb/D2016.09.12_S00417_I0776_D.pdb", 70, 10, 0, NULL},
	    {"nantes/AA83-7", 285, 1, 10, "without a table of times"},
	    {"nantes/AAL839-6", 430, 1, 0, "the annotation clock and the image clock disagree"},
	    {"nantes/RI382-2", 440, 1, 0, "without a table of times"},
	    {"nantes/ZS435-5", 94, 1, 0, "without a table of times"},
	    {"blastomeres/testImages", 6, 1, 0, "not looked at: 6."},
	};
	const char *data = shared_data();
	if (!data)
		skip();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fresh(state);
		char path[LIMIT_PATH];
		path_in(path, data, cases[i].path);
		const struct import_request request = {.path = path};
		must(import_run(store, &request, &report, &err));
		assert_int_equal(report.frames_added, cases[i].frames);
		assert_int_equal(report.frames_seen, cases[i].frames);
		assert_int_equal(report.wells, cases[i].wells);
		assert_true(!cases[i].note || noted(cases[i].note));
		if (cases[i].annotations)
			assert_int_equal(words_of(7).count, cases[i].annotations);
		import_report_done(&report);
		must(import_run(store, &request, &report, &err));
		assert_int_equal(report.frames_known, cases[i].frames);
	}
}

static int finish(void **state)
{
	import_report_done(&report);
	store_close(store);
	return folder_teardown(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh)
	const struct CMUnitTest tests[] = {
	    TEST(a_slide_and_its_longer_version),
	    TEST(damaged_pictures_are_stepped_over),
	    TEST(notes_are_bounded),
	    TEST(many_batches),
	    TEST(a_stopped_import_goes_on_later),
	    TEST(another_embryo_under_the_same_name),
	    TEST(a_slide_name_used_twice_is_never_mixed),
	    TEST(new_wells_wait_for_the_known_ones),
	    TEST(numbered_folders_need_something_in_common),
	    TEST(annotations_on_the_same_clock),
	    TEST(annotations_on_another_clock),
	    TEST(two_formats_of_one_slide),
	    TEST(archives_of_both),
	    TEST(a_folder_of_slides),
	    TEST(hostile_input),
	    TEST(what_was_taken_is_known),
	    TEST(what_is_not_there),
	    TEST(a_failing_disk),
	    TEST(an_upload),
	    TEST(real_exports),
	};
	return cmocka_run_group_tests(tests, folder_setup, finish);
}
