/* rooms: simulator reading
 * From encoded frames to a reading, as a ratio to libjpeg-turbo merely decoding the same frames at full
 * size, in the same run: rendered stacks of 7 planes and single frames, and the same of real ones where the
 * shared data is at hand; or the frames named on the command line, taken as the planes of one time point.
 *
 * The network has our own's shape and random weights: its cost does not depend on them. */
#include "../unit/reading/networks.h"
#include "base/file.h"
#include "base/image.h"
#include "base/limits.h"
#include "reading/cut.h"
#include "reading/read.h"
#include "simulator/simulate.h"

#include <glob.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { ROUNDS = 20, POINTS_MAX = 70, STACK = 7, SIDE = 500, QUALITY = 85 };

struct point {
	struct cut_plane planes[LIMIT_PLANES];
	size_t count;
};

struct set {
	const char *name;
	struct point points[POINTS_MAX];
	int count;
};

static struct network_ready made;
static struct cut_result result;
static struct err err;

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void decode(const struct point *point)
{
	for (size_t i = 0; i < point->count; i++) {
		OWN(image_free) struct image *image = NULL;
		image_decode(point->planes[i].data, point->planes[i].size, &image, NULL);
	}
}

static void cut(const struct point *point)
{
	if (!cut_make(point->planes, point->count, &result, &err))
		fprintf(stderr, "bench_cut: %s\n", err.detail);
}

static void cut_and_read(const struct point *point)
{
	struct reading reading;
	cut(point);
	if (result.made)
		read_cut(made.network, made.scratch, &result.cut, &reading);
}

/* Least processor time of the rounds: what the machine does beside this does not count. */
static double time_best(void (*work)(const struct point *), const struct point *point)
{
	double best = 1e9;
	for (int round = 0; round < ROUNDS; round++) {
		double begin = seconds();
		work(point);
		double taken = seconds() - begin;
		best = taken < best ? taken : best;
	}
	return best;
}

/* The bytes stay in memory until the program ends. */
static void plane_add(struct point *point, int focal_um, struct buf bytes)
{
	if (point->count < LIMIT_PLANES)
		point->planes[point->count++] = (struct cut_plane){focal_um, bytes.data, bytes.size};
}

static bool plane_load(const char *path, int focal_um, struct point *point)
{
	struct buf bytes = BUF_INIT(LIMIT_FRAME_BYTES);
	if (!file_read(path, &bytes, &err))
		return false;
	plane_add(point, focal_um, bytes);
	return true;
}

/* A point for every frame that the pattern finds, or every step-th of them. */
static void load_singles(struct set *set, const char *pattern, size_t step)
{
	char path[LIMIT_PATH];
	glob_t files;
	const char *data = getenv("DAYBREAK_DATA");
	snprintf(path, sizeof path, "%s/%s", data ? data : DAYBREAK_SOURCE_DIR "/../shared/data", pattern);
	if (glob(path, 0, NULL, &files) != 0)
		return;
	for (size_t i = 0; i < files.gl_pathc && set->count < POINTS_MAX; i += step)
		set->count += plane_load(files.gl_pathv[i], 0, &set->points[set->count]);
	globfree(&files);
}

/* File names are <embryo>_<focal plane>_<grade>.jpg: in sorted order the planes of an embryo lie together.
 */
static void load_stacks(struct set *set)
{
	static struct set singles;
	load_singles(&singles, "stork/*_*_*.jpg", 1);
	for (int i = 0; i + STACK <= singles.count; i += STACK, set->count++)
		for (int plane = 0; plane < STACK; plane++)
			plane_add(&set->points[set->count], 15 * (plane - STACK / 2),
			    (struct buf){
			        .data = (uint8_t *)(uintptr_t)singles.points[i + plane].planes[0].data,
			        .size = singles.points[i + plane].planes[0].size});
}

static void render(struct set *set, int planes)
{
	static const enum stage stages[] = {STAGE_PNA, STAGE_2, STAGE_4, STAGE_8, STAGE_M, STAGE_B};
	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
		for (int plane = 0; plane < planes; plane++) {
			OWN(image_free) struct image *image = NULL;
			struct buf bytes = BUF_INIT(LIMIT_FRAME_BYTES);
			struct film_truth truth;
			int focal_um = 15 * (plane - planes / 2);
			const struct simulate_scene scene = {.seed = i + 1,
			    .stage = stages[i],
			    .share = 0.5,
			    .focal_um = focal_um,
			    .side = SIDE};
			if (!simulate_frame(&scene, &image, &truth, &err) ||
			    !image_encode_jpeg(image, QUALITY, &bytes, &err)) {
				fprintf(stderr, "bench_cut: %s\n", err.detail);
				exit(1);
			}
			plane_add(&set->points[set->count], focal_um, bytes);
		}
		set->count++;
	}
}

static void bench(const struct set *set)
{
	double decoding = 0, cutting = 0, all = 0;
	if (set->count == 0) {
		printf("%-26s not here\n", set->name);
		return;
	}
	for (int i = 0; i < set->count; i++) {
		decoding += time_best(decode, &set->points[i]) / set->count;
		cutting += time_best(cut, &set->points[i]) / set->count;
		all += time_best(cut_and_read, &set->points[i]) / set->count;
	}
	printf("%-26s %2d time points of %zu: decoding %.2f ms, cut %.2f, cut and read %.2f; ratio %.2f\n",
	    set->name, set->count, set->points[0].count, decoding * 1e3, cutting * 1e3, all * 1e3,
	    all / decoding);
}

int main(int argc, char **argv)
{
	static struct set given = {.name = "frames given"}, stacks = {.name = "rendered stacks"},
	                  singles = {.name = "rendered frames"}, stork = {.name = "stork stacks"},
	                  nantes = {.name = "AA83-7 frames"}, marks = {.name = "timelapse-marks frames"};
	struct rusage usage;
	/* As daybreak-reader does: memory given back to the kernel is memory it clears again for the next
	 * frame. */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	network_make(1, false, &made);
	for (int i = 1; i < argc; i++)
		given.count = plane_load(argv[i], (i - 1) * 15, &given.points[0]) ? 1 : given.count;
	if (argc > 1) {
		bench(&given);
		return given.count == 0;
	}
	render(&stacks, STACK);
	render(&singles, 1);
	load_stacks(&stork);
	load_singles(&nantes, "nantes/AA83-7/*.jpeg", 9);
	load_singles(&marks, "timelapse-marks/frames/*.jpg", 29);
	const struct set *const sets[] = {&stacks, &singles, &stork, &nantes, &marks};
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		bench(sets[i]);
	getrusage(RUSAGE_SELF, &usage);
	printf("%ld MiB at most\n", usage.ru_maxrss / 1024);
	return 0;
}
