/* Work does what it promises: every run gets a reading, every embryo an evaluation, every dish a ranking; a frame that
 * kills the reader costs itself and nothing else; stopping in the middle loses nothing; a new model is taken up, and
 * without one only reading waits. */
#include "unit/work/models_made.h"
#include "unit/work/region_made.h"

#include "base/clock.h"
#include "base/image.h"
#include "base/json.h"
#include "store/bursts.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/evaluations.h"
#include "store/milestones.h"
#include "store/observations.h"
#include "store/frames.h"
#include "store/jobs.h"
#include "store/patients.h"
#include "store/readings.h"
#include "store/rankings.h"
#include "store/tracks.h"
#include "store/users.h"
#include "work/work.h"

#include <math.h>

enum { SIDE = 200, RUNS = 24 };

static struct err err;

/* A grey field with a grainy disc and a bright rim: enough of an embryo for a reader to have an opinion. */
static void draw(struct buf *to, int run)
{
	OWN(image_free) struct image *image = image_new(SIDE, SIDE);
	uint32_t noise = 12345u + (uint32_t)run;
	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++) {
			double distance = hypot(x - SIDE / 2.0, y - SIDE / 2.0);
			noise = noise * 1664525u + 1013904223u;
			int grain = distance < 50 ? (int)(noise >> 26) - 32 : (int)(noise >> 29);
			int rim = distance > 50 && distance < 58 ? 60 : 0;
			image->pixels[y * SIDE + x] = (uint8_t)(120 + grain + rim);
		}
	must(image_encode_jpeg(image, 85, to, &err));
}

static int64_t add_embryo(struct store *store, int64_t dish, int well, int poisoned_run)
{
	int64_t embryo;
	struct buf jpegs[RUNS];
	struct frame_new frames[RUNS];
	enum frame_outcome outcomes[RUNS];
	must(embryos_obtain(store, dish, well, &embryo, &err));
	for (int i = 0; i < RUNS; i++) {
		int run = i + 1;
		jpegs[i] = (struct buf)BUF_INIT(1 << 20);
		draw(&jpegs[i], run);
		if (run == poisoned_run)
			buf_add(&jpegs[i], "POISON", 6);
		frames[i] = (struct frame_new){.embryo_id = embryo, .run = run, .focal_um = 0, .clock_s = run * 900,
		    .width = SIDE, .height = SIDE, .data = jpegs[i].data, .size = jpegs[i].size};
	}
	must(frames_add(store, dish, frames, RUNS, outcomes, &err));
	for (int i = 0; i < RUNS; i++) {
		assert_int_equal(outcomes[i], FRAME_ADDED);
		buf_done(&jpegs[i]);
	}
	return embryo;
}

static struct store *make_store(const char *folder, int64_t *ret_dish)
{
	struct store *store;
	must(store_create(folder, &err));
	must(store_open(folder, &store, &err));
	model_made(folder, "made", "1", 1);
	must(dishes_obtain(store, "D2026.01.02_S0001_I0001", "test", 0, ret_dish, &err));
	return store;
}

static struct work_options options_of(const char *folder, const char *reader)
{
	return (struct work_options){.store_folder = folder, .reader_program = reader,
	    .profiles_folder = DAYBREAK_SOURCE_DIR "/appliance/evaluation/profiles", .lanes = 2};
}

static size_t runs_read(struct store *store, int64_t embryo)
{
	OWN(track_done) struct track track = {0};
	must(tracks_load(store, embryo, &track, &err));
	assert_int_equal(track.count, RUNS);
	size_t read = 0;
	for (size_t i = 0; i < track.count; i++)
		read += track.points[i].read;
	return read;
}

static void see_progress(int64_t done, int64_t total, void *context)
{
	int64_t *last = context;
	assert_true(done <= total && done >= *last);
	*last = done;
}

static bool count_milestone(const struct milestone *milestone, void *context)
{
	(void)milestone;
	(*(size_t *)context)++;
	return true;
}

/* The evaluation knows what a person noted, and its events are kept as numbers beside it. */
static void assert_excluded(struct store *store, int64_t embryo)
{
	OWN(buf_done) struct buf text = BUF_INIT(1 << 22);
	OWN(json_decref) json_t *json = NULL;
	const json_t *item;
	bool found, excluded = false;
	size_t i, events = 0, milestones = 0;
	must(evaluations_get(store, embryo, &text, NULL, &found, &err));
	must(json_parse(buf_text(&text), text.size, &json, &err));
	json_array_foreach(json_object_get(json, "profiles"), i, item)
	    excluded |= strcmp(json_text(item, "reason", ""), "the number of pronuclei is not two") == 0;
	assert_true(excluded);
	json_array_foreach(json_object_get(json, "events"), i, item)
	    events += json_is_object(json_object_get(item, "used")) || json_is_object(json_object_get(item, "automatic"));
	must(milestones_each(store, embryo, count_milestone, &milestones, &err));
	assert_int_equal(milestones, events);
}

static void everything_pending_is_done(void **state)
{
	char folder[128];
	path_join(folder, sizeof folder, *state, "plain");
	int64_t dish, done = 0;
	OWN(store_close) struct store *store = make_store(folder, &dish);
	const int64_t embryos[] = {add_embryo(store, dish, 1, 0), add_embryo(store, dish, 2, 0)};
	const struct observation three = {.kind = OBSERVATION_PRONUCLEI, .value = "3", .run = -1};
	int64_t eva;
	must(users_add(store, 0, "eva", "correct horse", ROLE_EMBRYOLOGIST, &eva, &err));
	must(observations_add(store, embryos[0], eva, &three, &err));
	const struct work_options options = options_of(folder, DAYBREAK_BIN_DIR "/daybreak-reader");
	must(work_run_all(&options, see_progress, &done, &err));
	assert_excluded(store, embryos[0]);
	assert_int_equal(done, 2 * RUNS);
	for (int i = 0; i < 2; i++) {
		OWN(buf_done) struct buf text = BUF_INIT(1 << 22);
		bool found;
		assert_int_equal(runs_read(store, embryos[i]), RUNS);
		must(evaluations_get(store, embryos[i], &text, NULL, &found, &err));
		assert_true(found);
	}
	OWN(buf_done) struct buf ranking = BUF_INIT(1 << 22);
	OWN(json_decref) json_t *rows = NULL;
	bool found;
	must(rankings_get(store, dish, &ranking, NULL, &found, &err));
	assert_true(found);
	must(json_parse((const char *)ranking.data, ranking.size, &rows, &err));
	assert_int_equal(json_array_size(rows), 2);
}

static void a_poisoned_frame_costs_itself_only(void **state)
{
	char folder[128];
	path_join(folder, sizeof folder, *state, "poison");
	int64_t dish, done = 0;
	OWN(store_close) struct store *store = make_store(folder, &dish);
	int64_t hurt = add_embryo(store, dish, 1, 17), sound = add_embryo(store, dish, 2, 0);
	const struct work_options options = options_of(folder, POISON_READER);
	must(work_run_all(&options, see_progress, &done, &err));
	assert_int_equal(runs_read(store, hurt), RUNS - 1);
	assert_int_equal(runs_read(store, sound), RUNS);
}

static void stopping_in_the_middle_loses_nothing(void **state)
{
	char folder[128];
	path_join(folder, sizeof folder, *state, "stopped");
	int64_t dish, done = 0;
	OWN(store_close) struct store *store = make_store(folder, &dish);
	int64_t embryo = add_embryo(store, dish, 1, 0);
	const struct work_options options = options_of(folder, DAYBREAK_BIN_DIR "/daybreak-reader");
	struct work *work;
	struct work_status status = {0};
	must(work_start(&options, &work, &err));
	for (int i = 0; i < 500 && status.runs_done == 0; i++) {
		clock_sleep_ms(10);
		work_status(work, &status);
	}
	assert_true(status.runs_done > 0 && status.runs_per_minute > 0);
	work_stop(work);
	must(work_run_all(&options, see_progress, &done, &err));
	assert_int_equal(runs_read(store, embryo), RUNS);
}

static void a_missing_reader_is_said(void **state)
{
	char folder[128];
	path_join(folder, sizeof folder, *state, "none");
	int64_t dish;
	OWN(store_close) struct store *store = make_store(folder, &dish);
	add_embryo(store, dish, 1, 0);
	const struct work_options options = options_of(folder, "/nowhere/daybreak-reader");
	must_fail(work_run_all(&options, NULL, NULL, &err), ERR_UNAVAILABLE);
	assert_non_null(strstr(err.detail, "/nowhere/daybreak-reader"));
}

/* Starts once, and never again. */
static void write_weak_reader(const char *folder, char path[128])
{
	char script[512];
	path_join(path, 128, folder, "weak-reader");
	int size = snprintf(script, sizeof script, "#!/bin/sh\n[ -e %s.started ] && exit 1\n: > %s.started\nexec %s \"$@\"\n",
	    path, path, POISON_READER);
	must(file_write(path, script, (size_t)size, 0755, &err));
}

static void a_reader_that_cannot_start_again_blames_no_picture(void **state)
{
	char folder[128], reader[128];
	path_join(folder, sizeof folder, *state, "weak");
	int64_t dish;
	OWN(store_close) struct store *store = make_store(folder, &dish);
	add_embryo(store, dish, 1, 20); /* in the second step */
	write_weak_reader(folder, reader);
	struct work_options options = options_of(folder, reader);
	options.lanes = 1;
	OWN(work_stop) struct work *work = NULL;
	struct job_counts counts = {0};
	struct dish_progress progress = {0};
	must(work_start(&options, &work, &err));
	for (int i = 0; i < 400 && progress.runs_read < 16; i++) {
		clock_sleep_ms(50);
		must(dishes_progress(store, dish, &progress, &err));
	}
	clock_sleep_ms(1000);
	must(jobs_count(store, &counts, &err));
	must(dishes_progress(store, dish, &progress, &err));
	assert_int_equal(counts.pending + counts.running, 1);
	assert_int_equal(progress.runs_read, 16);
}

static bool keep_version(const struct reading_reader *reader, void *context)
{
	buf_print(context, "%s %d ", reader->version, (int)reader->runs);
	return true;
}

static void assert_read_by(struct store *store, int64_t embryo, const char *expected)
{
	OWN(buf_done) struct buf readers = BUF_INIT(256);
	must(readings_readers_each(store, embryo, keep_version, &readers, &err));
	assert_string_equal(buf_text(&readers), expected);
}

static bool count_past(const struct reading_past *past, void *context)
{
	(void)past;
	++*(int *)context;
	return true;
}

static void another_model_reads_again_when_asked(void **state)
{
	char folder[128];
	path_join(folder, sizeof folder, *state, "again");
	int64_t dish, queued;
	int past = 0;
	OWN(store_close) struct store *store = make_store(folder, &dish);
	int64_t first = add_embryo(store, dish, 1, 0);
	const struct work_options options = options_of(folder, DAYBREAK_BIN_DIR "/daybreak-reader");
	must(work_run_all(&options, NULL, NULL, &err));
	assert_read_by(store, first, "made-1 24 ");
	model_made(folder, "made", "2", 2);
	/* What is new is read by the new model, what was read stays until it is asked for. */
	int64_t second = add_embryo(store, dish, 2, 0);
	must(work_run_all(&options, NULL, NULL, &err));
	assert_read_by(store, first, "made-1 24 ");
	assert_read_by(store, second, "made-2 24 ");
	must(work_reread(&options, &queued, &err));
	assert_int_equal(queued, 1);
	must(work_run_all(&options, NULL, NULL, &err));
	assert_read_by(store, first, "made-2 24 ");
	assert_int_equal(runs_read(store, first), RUNS);
	must(readings_history(store, first, 3, count_past, &past, &err));
	assert_int_equal(past, 2);
	must(work_reread(&options, &queued, &err));
	assert_int_equal(queued, 0);
}

static void a_running_box_takes_up_another_model(void **state)
{
	char folder[128];
	path_join(folder, sizeof folder, *state, "running");
	int64_t dish;
	OWN(store_close) struct store *store = make_store(folder, &dish);
	struct work_options options = options_of(folder, DAYBREAK_BIN_DIR "/daybreak-reader");
	OWN(work_stop) struct work *work = NULL;
	must(work_start(&options, &work, &err));
	clock_sleep_ms(300);
	model_made(folder, "made", "2", 2);
	clock_sleep_ms(2500);
	int64_t embryo = add_embryo(store, dish, 1, 0);
	struct job_counts counts;
	for (int i = 0; i < 600; i++) {
		must(jobs_count(store, &counts, &err));
		if (counts.pending + counts.running == 0)
			break;
		clock_sleep_ms(50);
	}
	assert_read_by(store, embryo, "made-2 24 ");
}

/* The dish's decision is just past: whatever can be read elsewhere goes there. */
static void make_late(struct store *store, int64_t dish)
{
	struct cycle cycle = {.label = "c", .decision_us = clock_now_us() - 60000000};
	const struct patient patient = {.name = "A", .identifier = "A1"};
	must(patients_add(store, 0, &patient, &cycle.patient_id, &err));
	must(cycles_add(store, 0, &cycle, &cycle.id, &err));
	must(dishes_assign(store, dish, cycle.id, 0, &err));
}

static bool count_answered(const struct burst_batch *batch, void *context)
{
	assert_true(batch->embryos >= 1 && batch->cuts >= batch->embryos);
	*(int *)context += batch->state == BATCH_ANSWERED;
	return true;
}

static void assert_same_tracks(struct store *store, struct store *other, int64_t embryo)
{
	OWN(track_done) struct track track = {0}, same = {0};
	must(tracks_load(store, embryo, &track, &err));
	must(tracks_load(other, embryo, &same, &err));
	assert_int_equal(track.count, same.count);
	for (size_t i = 0; i < track.count; i++) {
		assert_true(track.points[i].read && same.points[i].read);
		assert_memory_equal(&track.points[i].reading, &same.points[i].reading, sizeof track.points[i].reading);
		assert_int_equal(track.points[i].motion, same.points[i].motion);
		assert_int_equal(track.points[i].radius_permille, same.points[i].radius_permille);
	}
}

static void what_the_cloud_reads_is_the_same(void **state)
{
	enum { EMBRYOS = 12 };
	char home_folder[128], folder[128], cloud[160];
	path_join(home_folder, sizeof home_folder, *state, "home");
	path_join(folder, sizeof folder, *state, "cloud");
	int64_t dish, embryos[EMBRYOS];
	int answered = 0;
	OWN(store_close) struct store *home = make_store(home_folder, &dish);
	OWN(store_close) struct store *store = make_store(folder, &dish);
	make_late(store, dish);
	for (int i = 0; i < EMBRYOS; i++) {
		embryos[i] = add_embryo(home, dish, i + 1, 0);
		add_embryo(store, dish, i + 1, 0);
	}
	struct work_options options = options_of(home_folder, DAYBREAK_BIN_DIR "/daybreak-reader");
	must(work_run_all(&options, NULL, NULL, &err));
	struct region *region = region_start(folder, 1, 3);
	snprintf(cloud, sizeof cloud, "%s/cloud.json", folder);
	options.store_folder = folder;
	options.cloud = cloud;
	options.sync_socket = region->socket;
	options.reader_program = DAYBREAK_BIN_DIR "/crawling-reader";
	options.lanes = 1;
	must(work_run_all(&options, NULL, NULL, &err));
	must(bursts_batches_each(store, 1000, count_answered, &answered, &err));
	assert_true(answered > 0);
	for (int i = 0; i < EMBRYOS; i++) {
		OWN(buf_done) struct buf text = BUF_INIT(1 << 22);
		bool found;
		assert_same_tracks(home, store, embryos[i]);
		must(evaluations_get(store, embryos[i], &text, NULL, &found, &err));
		assert_true(found);
	}
	OWN(buf_done) struct buf plan = BUF_INIT(BURST_PLAN_MAX);
	bool found;
	must(bursts_plan_get(store, &plan, &found, &err));
	assert_true(found);
	region_stop(region);
}

/* The model is of a signer that nobody trusts any more. */
static void distrust(const char *folder)
{
	char path[LIMIT_PATH];
	snprintf(path, sizeof path, "%s/models/box.pem", folder);
	assert_int_equal(unlink(path), 0);
}

static void without_a_model_only_reading_waits(void **state)
{
	char folder[128];
	path_join(folder, sizeof folder, *state, "untrusted");
	int64_t dish;
	OWN(store_close) struct store *store = make_store(folder, &dish);
	const struct work_options options = options_of(folder, DAYBREAK_BIN_DIR "/daybreak-reader");
	int64_t embryo = add_embryo(store, dish, 1, 0);
	must(work_run_all(&options, NULL, NULL, &err));
	distrust(folder);
	int64_t waiting = add_embryo(store, dish, 2, 0);
	must(embryos_refresh(store, dish, &err));
	OWN(work_stop) struct work *work = NULL;
	struct work_status status = {0};
	struct job_counts counts = {0};
	must(work_start(&options, &work, &err));
	for (int i = 0; i < 400 && (counts.pending != 1 || counts.running || !status.problem[0]); i++) {
		clock_sleep_ms(25);
		must(jobs_count(store, &counts, &err));
		work_status(work, &status);
	}
	assert_true(counts.pending == 1 && counts.reads == 1 && counts.failed == 0);
	assert_non_null(strstr(status.problem, "made-1"));
	assert_int_equal(runs_read(store, embryo), RUNS);
	assert_int_equal(runs_read(store, waiting), 0);
	must_fail(work_run_all(&options, NULL, NULL, &err), ERR_CRYPTO);
	must_fail(work_reread(&options, &(int64_t){0}, &err), ERR_CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_pending_is_done),
	    cmocka_unit_test(a_poisoned_frame_costs_itself_only),
	    cmocka_unit_test(stopping_in_the_middle_loses_nothing),
	    cmocka_unit_test(a_missing_reader_is_said),
	    cmocka_unit_test(a_reader_that_cannot_start_again_blames_no_picture),
	    cmocka_unit_test(another_model_reads_again_when_asked),
	    cmocka_unit_test(a_running_box_takes_up_another_model),
	    cmocka_unit_test(what_the_cloud_reads_is_the_same),
	    cmocka_unit_test(without_a_model_only_reading_waits),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
