/* What every user of a rendered export relies on: bytes, truth, layout. */
#include "base/crypto.h"
#include "base/db.h"
#include "base/json.h"
#include "base/text.h"
#include "simulator/simulate.h"
#include "unit/unit.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>

static const char *folder;

static int set_up(void **state)
{
	int failed = folder_setup(state);
	folder = *state;
	return failed;
}

static const char *place(const char *name)
{
	static char path[4][128];
	static int next;
	char *to = path[next++ % 4];
	snprintf(to, sizeof path[0], "%s/%s", folder, name);
	return to;
}

static struct simulate_options small(uint64_t seed)
{
	struct simulate_options options = simulate_defaults();
	options.seed = seed;
	options.wells = 3;
	options.runs = 20;
	options.planes = 3;
	options.side = 160;
	options.interval_s = 6 * 3600;
	options.empty_wells = 1;
	return options;
}

static void hash_file(const char *path, char hex[65])
{
	OWN(buf_done) struct buf bytes = BUF_INIT(64 << 20);
	struct err err;
	must(file_read(path, &bytes, &err));
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	crypto_sha256(bytes.data, bytes.size, digest);
	text_hex(hex, digest, sizeof digest);
}

static void hash_frame(const struct simulate_scene *scene, char hex[65], struct film_truth *truth)
{
	OWN(image_free) struct image *image = NULL;
	struct err err;
	must(simulate_frame(scene, &image, truth, &err));
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	crypto_sha256(image->pixels, (size_t)image->width * (size_t)image->height, digest);
	text_hex(hex, digest, sizeof digest);
}

/* The same pixels from every compiler and build. A deliberate change of the looks changes this line. */
static void test_digest_of_a_frame(void **state)
{
	(void)state;
	const struct simulate_scene scene = {.seed = 11, .stage = STAGE_B, .share = 0.5, .focal_um = 15, .side = 256};
	struct film_truth truth;
	char hex[65];
	hash_frame(&scene, hex, &truth);
	assert_string_equal(hex, "7eb67ae75f48fcdacf4362de9b2d872966b3faf3948a6a92681ad4ebc2f5d987");
}

static void test_truth_of_stills(void **state)
{
	(void)state;
	for (int stage = STAGE_EMPTY; stage < STAGE_COUNT; stage++)
		for (uint64_t seed = 1; seed <= 2; seed++) {
			struct simulate_scene scene = {.seed = seed, .stage = (enum stage)stage, .share = 0.5, .side = 200};
			struct film_truth truth;
			char hex[65];
			hash_frame(&scene, hex, &truth);
			assert_int_equal(truth.stage, stage);
			if (stage == STAGE_EMPTY) {
				assert_true(truth.radius == 0);
				continue;
			}
			int cells = stage_cells((enum stage)stage);
			assert_true(stage >= STAGE_9 ? truth.cells == 0 || truth.cells >= 9 : truth.cells == cells);
			assert_true(truth.x > 0 && truth.x < 200 && truth.y > 0 && truth.y < 200);
			assert_true(truth.radius > 40 && truth.radius < 100);
			assert_true((truth.cavity > 0) == (stage >= STAGE_SB));
		}
}

static void test_pdb(void **state)
{
	(void)state;
	struct simulate_options options = small(5);
	const char *path = place("slide.pdb");
	struct err err;
	must(simulate_pdb(path, &options, NULL, NULL, &err));
	OWN(db_close) struct db *db = NULL;
	must(db_open_foreign(path, &db, &err));
	struct db_statement *s = db_prepare(db, "SELECT count(*), count(DISTINCT Well), count(DISTINCT Run),"
	    " min(Focal), max(Focal), min(Time) FROM IMAGES");
	assert_true(db_step(s));
	assert_int_equal(db_column_int(s, 0), 3 * 20 * 3);
	assert_int_equal(db_column_int(s, 1), 3);
	assert_int_equal(db_column_int(s, 2), 20);
	assert_int_equal(db_column_int(s, 3), -15);
	assert_int_equal(db_column_int(s, 4), 15);
	double first = db_column_double(s, 5);
	must(db_finish(s, &err));
	s = db_prepare(db, "SELECT Val FROM GENERAL WHERE Par = 'Fertilization'");
	assert_true(db_step(s));
	double insemination = 0;
	assert_true(text_to_f64(db_column_text(s, 0), &insemination));
	assert_true(fabs((first - insemination) * 86400 - options.start_s - 6) < 1);
	must(db_finish(s, &err));
	s = db_prepare(db, "SELECT count(*) FROM GENERAL WHERE Type = 'Description' AND Par LIKE 'Embryo%'");
	assert_true(db_step(s));
	assert_int_equal(db_column_int(s, 0), 3);
	must(db_finish(s, &err));
	/* A second time it would overwrite somebody's export. */
	assert_false(simulate_pdb(path, &options, NULL, NULL, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
}

static void check_well(const json_t *well)
{
	json_t *frames = json_object_get(well, "frames");
	const json_t *events = json_object_get(well, "events"), *event;
	const char *name;
	assert_int_equal(json_array_size(frames), 20);
	enum stage last = STAGE_EMPTY;
	for (size_t i = 0; i < 20; i++) {
		const json_t *frame = json_array_get(frames, i);
		enum stage stage;
		assert_true(stage_from_name(json_text(frame, "stage", ""), &stage));
		/* Evenness is a question of the first divisions only. */
		assert_int_equal(json_is_boolean(json_object_get(frame, "uneven")),
		    stage >= STAGE_2 && stage <= STAGE_8);
		assert_non_null(json_object_get(frame, "multinucleated"));
		if (json_bool(well, "empty", false))
			assert_int_equal(stage, STAGE_EMPTY);
		if (stage > last && i > 0) {
			/* The first frame that shows a stage is its event. */
			const json_t *told = json_object_get(events, stage_name(stage));
			assert_non_null(told);
			assert_int_equal(json_int(told, "run", 0), json_int(frame, "run", -1));
		}
		last = stage > last ? stage : last;
	}
	int64_t time = 0;
	json_object_foreach((json_t *)events, name, event) {
		assert_true(json_int(event, "time_s", 0) > time);
		time = json_int(event, "time_s", 0);
	}
}

static void test_truth_of_a_slide(void **state)
{
	(void)state;
	struct simulate_options options = small(6);
	struct err err;
	must(simulate_pdb(place("told.pdb"), &options, NULL, NULL, &err));
	OWN(json_decref) json_t *truth = NULL;
	must(json_load(place("told.pdb.truth.json"), 1 << 20, &truth, &err));
	json_t *wells = json_object_get(truth, "wells");
	assert_int_equal(json_array_size(wells), 3);
	for (size_t i = 0; i < 3; i++)
		check_well(json_array_get(wells, i));
}

static void test_same_seed_same_bytes(void **state)
{
	(void)state;
	struct simulate_options options = small(7);
	struct err err;
	char one[65], two[65], other[65];
	options.threads = 1;
	must(simulate_pdb(place("one.pdb"), &options, NULL, NULL, &err));
	options.threads = 3;
	must(simulate_pdb(place("two.pdb"), &options, NULL, NULL, &err));
	options.seed = 8;
	must(simulate_pdb(place("other.pdb"), &options, NULL, NULL, &err));
	hash_file(place("one.pdb"), one);
	hash_file(place("two.pdb"), two);
	hash_file(place("other.pdb"), other);
	assert_string_equal(one, two);
	assert_string_not_equal(one, other);
}

static void test_folder(void **state)
{
	(void)state;
	struct simulate_options options = small(9);
	options.runs = 12;
	struct err err;
	must(simulate_folder(place("export"), &options, NULL, NULL, &err));
	/* RUN is not zero-padded: order by the number. */
	assert_true(file_exists(place("export/F-15/SIM9-1/D2026.11.16_S00001_I0001_D_WELL1_RUN2.jpeg")));
	assert_true(file_exists(place("export/F0/SIM9-3/D2026.11.16_S00001_I0001_D_WELL3_RUN12.jpeg")));
	assert_true(file_exists(place("export/F15/SIM9-2/D2026.11.16_S00001_I0001_D_WELL2_RUN1.jpeg")));
	OWN(buf_done) struct buf text = BUF_INIT(1 << 16);
	must(file_read(place("export/SIM9-1_timeElapsed.csv"), &text, &err));
	assert_true(text_starts(buf_text(&text), "frame_index,time\n1,1.5017\n2,7.5017\n"));
}

static void test_morning(void **state)
{
	(void)state;
	struct simulate_options options = small(3);
	options.runs = 20;
	struct err err;
	must(simulate_morning(place("morning"), 3, &options, NULL, NULL, &err));
	assert_false(simulate_morning(place("morning"), 0, &options, NULL, NULL, &err));
	assert_int_equal(err.code, ERR_BAD_INPUT);
}

static void test_options_are_checked(void **state)
{
	(void)state;
	struct err err;
	struct simulate_options options = simulate_defaults();
	must(simulate_check(&options, &err));
	options.planes = 4;
	assert_false(simulate_check(&options, &err));
	options = simulate_defaults();
	options.wells = 25;
	assert_false(simulate_check(&options, &err));
	assert_int_equal(err.code, ERR_BAD_INPUT);
}

/* More runs, no more memory: a block at a time. */
static void test_memory_is_bounded(void **state)
{
	(void)state;
#ifdef DAYBREAK_SANITIZED
	skip();
#endif
	struct simulate_options options = small(4);
	options.interval_s = 600;
	struct err err;
	struct rusage before, after;
	options.runs = 32;
	must(simulate_pdb(place("short.pdb"), &options, NULL, NULL, &err));
	getrusage(RUSAGE_SELF, &before);
	options.runs = 320;
	must(simulate_pdb(place("long.pdb"), &options, NULL, NULL, &err));
	getrusage(RUSAGE_SELF, &after);
	print_message("peak %ld kB after 32 runs, %ld kB after 320\n", before.ru_maxrss, after.ru_maxrss);
	assert_true(after.ru_maxrss - before.ru_maxrss < 8 * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_digest_of_a_frame),
	    cmocka_unit_test(test_truth_of_stills), cmocka_unit_test(test_pdb),
	    cmocka_unit_test(test_truth_of_a_slide), cmocka_unit_test(test_same_seed_same_bytes),
	    cmocka_unit_test(test_folder), cmocka_unit_test(test_morning),
	    cmocka_unit_test(test_options_are_checked), cmocka_unit_test(test_memory_is_bounded)};
	return cmocka_run_group_tests(tests, set_up, folder_teardown);
}
