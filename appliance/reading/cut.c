#include "reading/cut.h"

#include "base/image.h"
#include "base/limits.h"
#include "reading/locate.h"
#include "reading/overlay.h"
#include "reading/patch.h"

#include <string.h>

/* A decoded plane and how sharp it is inside the embryo's circle. */
struct plane {
	int focal_um;
	uint64_t sharpness;
	struct image *image;
};

struct planes {
	struct plane of[CUT_PLANES_MAX]; /* sharpest first */
	int count;
};

static void planes_done_owned(struct planes *planes)
{
	for (int i = 0; i < planes->count; i++)
		image_free(planes->of[i].image);
}

static int distance_from_centre(const struct cut_plane *plane)
{
	return plane->focal_um < 0 ? -plane->focal_um : plane->focal_um;
}

/* The planes' indices, centre plane first; the order of the input breaks ties, so equal planes
 * stay in place. */
static void order_by_focus(const struct cut_plane *planes, size_t count, uint8_t *ret_order)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i;
		while (at > 0 &&
		    distance_from_centre(&planes[ret_order[at - 1]]) >
		        distance_from_centre(&planes[i])) {
			ret_order[at] = ret_order[at - 1];
			at--;
		}
		ret_order[at] = (uint8_t)i;
	}
}

/* Energy of the slopes on every second row and column of the embryo's inner part; the sum of
 * squares favours edges over grain. The steps of two pixels keep single-pixel noise from passing
 * as sharpness. */
static uint64_t plane_sharpness(const struct image *frame, const struct location *location)
{
	uint64_t sum = 0;
	int w = frame->width;
	for (int y = (int)(location->y - location->radius);
	     y <= (int)(location->y + location->radius); y += 2) {
		float dy = (float)y - location->y, left = location->radius * location->radius - dy * dy;
		if (y < 2 || y >= frame->height - 2 || left <= 0)
			continue;
		float half = __builtin_sqrtf(left);
		int from = (int)(location->x - half), to = (int)(location->x + half);
		from = from < 2 ? 2 : from;
		to = to > w - 3 ? w - 3 : to;
		uint32_t row = 0;
		const uint8_t *p = frame->pixels + (size_t)y * (size_t)w;
		for (int x = from; x <= to; x += 2) {
			int across = p[x + 2] - p[x], down = p[x + 2 * w] - p[x];
			row += (uint32_t)(across * across + down * down) >> 2;
		}
		sum += row;
	}
	return sum;
}

/* Keeps the image if it is among the sharpest so far, and frees the one that drops out. Takes
 * the image. */
static void keep(struct planes *kept, struct plane plane)
{
	int at = kept->count;
	while (at > 0 && kept->of[at - 1].sharpness < plane.sharpness)
		at--;
	if (at == CUT_PLANES_MAX) {
		image_free(plane.image);
		return;
	}
	if (kept->count == CUT_PLANES_MAX)
		image_free(kept->of[--kept->count].image);
	memmove(&kept->of[at + 1], &kept->of[at], (size_t)(kept->count - at) * sizeof *kept->of);
	kept->of[at] = plane;
	kept->count++;
}

/* Whether this plane fits the time point: the first that decodes decides size and place. Labels
 * go before anything is measured, so that not even the choice of place or plane depends on what
 * is written. */
static bool take_plane(const struct cut_plane *plane, bool first, struct cut_result *result,
    struct planes *kept, struct err *err)
{
	OWN(image_free) struct image *image = NULL;
	if (!image_decode(plane->data, plane->size, &image, err))
		return false;
	overlay_erase(image);
	if (first) {
		if (!locate(image, &result->location, err))
			return false;
		result->width = image->width;
		result->height = image->height;
	}
	if (image->width != result->width || image->height != result->height)
		return err_set(err, ERR_DAMAGED, "a plane of another size");
	if (!result->location.occupied)
		return true;
	uint64_t sharpness = plane_sharpness(image, &result->location);
	keep(kept, (struct plane){plane->focal_um, sharpness, TAKE(image)});
	return true;
}

static bool cut_fill(const struct planes *kept, struct cut_result *result, struct err *err)
{
	int side = result->width < result->height ? result->width : result->height;
	float permille = result->location.radius * 1000 / (float)side + 0.5f;
	result->made = true;
	result->cut.planes = (uint8_t)kept->count;
	result->cut.radius_permille = (uint16_t)permille;
	for (int i = 0; i < kept->count; i++) {
		result->focal_um[i] = kept->of[i].focal_um;
		if (!patch_make(kept->of[i].image, &result->location, result->cut.pixels[i], err))
			return false;
	}
	return true;
}

bool cut_make(const struct cut_plane *planes, size_t planes_count, struct cut_result *ret_result,
    struct err *err)
{
	if (planes_count < 1 || planes_count > LIMIT_PLANES)
		return err_set(err, ERR_BAD_INPUT, "%zu planes at one time point; 1 to %d",
		    planes_count, LIMIT_PLANES);
	OWN(planes_done) struct planes kept = {0};
	OWN(free) struct cut_result *result = calloc(1, sizeof *result);
	uint8_t order[LIMIT_PLANES];
	struct err why;
	bool first = true;
	if (!result)
		return err_set(err, ERR_NO_MEMORY, "cutting");
	order_by_focus(planes, planes_count, order);
	for (size_t i = 0; i < planes_count; i++) {
		if (take_plane(&planes[order[i]], first, result, &kept, &why))
			first = false;
		else if (why.code == ERR_NO_MEMORY)
			return err_set(err, why.code, "%s", why.detail);
		else
			result->planes_damaged++;
	}
	if (first)
		return err_set(
		    err, ERR_DAMAGED, "none of %zu planes decodes: %s", planes_count, why.detail);
	if (kept.count > 0 && !cut_fill(&kept, result, err))
		return false;
	*ret_result = *result;
	return true;
}
