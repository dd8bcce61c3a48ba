/* The client and the real daybreak-reader: batches, crashes, hangs, several at once, nothing
 * left behind. */
#include "unit/unit.h"

#include "base/clock.h"
#include "base/image.h"
#include "reading/reader.h"
#include "unit/reading/networks.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const char program[] = DAYBREAK_BIN_DIR "/daybreak-reader";
static struct err err;
static struct network_ready made;
static struct reader_model model = {-1, "made-1"};

/* As large as our own, so that a start costs what it will cost. */
static int make_network(void **state)
{
	(void)state;
	network_make(1, false, &made);
	model.fd = network_memory_file(1, false);
	return 0;
}

static int drop_network(void **state)
{
	(void)state;
	network_ready_done_owned(&made);
	return close(model.fd);
}

/* A textured disc in a bright well: enough of an embryo to be cut. */
static void draw(struct image *image, int shift)
{
	for (int y = 0; y < image->height; y++) {
		for (int x = 0; x < image->width; x++) {
			int dx = x - image->width / 2 - shift, dy = y - image->height / 2;
			int in = dx * dx + dy * dy < 70 * 70;
			image->pixels[y * image->width + x] = (uint8_t)(150 +
			                                                (in ? (x * 7 + y * 13) % 31 * 3 - 60
			                                                    : 0));
		}
	}
}

static void encode(int shift, struct buf *to)
{
	OWN(image_free) struct image *image = image_new(300, 300);
	draw(image, shift);
	must(image_encode_jpeg(image, 90, to, &err));
}

enum { POINTS = 5 };

struct batch {
	struct buf frames[POINTS];
	struct cut_plane planes[POINTS];
	struct reader_item items[POINTS];
	struct reader_answer answers[POINTS];
};

static struct batch *batch_new(void)
{
	struct batch *batch = calloc(1, sizeof *batch);
	for (int i = 0; i < POINTS; i++) {
		batch->frames[i] = (struct buf)BUF_INIT(1 << 20);
		encode(4 * i, &batch->frames[i]);
		batch->planes[i] = (struct cut_plane){15 * i, batch->frames[i].data, batch->frames[i].size};
		batch->items[i] = (struct reader_item){&batch->planes[i], 1};
	}
	return batch;
}

static void batch_free(struct batch *batch)
{
	for (int i = 0; i < POINTS; i++)
		buf_done(&batch->frames[i]);
	free(batch);
}
OWN_DEFINE(struct batch *, batch_free)

static void same_as_in_this_process(const struct batch *batch)
{
	OWN(free) struct cut_result *cut = malloc(sizeof *cut);
	for (int i = 0; i < POINTS; i++) {
		struct reading reading;
		must(cut_make(&batch->planes[i], 1, cut, &err));
		assert_true(batch->answers[i].ok);
		assert_int_equal(batch->answers[i].cut.made, cut->made);
		assert_int_equal(batch->answers[i].cut.width, 300);
		if (!cut->made)
			continue;
		read_cut(made.network, made.scratch, &cut->cut, &reading);
		assert_memory_equal(&batch->answers[i].reading, &reading, sizeof reading);
		assert_memory_equal(batch->answers[i].cut.cut.pixels[0], cut->cut.pixels[0],
		    sizeof cut->cut.pixels[0]);
	}
}

static void a_batch_gives_what_the_library_gives(void **state)
{
	(void)state;
	OWN(reader_stop) struct reader *reader = NULL;
	OWN(batch_free) struct batch *batch = batch_new();
	must(reader_start(program, &model, &reader, &err));
	must(reader_cut(reader, batch->items, POINTS, batch->answers, &err));
	same_as_in_this_process(batch);
}

/* Cut in one trip and read in another, it comes out as it does in one. */
static void cutting_and_reading_may_go_apart(void **state)
{
	(void)state;
	OWN(reader_stop) struct reader *reader = NULL;
	OWN(batch_free) struct batch *whole = batch_new();
	OWN(batch_free) struct batch *apart = batch_new();
	must(reader_start(program, &model, &reader, &err));
	whole->planes[1] = apart->planes[1] = (struct cut_plane){0, (const uint8_t *)"not a picture", 13};
	must(reader_cut(reader, whole->items, POINTS, whole->answers, &err));
	must(reader_crop(reader, apart->items, POINTS, apart->answers, &err));
	for (int i = 0; i < POINTS; i++) {
		struct reader_answer *one = &whole->answers[i], *other = &apart->answers[i];
		assert_int_equal(one->ok, other->ok);
		assert_int_equal(one->ok, i != 1);
		assert_int_equal(one->err.code, other->err.code);
		if (!one->ok)
			continue;
		assert_true(one->cut.made);
		assert_memory_equal(&one->cut.cut, &other->cut.cut, sizeof one->cut.cut);
		assert_true(one->cut.location.x == other->cut.location.x && one->cut.width == other->cut.width);
		must(reader_read(reader, &other->cut.cut, 1, &other->reading, &err));
		assert_memory_equal(&one->reading, &other->reading, sizeof one->reading);
	}
}

static void cuts_can_be_read_later(void **state)
{
	(void)state;
	OWN(reader_stop) struct reader *reader = NULL;
	OWN(free) struct cut *cuts = calloc(100, sizeof *cuts);
	struct reading readings[100], expected;
	must(reader_start(program, &model, &reader, &err));
	for (int i = 0; i < 100; i++) {
		cuts[i].planes = 1;
		for (int k = 0; k < CUT_SIDE * CUT_SIDE; k++)
			cuts[i].pixels[0][k] = (uint8_t)(k * (i + 1) >> 5);
	}
	must(reader_read(reader, cuts, 100, readings, &err));
	for (int i = 0; i < 100; i += 9) {
		read_cut(made.network, made.scratch, &cuts[i], &expected);
		assert_memory_equal(&readings[i], &expected, sizeof expected);
	}
}

static void a_bad_time_point_costs_only_itself(void **state)
{
	(void)state;
	OWN(reader_stop) struct reader *reader = NULL;
	OWN(batch_free) struct batch *batch = batch_new();
	must(reader_start(program, &model, &reader, &err));
	batch->planes[1] = (struct cut_plane){0, (const uint8_t *)"not a picture", 13};
	batch->planes[2].size = 0;
	batch->planes[3].size /= 2;
	pid_t before = reader_process(reader);
	must(reader_cut(reader, batch->items, POINTS, batch->answers, &err));
	assert_true(batch->answers[0].ok);
	for (int i = 1; i < 4; i++) {
		assert_false(batch->answers[i].ok);
		assert_true(batch->answers[i].err.detail[0] != 0);
	}
	assert_true(batch->answers[4].ok);
	assert_int_equal(reader_process(reader), before);
}

static bool is_gone(pid_t process)
{
	return kill(process, 0) != 0 && errno == ESRCH;
}

static void a_death_costs_one_batch(void **state)
{
	(void)state;
	OWN(reader_stop) struct reader *reader = NULL;
	OWN(batch_free) struct batch *batch = batch_new();
	must(reader_start(program, &model, &reader, &err));
	pid_t before = reader_process(reader);
	kill(before, SIGKILL);
	must_fail(reader_cut(reader, batch->items, POINTS, batch->answers, &err), ERR_UNAVAILABLE);
	assert_true(is_gone(before));
	assert_int_equal(reader_process(reader), 0);
	must(reader_cut(reader, batch->items, POINTS, batch->answers, &err));
	same_as_in_this_process(batch);
	assert_true(reader_process(reader) != before);
}

static void a_hang_ends_at_the_limit(void **state)
{
	(void)state;
	OWN(reader_stop) struct reader *reader = NULL;
	OWN(batch_free) struct batch *batch = batch_new();
	must(reader_start(program, &model, &reader, &err));
	pid_t before = reader_process(reader);
	reader_limit_time(reader, 200);
	kill(before, SIGSTOP);
	int64_t start_us = clock_monotonic_us();
	must_fail(reader_cut(reader, batch->items, POINTS, batch->answers, &err), ERR_UNAVAILABLE);
	assert_true(clock_monotonic_us() - start_us < 5000000);
	assert_true(is_gone(before));
	reader_limit_time(reader, 30000);
	must(reader_cut(reader, batch->items, POINTS, batch->answers, &err));
}

static void what_is_no_reader_is_refused(void **state)
{
	(void)state;
	struct reader *reader;
	must_fail(reader_start("/bin/true", &model, &reader, &err), ERR_UNAVAILABLE);
	must_fail(reader_start("/nowhere/daybreak-reader", &model, &reader, &err), ERR_UNAVAILABLE);
	/* Nothing is left to wait for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void what_is_no_network_is_refused(void **state)
{
	(void)state;
	struct reader *reader;
	struct reader_model wrong = {memfd_create("wrong", MFD_CLOEXEC), "wrong-1"};
	must_fail(reader_start(program, &wrong, &reader, &err), ERR_TOO_LARGE);
	assert_int_equal(write(wrong.fd, program, sizeof program), sizeof program);
	must_fail(reader_start(program, &wrong, &reader, &err), ERR_UNAVAILABLE);
	assert_non_null(strstr(err.detail, "wrong-1"));
	close(wrong.fd);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_reader_names_its_model(void **state)
{
	(void)state;
	OWN(reader_stop) struct reader *reader = NULL, *other = NULL;
	struct reader_model another = {network_memory_file(2, true), "made-2"};
	must(reader_start(program, &model, &reader, &err));
	must(reader_start(program, &another, &other, &err));
	close(another.fd);
	assert_string_equal(reader_label(other), "made-2");
	assert_memory_not_equal(reader_digest(reader), reader_digest(other), CRYPTO_DIGEST_SIZE);
}

static void *work(void *context)
{
	struct err mine;
	OWN(reader_stop) struct reader *reader = NULL;
	OWN(batch_free) struct batch *batch = batch_new();
	bool ok = reader_start(program, &model, &reader, &mine);
	for (int i = 0; ok && i < 3; i++)
		ok = reader_cut(reader, batch->items, POINTS, batch->answers, &mine);
	*(bool *)context = ok;
	return NULL;
}

static void several_readers_work_side_by_side(void **state)
{
	(void)state;
	pthread_t threads[4];
	bool ok[4];
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, &ok[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_true(ok[i]);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void starting_is_quick(void **state)
{
	(void)state;
	int64_t best_us = INT64_MAX;
	for (int i = 0; i < 5; i++) {
		OWN(reader_stop) struct reader *reader = NULL;
		int64_t start_us = clock_monotonic_us();
		must(reader_start(program, &model, &reader, &err));
		int64_t took_us = clock_monotonic_us() - start_us;
		best_us = took_us < best_us ? took_us : best_us;
	}
	print_message("cold start %.1f ms\n", (double)best_us / 1000);
#ifndef DAYBREAK_SANITIZED
	assert_true(best_us < 50000);
#endif
}

/* A run of AA83-7 as the store would hand it over: encoded frames, one plane each. */
enum { REAL_POINTS = 150 };

struct real {
	struct buf frames[REAL_POINTS];
	struct cut_plane planes[REAL_POINTS];
	struct reader_item items[REAL_POINTS];
	struct reader_answer answers[REAL_POINTS];
};

static bool load(struct real *real)
{
	const char *folder = getenv("DAYBREAK_DATA");
	char path[4096];
	for (int i = 0; i < REAL_POINTS; i++) {
		snprintf(path, sizeof path, "%s/nantes/AA83-7/D2013.01.28_S0717_I132_WELL7_RUN%d.jpeg",
		    folder ? folder : DAYBREAK_SOURCE_DIR "/../shared/data", i + 1);
		real->frames[i] = (struct buf)BUF_INIT(1 << 20);
		if (!file_exists(path))
			return false;
		must(file_read(path, &real->frames[i], &err));
		real->planes[i] = (struct cut_plane){0, real->frames[i].data, real->frames[i].size};
		real->items[i] = (struct reader_item){&real->planes[i], 1};
	}
	return true;
}

static void a_real_run_goes_through(void **state)
{
	(void)state;
	OWN(reader_stop) struct reader *reader = NULL;
	OWN(free) struct real *real = calloc(1, sizeof *real);
	if (!load(real)) {
		print_message("no nantes/AA83-7 here: skipped\n");
		skip();
	}
	must(reader_start(program, &model, &reader, &err));
	int64_t start_us = clock_monotonic_us();
	must(reader_cut(reader, real->items, REAL_POINTS, real->answers, &err));
	int64_t took_us = clock_monotonic_us() - start_us;
	print_message("%d frames cut and read in %.2f ms each\n", REAL_POINTS, (double)took_us / 1000 / REAL_POINTS);
	for (int i = 0; i < REAL_POINTS; i++) {
		assert_true(real->answers[i].ok && real->answers[i].cut.made);
		buf_done(&real->frames[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_batch_gives_what_the_library_gives),
	    cmocka_unit_test(cuts_can_be_read_later),
	    cmocka_unit_test(cutting_and_reading_may_go_apart),
	    cmocka_unit_test(a_bad_time_point_costs_only_itself),
	    cmocka_unit_test(a_death_costs_one_batch),
	    cmocka_unit_test(a_hang_ends_at_the_limit),
	    cmocka_unit_test(what_is_no_reader_is_refused),
	    cmocka_unit_test(what_is_no_network_is_refused),
	    cmocka_unit_test(a_reader_names_its_model),
	    cmocka_unit_test(several_readers_work_side_by_side),
	    cmocka_unit_test(starting_is_quick),
	    cmocka_unit_test(a_real_run_goes_through),
	};
	return cmocka_run_group_tests(tests, make_network, drop_network);
}
