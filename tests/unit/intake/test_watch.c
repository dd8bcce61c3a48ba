#include "unit/intake/exports.h"

#include "base/clock.h"
#include "intake/watch.h"

#include <pthread.h>

enum { SETTLE_MS = 60, PATIENCE_MS = 20000 };

/* What the watch has told; its thread writes, the test reads. */
static struct {
	pthread_mutex_t lock;
	int count;
	char names[16][64];
	int64_t sizes[16];
	char known[64]; /* a name that was taken before */
} told = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool is_known(const char *path, const char *name, void *context)
{
	(void)path;
	(void)context;
	pthread_mutex_lock(&told.lock);
	bool known = strcmp(told.known, name) == 0;
	pthread_mutex_unlock(&told.lock);
	return known;
}

static void ready(const char *path, const char *name, void *context)
{
	(void)context;
	struct stat status;
	pthread_mutex_lock(&told.lock);
	assert_true(told.count < 16);
	snprintf(told.names[told.count], sizeof told.names[0], "%s", name);
	told.sizes[told.count++] = stat(path, &status) == 0 ? status.st_size : -1;
	pthread_mutex_unlock(&told.lock);
}

static int told_count(void)
{
	pthread_mutex_lock(&told.lock);
	int count = told.count;
	pthread_mutex_unlock(&told.lock);
	return count;
}

static bool wait_for(int count)
{
	for (int waited = 0; waited < PATIENCE_MS && told_count() < count; waited += 10)
		clock_sleep_ms(10);
	return told_count() == count;
}

static struct watch *start(void **state, char *folder, const char *known)
{
	struct watch *watch;
	path_in(folder, *state, "watched");
	told.count = 0;
	snprintf(told.known, sizeof told.known, "%s", known);
	const struct watch_options options = {.folder = folder, .settle_ms = SETTLE_MS, .known = is_known, .ready = ready};
	must(watch_start(&options, &watch, &err));
	return watch;
}

static void files_and_names_to_ignore(void **state)
{
	char folder[LIMIT_PATH], from[LIMIT_PATH], to[LIMIT_PATH];
	struct watch *watch = start(state, folder, "");
	put_text(folder, ".hidden", "x");
	put_text(folder, "a.pdb.part", "x");
	put_text(folder, "b.tmp", "x");
	put_text(folder, "c.pdb", "whole");
	assert_true(wait_for(1));
	assert_string_equal(told.names[0], "c.pdb");
	/* The copy is done: it gets its name. */
	path_in(from, folder, "a.pdb.part");
	path_in(to, folder, "a.pdb");
	assert_int_equal(rename(from, to), 0);
	assert_true(wait_for(2));
	assert_string_equal(told.names[1], "a.pdb");
	/* A longer version of the same export. */
	put_text(folder, "c.pdb", "whole and longer");
	assert_true(wait_for(3));
	assert_string_equal(told.names[2], "c.pdb");
	watch_stop(watch);
	assert_int_equal(told.count, 3);
}

/* A file that grows is told once, when it has stopped growing. */
static void a_slow_writer(void **state)
{
	char folder[LIMIT_PATH], path[LIMIT_PATH];
	struct watch *watch = start(state, folder, "");
	must(folder_remove(folder, &err));
	must(folder_make(folder, &err));
	watch_stop(watch);
	watch = start(state, folder, "");
	path_in(path, folder, "slow.pdb");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(write(fd, "0123456789", 10), 10);
		clock_sleep_ms(SETTLE_MS / 6);
	}
	close(fd);
	assert_true(wait_for(1));
	watch_stop(watch);
	assert_int_equal(told.sizes[told.count - 1], 200);
}

static void a_folder_settles_as_a_whole(void **state)
{
	char folder[LIMIT_PATH], name[64];
	struct watch *watch = start(state, folder, "slow.pdb");
	char empty[LIMIT_PATH];
	path_in(empty, folder, "AA1-1");
	must(folder_make(empty, &err));
	clock_sleep_ms(3 * SETTLE_MS); /* made, but not filled yet: nothing to tell */
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof name, "AA1-1/F0/%d.jpg", i);
		put_text(folder, name, "x");
		clock_sleep_ms(SETTLE_MS / 6);
	}
	assert_true(wait_for(1));
	assert_string_equal(told.names[0], "AA1-1");
	watch_stop(watch);
}

/* What was there before the start is found; what is known is not told again. */
static void a_restart(void **state)
{
	char folder[LIMIT_PATH];
	struct watch *watch = start(state, folder, "slow.pdb");
	assert_true(wait_for(1));
	assert_string_equal(told.names[0], "AA1-1");
	clock_sleep_ms(3 * SETTLE_MS);
	assert_int_equal(told_count(), 1);
	int64_t before_us = clock_monotonic_us();
	watch_stop(watch);
	assert_true(clock_monotonic_us() - before_us < 2000000);
}

static void refused(void **state)
{
	(void)state;
	struct watch *watch;
	const struct watch_options options = {.folder = "/proc/nothing", .settle_ms = 100, .known = is_known, .ready = ready};
	must(watch_start(&options, &watch, &err));
	assert_non_null(strstr(watch_problem(watch), "/proc/nothing"));
	watch_stop(watch);
	const struct watch_options hasty = {.folder = "/tmp", .settle_ms = -1, .known = is_known, .ready = ready};
	must_fail(watch_start(&hasty, &watch, &err), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_and_names_to_ignore),
	    cmocka_unit_test(a_slow_writer),
	    cmocka_unit_test(a_folder_settles_as_a_whole),
	    cmocka_unit_test(a_restart),
	    cmocka_unit_test(refused),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
