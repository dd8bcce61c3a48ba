/* Cuts and readings go in together and come back as they were; a track is put together from them; what an earlier
 * reader said is kept. */
#include "unit/store/fixture.h"

#include "store/jobs.h"
#include "store/readings.h"
#include "store/tracks.h"

static void fill_cut(struct cut *cut, int seed)
{
	memset(cut, 0, sizeof *cut);
	cut->planes = 2;
	cut->radius_permille = 321;
	for (int i = 0; i < CUT_SIDE * CUT_SIDE; i++) {
		cut->pixels[0][i] = (uint8_t)(i + seed);
		cut->pixels[1][i] = (uint8_t)(i * 3 + seed);
	}
}

static struct reading_new a_reading(int run, const struct cut *cut)
{
	struct reading_new new = {
	    .row = {.run = run,
		.planes = 1,
		.made = true,
		.width = 500,
		.height = 480,
		.focal_um = {15, -15},
		.radius_permille = 321,
		.location = {.occupied = true,
		    .x = 250.5f,
		    .y = 240.25f,
		    .radius = 110,
		    .well_x = 1,
		    .well_y = 2,
		    .well_radius = 3,
		    .confidence = 900},
		.motion = 55},
	    .cut = cut,
	    .reading = {.occupied = 65000,
		.confidence = 800,
		.unfamiliar = 7,
		.sharpness = 12345,
		.area_permille = 400,
		.texture = 99,
		.cells = 4,
		.cells_confidence = 870,
		.fragmentation_permille = 80,
		.fragmentation_confidence = 610,
		.uneven = 240,
		.multinucleated = READING_UNKNOWN},
	};
	new.reading.stage[STAGE_4] = 60000;
	new.reading.stage[STAGE_HB] = PROBABILITY_ONE - 60000;
	new.reading.outline[31] = 77;
	return new;
}

static void store_one(struct fixture *f, int64_t embryo, const struct reading_new *new)
{
	OK(readings_store(f->store, embryo, "first-1", "abc", new, 1, &f->err));
}

static void they_come_back_as_they_were(void **state)
{
	struct fixture *f = *state;
	static struct cut cut, got;
	struct cut_row row;
	bool found;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	add_plane(f, dish, embryo, 4, 15);
	fill_cut(&cut, 1);
	const struct reading_new new = a_reading(4, &cut);
	store_one(f, embryo, &new);
	OK(cuts_get(f->store, embryo, 4, &row, &found, &f->err));
	assert_true(found && row.made && !row.damaged && row.location.occupied);
	assert_int_equal(row.focal_um[1], -15);
	assert_int_equal(row.height, 480);
	assert_true(row.location.x == 250.5f && row.location.y == 240.25f && row.location.well_radius == 3);
	assert_int_equal(row.radius_permille, 321);
	OK(cuts_read(f->store, embryo, 4, &got, &f->err));
	assert_memory_equal(&got, &cut, sizeof cut);
	struct track track;
	OK(tracks_load(f->store, embryo, &track, &f->err));
	assert_int_equal(track.count, 1);
	assert_true(track.points[0].read);
	assert_memory_equal(&track.points[0].reading, &new.reading, sizeof new.reading);
	assert_int_equal(track.points[0].motion, 55);
	assert_int_equal(track.points[0].radius_permille, 321);
	assert_int_equal(track.points[0].time_s, 600 * 4);
	track_done(&track);
	/* The latest picture is now the sharpest plane. */
	struct frame_found latest;
	add_plane(f, dish, embryo, 4, 0);
	OK(frames_latest(f->store, embryo, &latest, &f->err));
	assert_int_equal(latest.frame.focal_um, 15);
	assert_int_equal(problems(f), 0);
}

static void a_track_knows_what_is_not_read(void **state)
{
	struct fixture *f = *state;
	static struct cut cut;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	struct dish_progress progress;
	struct track track;
	for (int run = 1; run <= 4; run++)
		add_plane(f, dish, embryo, run, 0);
	fill_cut(&cut, 1);
	struct reading_new news[3] = {
	    a_reading(1, &cut), {.row = {.run = 2, .planes = 1, .damaged = true}}, a_reading(3, NULL)};
	news[2].row.made = false;
	news[2].row.location = (struct location){.occupied = false};
	OK(readings_store(f->store, embryo, "first-1", "abc", news, 3, &f->err));
	OK(dishes_progress(f->store, dish, &progress, &f->err));
	assert_true(progress.embryos == 1 && progress.runs_total == 4 && progress.runs_read == 3);
	struct frame_found shown;
	OK(frames_latest(f->store, embryo, &shown, &f->err));
	assert_int_equal(shown.frame.run, 1); /* 2 is damaged, 3 empty, 4 not read */
	OK(dishes_set_insemination(f->store, dish, TIME_UNKNOWN, 0, &f->err));
	OK(tracks_load(f->store, embryo, &track, &f->err));
	assert_int_equal(track.count, 4);
	assert_true(
	    track.points[0].read && !track.points[1].read && track.points[2].read && !track.points[3].read);
	assert_true(track.points[0].time_s == TIME_UNKNOWN);
	track_done(&track);
	FAILS(ERR_NOT_FOUND, tracks_load(f->store, 99, &track, &f->err));
	FAILS(ERR_NOT_FOUND, cuts_read(f->store, embryo, 3, &cut, &f->err));
	assert_int_equal(problems(f), 0);
}

static void a_new_plane_is_read_again(void **state)
{
	struct fixture *f = *state;
	static struct cut cut;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	int runs[4];
	size_t count;
	add_plane(f, dish, embryo, 1, 0);
	add_plane(f, dish, embryo, 1, 15);
	fill_cut(&cut, 1);
	struct reading_new new = a_reading(1, &cut);
	store_one(f, embryo, &new); /* of one plane only */
	OK(frames_runs_unread(f->store, embryo, runs, 4, &count, &f->err));
	assert_int_equal(count, 1);
	new.row.planes = 2;
	fill_cut(&cut, 2);
	store_one(f, embryo, &new);
	OK(frames_runs_unread(f->store, embryo, runs, 4, &count, &f->err));
	assert_int_equal(count, 0);
	add_plane(f, dish, embryo, 1, 30);
	OK(frames_runs_unread(f->store, embryo, runs, 4, &count, &f->err));
	assert_int_equal(count, 1);
	static struct cut got;
	OK(cuts_read(f->store, embryo, 1, &got, &f->err));
	assert_memory_equal(&got, &cut, sizeof cut);
	assert_int_equal(problems(f), 0);
}

static void the_cut_before_skips_gaps(void **state)
{
	struct fixture *f = *state;
	static struct cut cut, got;
	bool found;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	for (int run = 1; run <= 3; run++)
		add_plane(f, dish, embryo, run, 0);
	fill_cut(&cut, 5);
	const struct reading_new news[2] = {
	    a_reading(1, &cut), {.row = {.run = 2, .planes = 1, .damaged = true}}};
	OK(readings_store(f->store, embryo, "first-1", "abc", news, 2, &f->err));
	OK(cuts_before(f->store, embryo, 3, &got, &found, &f->err));
	assert_true(found);
	assert_memory_equal(&got, &cut, sizeof cut);
	OK(cuts_before(f->store, embryo, 1, &got, &found, &f->err));
	assert_false(found);
}

static void a_bad_batch_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	static struct cut cut;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	add_plane(f, dish, embryo, 1, 0);
	fill_cut(&cut, 1);
	struct reading_new news[2] = {a_reading(1, &cut), a_reading(9, &cut)};
	FAILS(ERR_NOT_FOUND, readings_store(f->store, embryo, "first-1", "abc", news, 2, &f->err));
	news[1] = a_reading(1, NULL);
	FAILS(ERR_BAD_INPUT, readings_store(f->store, embryo, "first-1", "abc", news, 2, &f->err));
	FAILS(ERR_NOT_FOUND, readings_store(f->store, 99, "first-1", "abc", news, 1, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM readings"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM cuts"), 0);
	assert_int_equal(problems(f), 0);
}

static bool count_rows(const struct cut_row *row, void *context)
{
	int *last = context;
	assert_true(row->run > *last);
	*last = row->run;
	return true;
}

static void cuts_are_listed_by_run(void **state)
{
	struct fixture *f = *state;
	static struct cut cut;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	int last = 0;
	fill_cut(&cut, 1);
	for (int run = 3; run >= 1; run--) {
		const struct reading_new new = a_reading(run, &cut);
		add_plane(f, dish, embryo, run, 0);
		store_one(f, embryo, &new);
	}
	OK(cuts_each(f->store, embryo, count_rows, &last, &f->err));
	assert_int_equal(last, 3);
	/* Equal cuts share their bytes. */
	assert_int_equal(count_of(f, "SELECT count(*) FROM blobs WHERE kind = 'cuts'"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM readers"), 1);
}

static bool keep_versions(const struct reading_past *past, void *context)
{
	buf_print(context, "%s %d%s ", past->version, past->reading.cells, past->replaced_us ? "" : "!");
	return true;
}

static void assert_history(struct fixture *f, int64_t embryo, int run, const char *expected)
{
	OWN(buf_done) struct buf versions = BUF_INIT(256);
	OK(readings_history(f->store, embryo, run, keep_versions, &versions, &f->err));
	assert_string_equal(buf_text(&versions), expected);
}

static void read_by(struct fixture *f, int64_t embryo, const char *version, const char *digest,
    const struct reading_new *new, int cells)
{
	struct reading_new said = *new;
	said.reading.cells = (uint16_t)cells;
	OK(readings_store(f->store, embryo, version, digest, &said, 1, &f->err));
}

static void the_last_word_of_each_reader_is_kept(void **state)
{
	struct fixture *f = *state;
	static struct cut cut;
	struct track track;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	add_plane(f, dish, embryo, 1, 0);
	fill_cut(&cut, 1);
	struct reading_new new = a_reading(1, &cut);
	assert_history(f, embryo, 1, "");
	read_by(f, embryo, "net-1", "aaa", &new, 2);
	read_by(f, embryo, "net-1", "aaa", &new, 3); /* the same reader saw another plane: its last word */
	assert_history(f, embryo, 1, "net-1 3! ");
	read_by(f, embryo, "net-2", "bbb", &new, 4);
	read_by(f, embryo, "net-3", "ccc", &new, 5);
	assert_history(f, embryo, 1, "net-3 5! net-2 4 net-1 3 ");
	OK(tracks_load(f->store, embryo, &track, &f->err));
	assert_int_equal(track.points[0].reading.cells, 5);
	track_done(&track);
	/* Back to the first model: its word counts, and there is one of it. */
	read_by(f, embryo, "net-1", "aaa", &new, 6);
	assert_history(f, embryo, 1, "net-1 6! net-3 5 net-2 4 ");
	/* A reader that finds the run damaged takes no word away. */
	new.row = (struct cut_row){.run = 1, .planes = 1, .damaged = true};
	new.cut = NULL;
	read_by(f, embryo, "net-4", "ddd", &new, 0);
	assert_history(f, embryo, 1, "net-1 6 net-3 5 net-2 4 ");
	assert_int_equal(problems(f), 0);
}

static bool keep_reader(const struct reading_reader *reader, void *context)
{
	buf_print(context, "%s %d ", reader->version, (int)reader->runs);
	return true;
}

static void assert_readers(struct fixture *f, int64_t embryo, const char *expected)
{
	OWN(buf_done) struct buf readers = BUF_INIT(256);
	OK(readings_readers_each(f->store, embryo, keep_reader, &readers, &f->err));
	assert_string_equal(buf_text(&readers), expected);
}

static void what_another_reader_read_waits_again(void **state)
{
	struct fixture *f = *state;
	static struct cut cut;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1), count;
	int runs[4];
	size_t unread;
	struct track track;
	fill_cut(&cut, 1);
	for (int run = 1; run <= 3; run++) {
		const struct reading_new new = a_reading(run, &cut);
		add_plane(f, dish, embryo, run, 0);
		read_by(f, embryo, run < 3 ? "net-1" : "net-2", run < 3 ? "aaa" : "bbb", &new, 2);
	}
	assert_readers(f, embryo, "net-2 1 net-1 2 ");
	OK(readings_renew(f->store, embryo, "bbb", &count, &f->err));
	assert_int_equal(count, 2);
	OK(frames_runs_unread(f->store, embryo, runs, 4, &unread, &f->err));
	assert_true(unread == 2 && runs[0] == 1 && runs[1] == 2);
	/* Until then the old reading counts. */
	OK(tracks_load(f->store, embryo, &track, &f->err));
	assert_true(track.points[0].read);
	track_done(&track);
	for (int run = 1; run <= 2; run++) {
		const struct reading_new new = a_reading(run, &cut);
		read_by(f, embryo, "net-2", "bbb", &new, 3);
	}
	assert_readers(f, embryo, "net-2 3 ");
	OK(readings_renew(f->store, embryo, "bbb", &count, &f->err));
	assert_int_equal(count, 0);
	assert_int_equal(problems(f), 0);
}

static void embryos_of_another_reader_are_queued_behind(void **state)
{
	struct fixture *f = *state;
	static struct cut cut;
	int64_t dish = a_dish(f, "S1"), old = an_embryo(f, dish, 1), new = an_embryo(f, dish, 2), embryos;
	an_embryo(f, dish, 3); /* without pictures */
	fill_cut(&cut, 1);
	const struct reading_new reading = a_reading(1, &cut);
	add_plane(f, dish, old, 1, 0);
	add_plane(f, dish, new, 1, 0);
	read_by(f, old, "net-1", "aaa", &reading, 2);
	read_by(f, new, "net-2", "bbb", &reading, 2);
	OK(db_exec(f->store->db, "DELETE FROM jobs", &f->err));
	OK(readings_refresh(f->store, "bbb", 0, &embryos, &f->err));
	assert_int_equal(embryos, 1);
	struct job job;
	bool found;
	OK(jobs_take(f->store, 10, JOBS_ALL, &job, &found, &f->err));
	assert_true(found && job.kind == JOB_READ && job.subject == old);
	assert_int_equal(count_of(f, "SELECT priority FROM jobs"), JOB_PRIORITY_REREAD);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'readings.refresh'"), 1);
	OK(readings_refresh(f->store, "ccc", 0, &embryos, &f->err));
	assert_int_equal(embryos, 2);
}

/* The database as the first schema made it, from that of the third. */
static const char take_back_sql[] =
    "DROP TABLE readings_before; DROP INDEX readings_by_reader;"
    "ALTER TABLE readings DROP COLUMN cells; ALTER TABLE readings DROP COLUMN cells_confidence;"
    "ALTER TABLE readings DROP COLUMN fragmentation_confidence; ALTER TABLE readings DROP COLUMN uneven;"
    "ALTER TABLE readings DROP COLUMN multinucleated;"
    "DROP INDEX cuts_waiting; DROP INDEX embryos_unread; DROP TABLE batches; DROP TABLE burst_plan;"
    "ALTER TABLE cuts DROP COLUMN waiting; ALTER TABLE cuts DROP COLUMN motion; ALTER TABLE cuts DROP COLUMN since_us;"
    "DELETE FROM migrations WHERE number > 1;";

static void readings_of_the_first_schema_are_kept(void **state)
{
	struct fixture *f = *state;
	static struct cut cut;
	struct track track;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	fill_cut(&cut, 1);
	for (int run = 1; run <= 2; run++) {
		const struct reading_new new = a_reading(run, &cut);
		add_plane(f, dish, embryo, run, 0);
		store_one(f, embryo, &new);
	}
	OK(db_exec(f->store->db, take_back_lab_sql, &f->err));
	OK(db_exec(f->store->db, take_back_sql, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM pragma_table_info('readings')"), 13);
	reopen(f);
	OK(tracks_load(f->store, embryo, &track, &f->err));
	assert_int_equal(track.count, 2);
	struct reading expected = a_reading(1, &cut).reading;
	expected.cells = 0;
	expected.cells_confidence = 0;
	expected.fragmentation_confidence = expected.uneven = expected.multinucleated = READING_UNKNOWN;
	assert_memory_equal(&track.points[0].reading, &expected, sizeof expected);
	assert_int_equal(track.points[0].motion, 55);
	track_done(&track);
	assert_history(f, embryo, 2, "first-1 0! ");
	const struct reading_new again = a_reading(2, &cut);
	read_by(f, embryo, "net-1", "aaa", &again, 7);
	assert_history(f, embryo, 2, "net-1 7! first-1 0 ");
	assert_int_equal(problems(f), 0);
	char copy[LIMIT_PATH];
	path_in(f, "copies/before-0002.db", copy);
	assert_true(file_exists(copy));
}

static void nothing_outlives_the_patient(void **state)
{
	struct fixture *f = *state;
	static struct cut cut;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	fill_cut(&cut, 1);
	const struct reading_new new = a_reading(1, &cut);
	add_plane(f, dish, embryo, 1, 0);
	read_by(f, embryo, "net-1", "aaa", &new, 2);
	read_by(f, embryo, "net-2", "bbb", &new, 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM readings_before"), 1);
	RUN_INTS(f->store, "DELETE FROM dishes WHERE id = ?1", &f->err, dish);
	assert_int_equal(count_of(f, "SELECT count(*) FROM readings_before"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(they_come_back_as_they_were),
	    TEST(a_track_knows_what_is_not_read),
	    TEST(a_new_plane_is_read_again),
	    TEST(the_cut_before_skips_gaps),
	    TEST(a_bad_batch_leaves_nothing),
	    TEST(cuts_are_listed_by_run),
	    TEST(the_last_word_of_each_reader_is_kept),
	    TEST(what_another_reader_read_waits_again),
	    TEST(embryos_of_another_reader_are_queued_behind),
	    TEST(readings_of_the_first_schema_are_kept),
	    TEST(nothing_outlives_the_patient),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
