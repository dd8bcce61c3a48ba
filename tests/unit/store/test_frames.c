/* Frames: each once, all or nothing, given back as they came. */
#include "unit/store/fixture.h"

#include "store/jobs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void each_is_kept_once(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	assert_int_equal(add_plane(f, dish, embryo, 3, 0), FRAME_ADDED);
	assert_int_equal(add_plane(f, dish, embryo, 3, 0), FRAME_KNOWN);
	assert_int_equal(add_plane(f, dish, embryo, 3, 15), FRAME_ADDED);
	uint8_t other[PICTURE_SIZE] = "another picture";
	struct frame_new frame = {embryo, 3, 0, TIME_UNKNOWN, 500, 500, other, sizeof other};
	enum frame_outcome outcome;
	OK(frames_add(f->store, dish, &frame, 1, &outcome, &f->err));
	assert_int_equal(outcome, FRAME_CONFLICT);
	assert_int_equal(count_of(f, "SELECT count(*) FROM frames"), 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM blobs"), 2);
	assert_int_equal(problems(f), 0);
}

static void they_come_back_as_they_came(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	uint8_t picture[PICTURE_SIZE];
	char etag[FRAME_ETAG_SIZE];
	OWN(buf_done) struct buf got = BUF_INIT(LIMIT_FRAME_BYTES);
	add_plane(f, dish, embryo, 3, -15);
	reopen(f);
	OK(frames_read(f->store, embryo, 3, -15, &got, etag, &f->err));
	picture_of(picture, embryo, 3, -15);
	assert_int_equal(got.size, sizeof picture);
	assert_memory_equal(got.data, picture, sizeof picture);
	assert_int_equal(strlen(etag), FRAME_ETAG_SIZE - 1);
	struct frame_found found;
	OK(frames_find(f->store, embryo, 3, -15, &found, &f->err));
	assert_true(found.found);
	assert_string_equal(found.etag, etag);
	assert_int_equal(found.frame.clock_s, 1000 + 1800);
	OK(frames_find(f->store, embryo, 4, -15, &found, &f->err));
	assert_false(found.found);
	FAILS(ERR_NOT_FOUND, frames_read(f->store, embryo, 4, -15, &got, NULL, &f->err));
}

static void the_disk_does_not_show_them(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf file = BUF_INIT(1 << 20);
	add_plane(f, dish, embryo, 3, 0);
	path_in(f, "blobs/1.frames", path);
	OK(file_read(path, &file, &f->err));
	assert_int_equal(file.size, PICTURE_SIZE + CRYPTO_SEAL_OVERHEAD);
	assert_null(memmem(file.data, file.size, "embryo", 6));
}

static void a_call_is_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), other_dish = a_dish(f, "S2");
	int64_t embryo = an_embryo(f, dish, 1), stranger = an_embryo(f, other_dish, 1);
	uint8_t picture[PICTURE_SIZE];
	picture_of(picture, embryo, 1, 0);
	struct frame_new frames[] = {
	    {embryo, 1, 0, 0, 500, 500, picture, sizeof picture},
	    {stranger, 1, 0, 0, 500, 500, picture, sizeof picture},
	};
	enum frame_outcome outcomes[2];
	FAILS(ERR_BAD_INPUT, frames_add(f->store, dish, frames, 2, outcomes, &f->err));
	frames[1] = (struct frame_new){embryo, 2, 0, 0, 500, 500, picture, 0};
	FAILS(ERR_TOO_LARGE, frames_add(f->store, dish, frames, 2, outcomes, &f->err));
	FAILS(ERR_BAD_INPUT, frames_add(f->store, dish, frames, 0, outcomes, &f->err));
	FAILS(ERR_NOT_FOUND, frames_add(f->store, 99, frames, 1, outcomes, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM frames"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs"), 0);
	assert_int_equal(problems(f), 0);
	/* The bytes that the failed calls left behind are written over. */
	assert_int_equal(add_plane(f, dish, embryo, 1, 0), FRAME_ADDED);
	assert_int_equal(count_of(f, "SELECT max(offset) FROM blobs"), 0);
	assert_int_equal(problems(f), 0);
}

/* One picture at two places is one blob; twice in one call it is there once. */
static void equal_pictures_share_their_bytes(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	uint8_t black[PICTURE_SIZE] = {0};
	const struct frame_new frames[] = {
	    {embryo, 1, 0, 0, 500, 500, black, sizeof black},
	    {embryo, 2, 0, 0, 500, 500, black, sizeof black},
	    {embryo, 1, 0, 0, 500, 500, black, sizeof black},
	};
	enum frame_outcome outcomes[3];
	OK(frames_add(f->store, dish, frames, 3, outcomes, &f->err));
	assert_int_equal(outcomes[0], FRAME_ADDED);
	assert_int_equal(outcomes[1], FRAME_ADDED);
	assert_int_equal(outcomes[2], FRAME_KNOWN);
	assert_int_equal(count_of(f, "SELECT count(*) FROM blobs"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM frames"), 2);
	assert_int_equal(problems(f), 0);
}

struct listed {
	int runs[16], focals[16], count;
};

static bool list(const struct frame *frame, void *context)
{
	struct listed *listed = context;
	listed->runs[listed->count] = frame->run;
	listed->focals[listed->count++] = frame->focal_um;
	return listed->count < 3;
}

static void they_are_listed_by_run_and_plane(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	struct listed listed = {0};
	const int places[][2] = {{10, 15}, {9, 0}, {10, -15}, {2, 0}, {10, 0}};
	for (int i = 0; i < 5; i++)
		add_plane(f, dish, embryo, places[i][0], places[i][1]);
	OK(frames_each(f->store, embryo, 3, list, &listed, &f->err));
	assert_int_equal(listed.count, 3);
	assert_int_equal(listed.runs[0], 9);
	assert_int_equal(listed.runs[1], 10);
	assert_int_equal(listed.focals[1], -15);
	assert_int_equal(listed.focals[2], 0);
	struct frame_found found;
	OK(frames_latest(f->store, embryo, &found, &f->err));
	assert_true(found.found);
	assert_int_equal(found.frame.run, 10);
	assert_int_equal(found.frame.focal_um, 0);
	int runs[2];
	size_t count;
	OK(frames_runs_unread(f->store, embryo, runs, 2, &count, &f->err));
	assert_int_equal(count, 2);
	assert_int_equal(runs[0], 2);
	assert_int_equal(runs[1], 9);
	struct dish_progress progress;
	OK(dishes_progress(f->store, dish, &progress, &f->err));
	assert_int_equal(progress.runs_total, 3);
	assert_int_equal(progress.runs_read, 0);
}

static void new_frames_queue_the_reading(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	struct job job;
	struct job_counts counts;
	bool found;
	add_plane(f, dish, embryo, 1, 0);
	OK(jobs_take(f->store, 60, JOBS_ALL, &job, &found, &f->err));
	assert_true(found && job.kind == JOB_READ && job.subject == embryo);
	add_plane(f, dish, embryo, 2, 0);
	OK(jobs_done(f->store, &job, &f->err));
	OK(jobs_count(f->store, &counts, &f->err));
	assert_int_equal(counts.pending, 1); /* read once more; evaluated when all is read */
	/* What was known already is no news. */
	OK(db_exec(f->store->db, "DELETE FROM jobs", &f->err));
	add_plane(f, dish, embryo, 2, 0);
	OK(jobs_count(f->store, &counts, &f->err));
	assert_int_equal(counts.pending, 0);
}

static void change_byte(struct fixture *f, const char *name, long at)
{
	char path[LIMIT_PATH];
	path_in(f, name, path);
	FILE *file = fopen(path, "r+b");
	assert_non_null(file);
	fseek(file, at, SEEK_SET);
	int byte = fgetc(file);
	fseek(file, at, SEEK_SET);
	fputc(byte ^ 1, file);
	fclose(file);
}

static void a_flipped_bit_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	OWN(buf_done) struct buf got = BUF_INIT(LIMIT_FRAME_BYTES);
	add_plane(f, dish, embryo, 1, 0);
	add_plane(f, dish, embryo, 2, 0);
	change_byte(f, "blobs/1.frames", 500);
	FAILS(ERR_CRYPTO, frames_read(f->store, embryo, 1, 0, &got, NULL, &f->err));
	assert_int_equal(got.size, 0);
	OK(frames_read(f->store, embryo, 2, 0, &got, NULL, &f->err));
	assert_int_equal(problems(f), 1);
}

static void a_shortened_file_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf got = BUF_INIT(LIMIT_FRAME_BYTES);
	add_plane(f, dish, embryo, 1, 0);
	add_plane(f, dish, embryo, 2, 0);
	path_in(f, "blobs/1.frames", path);
	assert_int_equal(truncate(path, PICTURE_SIZE + CRYPTO_SEAL_OVERHEAD + 10), 0);
	OK(frames_read(f->store, embryo, 1, 0, &got, NULL, &f->err));
	FAILS(ERR_DAMAGED, frames_read(f->store, embryo, 2, 0, &got, NULL, &f->err));
	/* The file's end, and the picture that was there. */
	assert_int_equal(problems(f), 2);
	/* Nothing more goes into a damaged file; another dish is not touched by it. */
	uint8_t picture[PICTURE_SIZE] = "more";
	struct frame_new frame = {embryo, 3, 0, 0, 500, 500, picture, sizeof picture};
	enum frame_outcome outcome;
	FAILS(ERR_DAMAGED, frames_add(f->store, dish, &frame, 1, &outcome, &f->err));
	int64_t other = a_dish(f, "S2");
	add_plane(f, other, an_embryo(f, other, 1), 1, 0);
	assert_int_equal(unlink(path), 0);
	FAILS(ERR_IO, frames_add(f->store, dish, &frame, 1, &outcome, &f->err));
}

/* A disk that is full: the call fails, nothing is half there, and with room again all goes on. */
static void a_full_disk_loses_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	static uint8_t large[1 << 20];
	struct frame_new frame = {embryo, 7, 0, 0, 500, 500, large, sizeof large};
	enum frame_outcome outcome;
	add_plane(f, dish, embryo, 1, 0);
	struct rlimit was, tight;
	getrlimit(RLIMIT_FSIZE, &was);
	tight = (struct rlimit){sizeof large / 2, was.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &tight);
	bool added = frames_add(f->store, dish, &frame, 1, &outcome, &f->err);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_false(added);
	assert_int_equal(f->err.code, ERR_IO);
	assert_int_equal(count_of(f, "SELECT count(*) FROM frames"), 1);
	assert_int_equal(problems(f), 0);
	OK(frames_add(f->store, dish, &frame, 1, &outcome, &f->err));
	assert_int_equal(problems(f), 0);
}

/* The same when it is the database that finds no room. */
static void a_full_disk_under_the_database_loses_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	uint8_t picture[PICTURE_SIZE];
	picture_of(picture, embryo, 1, 0);
	struct frame_new frame = {embryo, 1, 0, 0, 500, 500, picture, sizeof picture};
	enum frame_outcome outcome;
	struct rlimit was, tight;
	getrlimit(RLIMIT_FSIZE, &was);
	tight = (struct rlimit){2 * PICTURE_SIZE, was.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &tight);
	bool added = frames_add(f->store, dish, &frame, 1, &outcome, &f->err);
	bool again = frames_add(f->store, dish, &frame, 1, &outcome, &f->err);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_false(added || again);
	assert_int_equal(f->err.code, ERR_DATABASE);
	assert_int_equal(count_of(f, "SELECT count(*) FROM frames"), 0);
	OK(frames_add(f->store, dish, &frame, 1, &outcome, &f->err));
	assert_int_equal(outcome, FRAME_ADDED);
	assert_int_equal(problems(f), 0);
}

/* What a crash leaves beyond the committed end is garbage of any length, and harmless. */
static void bytes_beyond_the_end_are_written_over(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	char path[LIMIT_PATH], garbage[5000];
	memset(garbage, 'g', sizeof garbage);
	path_in(f, "blobs/1.frames", path);
	for (int run = 1; run <= 5; run++) {
		add_plane(f, dish, embryo, run, 0);
		FILE *file = fopen(path, "ab");
		assert_int_equal(fwrite(garbage, 1, 1000 * (size_t)run, file), 1000 * (size_t)run);
		fclose(file);
		assert_int_equal(problems(f), 0);
	}
}

/* Two processes add to one dish at once, some of it the same. */
static void two_processes_write_at_once(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	enum { RUNS = 60 };
	store_close(TAKE(f->store));
	for (int child = 0; child < 2; child++) {
		if (fork() != 0)
			continue;
		if (!store_open(f->folder, &f->store, &f->err))
			_exit(1);
		for (int run = 0; run < RUNS; run++)
			add_plane(f, dish, embryo, child == 0 ? run : RUNS + RUNS / 2 - run, 0);
		store_close(f->store);
		_exit(0);
	}
	for (int child = 0, status; child < 2; child++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	OK(store_open(f->folder, &f->store, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM frames"), RUNS + RUNS / 2 + 1);
	assert_int_equal(problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_is_kept_once),
	    TEST(they_come_back_as_they_came),
	    TEST(the_disk_does_not_show_them),
	    TEST(a_call_is_all_or_nothing),
	    TEST(equal_pictures_share_their_bytes),
	    TEST(they_are_listed_by_run_and_plane),
	    TEST(new_frames_queue_the_reading),
	    TEST(a_flipped_bit_is_told),
	    TEST(a_shortened_file_is_told),
	    TEST(a_full_disk_loses_nothing),
	    TEST(a_full_disk_under_the_database_loses_nothing),
	    TEST(bytes_beyond_the_end_are_written_over),
	    TEST(two_processes_write_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
