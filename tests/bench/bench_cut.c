/* rooms: reading */
/* The rate of cutting as a ratio to libjpeg-turbo merely decoding the same frames, in the same
 * run: over the stork blastocysts of the shared data (10 time points of 7 planes), or over the
 * frames named on the command line, taken as the planes of one time point.
 */
#include "base/file.h"
#include "base/image.h"
#include "base/limits.h"
#include "reading/cut.h"

#include <glob.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { ROUNDS = 20, POINTS_MAX = 64 };

struct point {
	struct cut_plane planes[LIMIT_PLANES];
	size_t count;
};

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
	static struct cut_result result;
	struct err err;
	if (!cut_make(point->planes, point->count, &result, &err))
		fprintf(stderr, "bench_cut: %s\n", err.detail);
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

/* The file stays in memory until the program ends. */
static bool plane_load(const char *path, int focal_um, struct point *point)
{
	struct buf buf = BUF_INIT(LIMIT_FRAME_BYTES);
	struct err err;
	if (point->count == LIMIT_PLANES || !file_read(path, &buf, &err))
		return false;
	point->planes[point->count++] = (struct cut_plane){focal_um, buf.data, buf.size};
	return true;
}

/* File names are <embryo>_<focal plane>_<grade>.jpg: in sorted order the planes of an embryo lie
 * together. */
static int points_load_stork(struct point *points)
{
	const char *data = getenv("DAYBREAK_DATA");
	char pattern[LIMIT_PATH], embryo[64], last[64] = "";
	int focal_um, count = 0;
	glob_t files;
	snprintf(pattern, sizeof pattern, "%s/stork/*.jpg",
	    data ? data : DAYBREAK_SOURCE_DIR "/../shared/data");
	if (glob(pattern, 0, NULL, &files) != 0)
		return 0;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		if (sscanf(strrchr(files.gl_pathv[i], '/') + 1, "%63[^_]_%d_", embryo, &focal_um) != 2)
			continue;
		if (strcmp(embryo, last) != 0 && count == POINTS_MAX)
			break;
		if (strcmp(embryo, last) != 0)
			count++;
		memcpy(last, embryo, sizeof last);
		plane_load(files.gl_pathv[i], focal_um, &points[count - 1]);
	}
	globfree(&files);
	return count;
}

int main(int argc, char **argv)
{
	static struct point points[POINTS_MAX];
	/* As daybreak-reader does: memory given back to the kernel is memory it clears again for
	 * the next frame. */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	int count = 0;
	for (int i = 1; i < argc; i++)
		count = plane_load(argv[i], (i - 1) * 15, &points[0]) ? 1 : count;
	if (argc == 1)
		count = points_load_stork(points);
	if (count == 0) {
		printf("bench_cut: no frames\n");
		return 0;
	}
	double decoding = 0, cutting = 0;
	for (int i = 0; i < count; i++) {
		decoding += time_best(decode, &points[i]) / count;
		cutting += time_best(cut, &points[i]) / count;
	}
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("%d time points of %zu planes: decoding %.2f ms, cutting %.2f ms each, ratio %.2f; "
	       "%ld MiB at most\n",
	    count, points[0].count, decoding * 1e3, cutting * 1e3, cutting / decoding,
	    usage.ru_maxrss / 1024);
	return 0;
}
