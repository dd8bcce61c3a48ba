/* rooms: store */
/* A child adds frames without a pause and tells each acknowledgement through a pipe; the parent kills it at
 * a random moment, many times. Afterwards every acknowledged frame is there, none twice, and the store is
 * whole.
 *
 * crash_store [kills [seed]] */
#include "base/file.h"
#include "base/limits.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/frames.h"
#include "store/store.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PICTURE_SIZE = 20000, PLANES = 3, RUNS_PER_CALL_MAX = 6 };

static struct err err;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, err.detail);
	_exit(2);
}

static void picture_of(uint8_t picture[PICTURE_SIZE], int64_t embryo, int run, int focal)
{
	uint32_t x = (uint32_t)(run * 31 + focal) + (uint32_t)embryo * 7919;
	for (int i = 0; i < PICTURE_SIZE; i++) {
		x = x * 1664525 + 1013904223;
		picture[i] = (uint8_t)(x >> 24);
	}
}

/* Adds all planes of `runs` runs in one call. */
static void add_runs(struct store *store, int64_t dish, int64_t embryo, int first, int runs)
{
	static uint8_t pictures[RUNS_PER_CALL_MAX * PLANES][PICTURE_SIZE];
	struct frame_new frames[RUNS_PER_CALL_MAX * PLANES] = {0};
	enum frame_outcome outcomes[RUNS_PER_CALL_MAX * PLANES];
	int count = runs * PLANES;
	for (int i = 0; i < count; i++) {
		int run = first + i / PLANES, focal = 15 * (i % PLANES);
		picture_of(pictures[i], embryo, run, focal);
		frames[i] = (struct frame_new){
		    embryo, run, focal, 600 * run, 500, 500, pictures[i], PICTURE_SIZE};
	}
	must(frames_add(store, dish, frames, (size_t)count, outcomes, &err), "adding frames");
	for (int i = 0; i < count; i++)
		must(outcomes[i] != FRAME_CONFLICT, "a frame that was kept differs");
}

/* Until it is killed. */
static void child_main(const char *folder, int64_t dish, int64_t embryo, int from, int to_parent)
{
	struct store *store = NULL;
	must(store_open(folder, &store, &err), "opening after a kill");
	for (int run = from;;) {
		int runs = 1 + run % RUNS_PER_CALL_MAX;
		add_runs(store, dish, embryo, run, runs);
		run += runs;
		must(write(to_parent, &run, sizeof run) == sizeof run, "telling");
	}
}

/* The first run that is not acknowledged. */
static int one_kill(const char *folder, int64_t dish, int64_t embryo, int from)
{
	int pipes[2], told, acknowledged = from;
	must(pipe(pipes) == 0, "pipe");
	pid_t child = fork();
	if (child == 0) {
		close(pipes[0]);
		child_main(folder, dish, embryo, from, pipes[1]);
	}
	close(pipes[1]);
	nanosleep(&(struct timespec){.tv_nsec = rand() % 200000000}, NULL);
	kill(child, SIGKILL);
	while (read(pipes[0], &told, sizeof told) == sizeof told)
		acknowledged = told;
	close(pipes[0]);
	int status;
	waitpid(child, &status, 0);
	must(WIFSIGNALED(status), "the child ended by itself");
	return acknowledged;
}

static void print_problem(const char *text, void *context)
{
	(void)context;
	fprintf(stderr, "problem: %s\n", text);
}

static void check(struct store *store, int64_t embryo, int acknowledged)
{
	static uint8_t picture[PICTURE_SIZE];
	OWN(buf_done) struct buf got = BUF_INIT(PICTURE_SIZE);
	struct store_report report;
	for (int i = 0; i < acknowledged * PLANES; i++) {
		int run = i / PLANES, focal = 15 * (i % PLANES);
		picture_of(picture, embryo, run, focal);
		buf_clear(&got);
		must(frames_read(store, embryo, run, focal, &got, NULL, &err), "an acknowledged frame");
		must(got.size == PICTURE_SIZE && memcmp(got.data, picture, PICTURE_SIZE) == 0,
		    "its content");
	}
	must(store_verify(store, true, print_problem, NULL, &report, &err), "verifying");
	printf("%d runs acknowledged, %lld frames kept, %lld problems\n", acknowledged,
	    (long long)report.frames, (long long)report.problems);
	must(
	    report.problems == 0 && report.frames >= acknowledged * PLANES && report.frames == report.blobs,
	    "the store is not whole");
}

int main(int argc, char **argv)
{
	int kills = argc > 1 ? atoi(argv[1]) : 100, acknowledged = 0;
	unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)time(NULL);
	char folder[] = "/tmp/daybreak-crash-XXXXXX";
	struct store *store = NULL;
	int64_t dish, embryo;
	srand(seed);
	printf("%d kills, seed %u\n", kills, seed);
	must(mkdtemp(folder) != NULL && store_create(folder, &err) && store_open(folder, &store, &err),
	    "creating");
	must(dishes_obtain(store, "S1", "test", 0, &dish, &err), "a dish");
	must(embryos_obtain(store, dish, 1, &embryo, &err), "an embryo");
	store_close(store);
	for (int i = 0; i < kills; i++)
		acknowledged = one_kill(folder, dish, embryo, acknowledged);
	must(store_open(folder, &store, &err), "opening");
	check(store, embryo, acknowledged);
	store_close(store);
	must(folder_remove(folder, &err), "cleaning up");
	return 0;
}
