/* Cuts and readings go in together and come back as they were; a track is put together from them. */
#include "unit/store/fixture.h"

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
		    .confidence = 900}},
	    .cut = cut,
	    .reading = {.occupied = 65000,
		.confidence = 800,
		.unfamiliar = 7,
		.sharpness = 12345,
		.area_permille = 400,
		.texture = 99,
		.fragmentation_permille = READING_UNKNOWN},
	    .motion = 55,
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(they_come_back_as_they_were),
	    TEST(a_track_knows_what_is_not_read),
	    TEST(a_new_plane_is_read_again),
	    TEST(the_cut_before_skips_gaps),
	    TEST(a_bad_batch_leaves_nothing),
	    TEST(cuts_are_listed_by_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
