/* Locating in real frames: against the circles marked by hand in tests/data/localisation.csv,
 * and over whole runs. Prints what it measures, holds it to a floor. Skips where the frames are
 * not at hand.
 *
 * The marks were made by looking, before the search was finished, and were not changed after it;
 * its few constants were chosen by the overlap with them. The whole runs were no part of that. */
#include "unit/reading/frames.h"

#include "base/db.h"
#include "reading/locate.h"

#include <glob.h>

static struct err err;

struct mark {
	char file[160];
	double x, y, radius; /* radius 0: an empty well */
};

static bool mark_parse(const char *line, struct mark *ret_mark)
{
	int run, plane_um;
	return sscanf(line, "%*[^,],%159[^,],%d,%d,%lf,%lf,%lf", ret_mark->file, &plane_um, &run,
	           &ret_mark->x, &ret_mark->y, &ret_mark->radius) == 6;
}

static int compare(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;
	return first < second ? -1 : first > second;
}

/* The overlap of the found circle with the marked one; 1 for an empty well called empty, 0 for
 * any wrong call. */
static double mark_overlap(const struct mark *mark)
{
	char path[LIMIT_PATH];
	struct location l;
	frames_path(mark->file, path, sizeof path);
	OWN(image_free) struct image *frame = frames_load(path);
	must(locate(frame, &l, &err));
	if (l.occupied != (mark->radius > 0))
		return 0;
	if (!l.occupied)
		return 1;
	double overlap = circles_overlap(
	    (double)l.x, (double)l.y, (double)l.radius, mark->x, mark->y, mark->radius);
	if (overlap < 0.75)
		print_message("   %.3f %s\n", overlap, mark->file);
	return overlap;
}

static void finds_what_was_marked_by_hand(void **state)
{
	(void)state;
	frames_need("nantes");
	enum { MARKS_MAX = 256 };
	char line[512];
	double overlaps[MARKS_MAX];
	int empty = 0, occupied = 0, misses = 0;
	FILE *table = fopen(DAYBREAK_SOURCE_DIR "/tests/data/localisation.csv", "r");
	assert_non_null(table);
	while (fgets(line, sizeof line, table)) {
		struct mark mark;
		if (!mark_parse(line, &mark))
			continue; /* the heading */
		assert_true(occupied < MARKS_MAX);
		double overlap = mark_overlap(&mark);
		misses += overlap < 0.5;
		if (mark.radius > 0)
			overlaps[occupied++] = overlap;
		else
			empty++;
	}
	fclose(table);
	qsort(overlaps, (size_t)occupied, sizeof *overlaps, compare);
	print_message("%d marked embryos, %d empty wells: median overlap %.3f, tenth %.3f, worst "
	              "%.3f, %d misses\n",
	    occupied, empty, overlaps[occupied / 2], overlaps[occupied / 10], overlaps[0], misses);
	assert_int_equal(occupied, 76);
	assert_int_equal(empty, 3);
	assert_int_equal(misses, 0);
	assert_true(overlaps[occupied / 2] >= 0.9);
	assert_true(overlaps[0] >= 0.6);
}

struct tally {
	int frames, occupied, wells;
};

static void tally_add(struct tally *tally, const struct image *frame)
{
	struct location l;
	must(locate(frame, &l, &err));
	tally->frames++;
	tally->occupied += l.occupied;
	tally->wells += l.well_radius > 0;
}

static struct tally tally_folder(const char *pattern)
{
	char path[LIMIT_PATH];
	glob_t files;
	struct tally tally = {0};
	frames_path(pattern, path, sizeof path);
	assert_int_equal(glob(path, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i += FRAMES_STRIDE) {
		OWN(image_free) struct image *frame = frames_load(files.gl_pathv[i]);
		tally_add(&tally, frame);
	}
	globfree(&files);
	print_message("%s: %d frames, embryo found in %d, well in %d\n", pattern, tally.frames,
	    tally.occupied, tally.wells);
	return tally;
}

static void finds_an_embryo_in_every_frame_of_the_large_sets(void **state)
{
	(void)state;
	frames_need("timelapse-marks");
	static const char *const sets[] = {"nantes/AA83-7/*.jpeg", "nantes/AAL839-6/*.jpeg",
	    "nantes/RI382-2/*.png", "stork/*.jpg", "blastomeres/testImages/*.JPG", "overlay/*.JPG"};
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
		struct tally tally = tally_folder(sets[i]);
		assert_int_equal(tally.occupied, tally.frames);
		assert_int_equal(tally.wells, tally.frames);
	}
	/* One of these 916, e251_c4_f0581, is blank. */
	struct tally marks = tally_folder("timelapse-marks/frames/*");
	assert_true(marks.occupied >= marks.frames - 1);
	assert_int_equal(marks.wells, marks.frames);
}

/* Optics we do not know: no crash, no well imagined, and less than half of the confidence. */
static void is_unsure_about_optics_it_does_not_know(void **state)
{
	(void)state;
	frames_need("other-optics");
	char path[LIMIT_PATH];
	glob_t files;
	frames_path("other-optics/*", path, sizeof path);
	assert_int_equal(glob(path, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct location l;
		OWN(image_free) struct image *frame = frames_load(files.gl_pathv[i]);
		must(locate(frame, &l, &err));
		assert_true(l.well_radius == 0);
		assert_in_range(l.confidence, 0, 500);
	}
	globfree(&files);
}

/* Frames of a slide up to this run are occupied, those after it are empty. */
static void check_slide(const char *name, int last_occupied_run, struct tally *ret_tally)
{
	char path[LIMIT_PATH];
	OWN(db_close) struct db *db = NULL;
	frames_path(name, path, sizeof path);
	must(db_open_foreign(path, &db, &err));
	struct db_statement *s = db_prepare(db, "SELECT Run, Image FROM IMAGES ORDER BY Run");
	*ret_tally = (struct tally){0};
	while (db_step(s)) {
		size_t size;
		struct tally one = {0};
		OWN(image_free) struct image *frame = NULL;
		const void *data = db_column_blob(s, 1, &size);
		must(image_decode(data, size, &frame, &err));
		tally_add(&one, frame);
		assert_int_equal(one.occupied, db_column_int(s, 0) <= last_occupied_run);
		assert_int_equal(one.wells, 1);
		ret_tally->frames++;
		ret_tally->occupied += one.occupied;
	}
	must(db_finish(s, &err));
	print_message("%s: %d frames, %d occupied, %d empty, all as they are\n", name,
	    ret_tally->frames, ret_tally->occupied, ret_tally->frames - ret_tally->occupied);
}

static void calls_every_frame_of_the_slides_what_it_is(void **state)
{
	(void)state;
	frames_need("pdb");
	struct tally tally;
	check_slide("pdb/D2014.04.24_S01082_I0132_D.pdb", 475, &tally);
	assert_int_equal(tally.frames, 94);
	assert_int_equal(tally.occupied, 78);
	check_slide("pdb/D2016.09.12_S00417_I0776_D.pdb", INT32_MAX, &tally);
	assert_int_equal(tally.frames, 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_what_was_marked_by_hand),
	    cmocka_unit_test(finds_an_embryo_in_every_frame_of_the_large_sets),
	    cmocka_unit_test(is_unsure_about_optics_it_does_not_know),
	    cmocka_unit_test(calls_every_frame_of_the_slides_what_it_is),
	};
	return cmocka_run_group_tests_name("locate on real frames", tests, NULL, NULL);
}
