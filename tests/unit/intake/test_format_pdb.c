#include "unit/intake/exports.h"

#include "intake/format.h"

#define SLIDE "D2026.01.31_S00123_I0045_D.pdb"

struct tally {
	int frames, damaged, untimed, last_well, last_run;
	int64_t total, insemination_clock_s, first_clock_s;
	char slide[SLIDE_CODE_SIZE];
};

static struct notes notes;

static void notes_fresh(void)
{
	notes_done(&notes);
	assert_true(notes_init(&notes));
}

static bool noted(const char *part)
{
	size_t index;
	json_t *note;
	json_array_foreach(notes.list, index, note)
		if (strstr(json_string_value(note), part))
			return true;
	return false;
}

/* Opens and reads all; pictures must come in order of well, run, plane. */
static bool read_all(const char *folder, const char *name, struct tally *tally)
{
	char path[LIMIT_PATH];
	path_in(path, folder, name);
	const struct source source = {.path = path, .name = name};
	void *reader;
	*tally = (struct tally){0};
	notes_fresh();
	assert_ptr_equal(format_find(&source), &format_pdb);
	if (!format_pdb.open(&source, &notes, &reader, &tally->total, &err))
		return false;
	for (;;) {
		struct format_frame frame;
		bool end;
		must(format_pdb.next(reader, &frame, &end, &err));
		if (end)
			break;
		assert_true(frame.well > tally->last_well || (frame.well == tally->last_well && frame.run >= tally->last_run));
		tally->last_well = frame.well;
		tally->last_run = frame.run;
		if (tally->frames++ == 0)
			tally->first_clock_s = frame.clock_s;
		tally->damaged += frame.damage != NULL;
		tally->untimed += frame.clock_s == TIME_UNKNOWN;
		tally->insemination_clock_s = frame.insemination_clock_s;
		snprintf(tally->slide, sizeof tally->slide, "%s", frame.slide);
	}
	format_pdb.close(reader);
	return true;
}

static struct db *fresh_slide(void **state, const char *name)
{
	char path[LIMIT_PATH];
	path_in(path, *state, name);
	unlink(path);
	return slide_make(path);
}

static void a_sound_slide(void **state)
{
	struct tally tally;
	struct db *db = fresh_slide(state, SLIDE);
	for (int run = 12; run > 0; run--)
		for (int well = 1; well <= 3; well++)
			slide_add(db, well, run, 0, (unsigned)(run * 10 + well));
	db_close(db);
	must(read_all(*state, SLIDE, &tally));
	assert_int_equal(tally.total, 36);
	assert_int_equal(tally.frames, 36);
	assert_int_equal(tally.damaged, 0);
	assert_string_equal(tally.slide, "D2026.01.31_S00123_I0045");
	assert_int_equal(tally.insemination_clock_s, 41753 * INT64_C(86400) + 54000);
	assert_int_equal(tally.first_clock_s, tally.insemination_clock_s + 900);
	assert_int_equal(json_array_size(notes.list), 0);
	put_text(*state, SLIDE "-journal", "half a transaction");
	must(read_all(*state, SLIDE, &tally));
	assert_true(noted("it was being written"));
	char journal[LIMIT_PATH];
	path_in(journal, *state, SLIDE "-journal");
	unlink(journal);
}

static void nulls_and_missing_times(void **state)
{
	struct tally tally;
	struct db *db = fresh_slide(state, SLIDE);
	for (int run = 1; run <= 10; run++)
		slide_add(db, 1, run, 0, (unsigned)run);
	slide_add_bytes(db, 1, 11, 0, NULL, 0);
	slide_add_bytes(db, 1, 12, 0, "", 0);
	must(db_exec(db, "UPDATE Images SET Time = NULL WHERE Run = 3; UPDATE Images SET Time = 'noon' WHERE Run = 4;"
			 "UPDATE Images SET Image = 'text' WHERE Run = 5", &err));
	db_close(db);
	must(read_all(*state, SLIDE, &tally));
	assert_int_equal(tally.frames, 12);
	assert_int_equal(tally.damaged, 3);
	assert_int_equal(tally.untimed, 2);
	assert_true(noted("pictures without a time: 2."));
}

static void times_that_run_backwards(void **state)
{
	struct tally tally;
	struct db *db = fresh_slide(state, SLIDE);
	for (int run = 1; run <= 10; run++)
		slide_add(db, 1, run, 0, (unsigned)run);
	must(db_exec(db, "UPDATE Images SET Time = Time - 0.5 WHERE Run = 6", &err));
	db_close(db);
	must(read_all(*state, SLIDE, &tally));
	assert_int_equal(tally.untimed, 0);
	assert_true(noted("pictures earlier than the run before them: 1."));
}

static void an_insemination_that_cannot_be(void **state)
{
	struct tally tally;
	struct db *db = fresh_slide(state, SLIDE);
	slide_add(db, 1, 1, 0, 1);
	must(db_exec(db, "UPDATE General SET Val = '2'", &err));
	db_close(db);
	must(read_all(*state, SLIDE, &tally));
	assert_true(tally.insemination_clock_s == TIME_UNKNOWN);
	assert_true(noted("not on the clock"));
	db = fresh_slide(state, SLIDE);
	slide_add(db, 1, 1, 0, 1);
	must(db_exec(db, "DROP TABLE General", &err));
	db_close(db);
	must(read_all(*state, SLIDE, &tally));
	assert_true(tally.insemination_clock_s == TIME_UNKNOWN);
	assert_true(noted("no insemination time"));
}

static void rows_out_of_place(void **state)
{
	struct tally tally;
	struct db *db = fresh_slide(state, SLIDE);
	for (int run = 1; run <= 20; run++)
		slide_add(db, 2, run, 15, (unsigned)run);
	slide_add(db, 99, 1, 0, 7);
	db_close(db);
	must(read_all(*state, SLIDE, &tally));
	assert_int_equal(tally.frames, 20);
	assert_true(noted("no well, run or focal plane, left out: 1."));
	db = fresh_slide(state, SLIDE);
	for (int run = 1; run <= 20; run++)
		slide_add(db, 99, run, 0, (unsigned)run);
	db_close(db);
	must_fail(read_all(*state, SLIDE, &tally), ERR_BAD_INPUT);
}

/* Every page but the first is broken once: rows are lost, never the slide, and never a crash. */
static void damaged_pages(void **state)
{
	enum { PAGE = 1024 };
	struct tally tally;
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf whole = BUF_INIT(1 << 20);
	struct db *db = fresh_slide(state, SLIDE);
	for (int run = 1; run <= 120; run++)
		slide_add(db, 1 + run % 3, run, 0, (unsigned)run);
	db_close(db);
	path_in(path, *state, SLIDE);
	must(file_read(path, &whole, &err));
	assert_true(whole.size > 100 * PAGE);
	int refused = 0, least = 1000;
	for (size_t at = PAGE; at < whole.size; at += PAGE) {
		uint8_t kept[PAGE];
		memcpy(kept, whole.data + at, PAGE);
		memset(whole.data + at, 0xA5, PAGE);
		put_bytes(path, whole.data, whole.size);
		memcpy(whole.data + at, kept, PAGE);
		if (read_all(*state, SLIDE, &tally)) {
			int good = tally.frames - tally.damaged;
			least = good < least ? good : least;
		} else {
			refused++;
		}
	}
	assert_true(refused <= 1); /* the root of IMAGES */
	assert_true(least > 100);
}

static void a_cut_off_file(void **state)
{
	struct tally tally;
	char path[LIMIT_PATH];
	struct stat status;
	struct db *db = fresh_slide(state, SLIDE);
	for (int run = 1; run <= 20; run++)
		slide_add(db, 1, run, 0, (unsigned)run);
	db_close(db);
	path_in(path, *state, SLIDE);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(truncate(path, status.st_size / 2), 0);
	must_fail(read_all(*state, SLIDE, &tally), ERR_DAMAGED);
	assert_non_null(strstr(err.detail, "cut off"));
	assert_int_equal(truncate(path, 40), 0);
	must_fail(read_all(*state, SLIDE, &tally), ERR_DAMAGED);
}

static void other_databases(void **state)
{
	struct tally tally;
	struct db *db;
	char path[LIMIT_PATH];
	static const char *const schemas[] = {
	    "CREATE TABLE films (id INTEGER)",
	    "CREATE TABLE images (well INTEGER, run INTEGER)",
	    "CREATE VIEW images AS SELECT 1 AS Well, 1 AS Run, 0 AS Focal, 0.0 AS Time, x'00' AS Image",
	    "CREATE TABLE images (Well, Run, Focal, Time, Image AS (zeroblob(1000000000)))",
	    "CREATE TABLE images (Well, Run, Focal, Time, Image, PRIMARY KEY (Well, Run)) WITHOUT ROWID",
	    "CREATE VIRTUAL TABLE images USING fts5 (Well, Run, Focal, Time, Image)",
	    "CREATE TABLE images (Well, Run, Focal, Time, Image)",
	};
	for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
		path_in(path, *state, SLIDE);
		unlink(path);
		must(db_open(path, &db, &err));
		must(db_exec(db, "PRAGMA journal_mode = DELETE", &err));
		must(db_exec(db, schemas[i], &err));
		db_close(db);
		assert_false(read_all(*state, SLIDE, &tally));
		assert_true(err.detail[0] != 0);
	}
	db = fresh_slide(state, "embryos.pdb");
	slide_add(db, 1, 1, 0, 1);
	db_close(db);
	must_fail(read_all(*state, "embryos.pdb", &tally), ERR_BAD_INPUT);
	assert_non_null(strstr(err.detail, "does not name its slide"));
}

static void real_slides(void **state)
{
	(void)state;
	const char *data = shared_data();
	struct tally tally;
	char folder[LIMIT_PATH];
	if (!data)
		skip();
	path_in(folder, data, "pdb");
	must(read_all(folder, "D2014.04.24_S01082_I0132_D.pdb", &tally));
	assert_int_equal(tally.frames, 94);
	assert_int_equal(tally.last_run, 534);
	must(read_all(folder, "D2016.09.12_S00417_I0776_D.pdb", &tally));
	assert_int_equal(tally.frames, 70);
	assert_int_equal(tally.last_well, 10);
	assert_int_equal(tally.first_clock_s - tally.insemination_clock_s, 113 * 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sound_slide),
	    cmocka_unit_test(nulls_and_missing_times),
	    cmocka_unit_test(times_that_run_backwards),
	    cmocka_unit_test(an_insemination_that_cannot_be),
	    cmocka_unit_test(rows_out_of_place),
	    cmocka_unit_test(damaged_pages),
	    cmocka_unit_test(a_cut_off_file),
	    cmocka_unit_test(other_databases),
	    cmocka_unit_test(real_slides),
	};
	int failed = cmocka_run_group_tests(tests, folder_setup, folder_teardown);
	notes_done(&notes);
	return failed;
}
