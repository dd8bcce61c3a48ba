#include "models/samples.h"

#include "base/image.h"
#include "base/limits.h"
#include "reading/cut.h"
#include "simulator/simulate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum {
	PLANE = CUT_SIDE * CUT_SIDE,
	SEED = 20000,
	FRAME_SIDE = 400,
};

void samples_done(struct samples *samples)
{
	free(samples->pixels);
	*samples = (struct samples){0};
}

const uint8_t *samples_at(const struct samples *samples, size_t number)
{
	return samples->pixels + number * (size_t)samples->planes * PLANE;
}

static bool make_room(struct samples *samples, int planes, size_t count, struct err *err)
{
	*samples = (struct samples){.planes = planes, .pixels = calloc(count, (size_t)planes * PLANE)};
	return samples->pixels || err_set(err, ERR_NO_MEMORY, "loading %zu cuts", count);
}

static bool read_at(int fd, int64_t at, uint8_t *to, size_t size)
{
	while (size) {
		ssize_t got = pread(fd, to, size, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		to += got;
		at += got;
		size -= (size_t)got;
	}
	return true;
}

bool samples_load(const char *path, int planes, struct samples *ret_samples, struct err *err)
{
	OWN(samples_done) struct samples samples = {0};
	struct stat status;
	int64_t size = (int64_t)planes * PLANE;
	OWN(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		return err_errno(err, "opening %s", path);
	if (!S_ISREG(status.st_mode) || status.st_size == 0 || status.st_size % size)
		return err_set(err, ERR_BAD_INPUT, "%s is not a file of cuts of %d x %d x %d bytes", path,
		    planes, CUT_SIDE, CUT_SIDE);
	int64_t all = status.st_size / size, count = all < SAMPLES_MAX ? all : SAMPLES_MAX;
	if (!make_room(&samples, planes, (size_t)count, err))
		return false;
	for (int64_t i = 0; i < count; i++)
		if (!read_at(fd, i * all / count * size, samples.pixels + i * size, (size_t)size))
			return err_errno(err, "reading %s", path);
	samples.count = (size_t)count;
	*ret_samples = samples;
	samples = (struct samples){0};
	return true;
}

/* One moment in focus and a little out of it, as an instrument exports it. */
static bool render(
    const struct simulate_scene *scene, int planes, struct cut_result *ret_result, struct err *err)
{
	struct cut_plane given[CUT_PLANES_MAX];
	struct buf files[CUT_PLANES_MAX] = {{0}};
	bool ok = true;
	for (int i = 0; i < planes && ok; i++) {
		struct simulate_scene at = *scene;
		struct film_truth truth;
		OWN(image_free) struct image *image = NULL;
		at.focal_um += i == 0 ? 0 : i == 1 ? 15 : -15;
		files[i].max = LIMIT_FRAME_BYTES;
		ok = simulate_frame(&at, &image, &truth, err) && image_encode_jpeg(image, 90, &files[i], err);
		given[i] = (struct cut_plane){at.focal_um, files[i].data, files[i].size};
	}
	ok = ok && cut_make(given, (size_t)planes, ret_result, err);
	for (int i = 0; i < planes; i++)
		buf_done(&files[i]);
	return ok;
}

bool samples_render(int planes, int moments, struct samples *ret_samples, struct err *err)
{
	OWN(samples_done) struct samples samples = {0};
	OWN(free) struct cut_result *result = malloc(sizeof *result);
	if (!result || !make_room(&samples, planes, (size_t)((STAGE_COUNT - 1) * moments), err))
		return err_set(err, ERR_NO_MEMORY, "rendering cuts");
	for (int i = 0; i < (STAGE_COUNT - 1) * moments; i++) {
		const struct simulate_scene scene = {.seed = SEED + (uint64_t)i,
		    .stage = (enum stage)(1 + i / moments),
		    .share = (i % moments + 0.5) / moments,
		    .side = FRAME_SIDE,
		    .lens = i % 3 == 2 ? LENS_BRIGHTFIELD : LENS_HOFFMAN};
		if (!render(&scene, planes, result, err))
			return err_add(err, "rendering cuts");
		if (!result->made)
			continue;
		uint8_t *to = samples.pixels + samples.count++ * (size_t)planes * PLANE;
		for (int plane = 0; plane < planes; plane++)
			memcpy(to + (size_t)plane * PLANE,
			    result->cut.pixels[plane < result->cut.planes ? plane : 0], PLANE);
	}
	if (!samples.count)
		return err_set(err, ERR_INTERNAL, "no cut could be rendered");
	*ret_samples = samples;
	samples = (struct samples){0};
	return true;
}
