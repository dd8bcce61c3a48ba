/* Frames for the tests of cutting: drawn ones, of whole numbers only, so that digests hold on
 * every machine; and the real ones, where they are at hand. */
#pragma once

#include "unit/unit.h"

#include "base/image.h"
#include "base/limits.h"
#include "reading/cut.h"

#include <math.h>
#include <string.h>

/* Sanitized builds look at a sample of the large sets only. */
#ifdef DAYBREAK_SANITIZED
enum { FRAMES_STRIDE = 9 };
#else
enum { FRAMES_STRIDE = 1 };
#endif

/* All in pixels. radius 0: an empty well. well_radius 0: no well in sight. */
struct drawing {
	int width, height;
	int well_x, well_y, well_radius;
	int x, y, radius;
};

static inline int drawing_grain(uint32_t *random, int most)
{
	*random = *random * 1664525 + 1013904223;
	return (int)((*random >> 16) % (uint32_t)(2 * most + 1)) - most;
}

static inline int drawing_level(const struct drawing *d, int x, int y, uint32_t *random)
{
	int ex = x - d->x, ey = y - d->y, wx = x - d->well_x, wy = y - d->well_y;
	int from_embryo = 100 * (ex * ex + ey * ey), from_well = 100 * (wx * wx + wy * wy);
	int r2 = d->radius * d->radius, w2 = d->well_radius * d->well_radius;
	if (from_embryo < 56 * r2)
		return 105 + drawing_grain(random, 30);
	if (from_embryo < 60 * r2)
		return 60;
	if (from_embryo < 100 * r2)
		return 118 + drawing_grain(random, 9);
	if (w2 == 0 || from_well < 86 * w2)
		return 120 + drawing_grain(random, 1);
	if (from_well < 100 * w2)
		return 215;
	return 25 + drawing_grain(random, 2);
}

static inline struct image *drawing_make(const struct drawing *d, uint32_t seed)
{
	struct image *image = image_new(d->width, d->height);
	assert_non_null(image);
	for (int y = 0; y < d->height; y++)
		for (int x = 0; x < d->width; x++)
			image->pixels[y * d->width + x] = (uint8_t)drawing_level(d, x, y, &seed);
	return image;
}

/* Share of the two circles' union that both cover. */
static inline double circles_overlap(double x, double y, double r, double u, double v, double s)
{
	double d = hypot(x - u, y - v), both;
	if (d >= r + s)
		return 0;
	if (d <= fabs(r - s)) {
		both = M_PI * fmin(r, s) * fmin(r, s);
	} else {
		both = r * r * acos((d * d + r * r - s * s) / (2 * d * r)) +
		    s * s * acos((d * d + s * s - r * r) / (2 * d * s));
		both -= sqrt((-d + r + s) * (d + r - s) * (d - r + s) * (d + r + s)) / 2;
	}
	return both / (M_PI * (r * r + s * s) - both);
}

static inline void frames_path(const char *name, char *path, size_t size)
{
	const char *folder = getenv("DAYBREAK_DATA");
	snprintf(path, size, "%s/%s", folder ? folder : DAYBREAK_SOURCE_DIR "/../shared/data", name);
}

/* Skips the test, with one line, where the shared frames are absent. */
static inline void frames_need(const char *name)
{
	char path[LIMIT_PATH];
	frames_path(name, path, sizeof path);
	if (file_exists(path))
		return;
	print_message("no %s here: skipped\n", name);
	skip();
}

static inline struct image *frames_load(const char *path)
{
	struct err err;
	struct image *image = NULL;
	OWN(buf_done) struct buf file = BUF_INIT(LIMIT_FRAME_BYTES);
	must(file_read(path, &file, &err));
	must(image_decode(file.data, file.size, &image, &err));
	return image;
}

/* Bit by bit, but for the padding: -0 and 0 are not the same here. */
static inline void assert_same_location(const struct location *a, const struct location *b)
{
	assert_int_equal(a->occupied, b->occupied);
	assert_memory_equal(&a->x, &b->x, offsetof(struct location, confidence) - offsetof(struct location, x));
	assert_int_equal(a->confidence, b->confidence);
}
