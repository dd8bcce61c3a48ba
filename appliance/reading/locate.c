#include "reading/locate.h"

#include "reading/field.h"
#include "reading/well.h"

#include <string.h>

/* Texture per pixel, as running sums along each row, so that the texture of a disc costs one subtraction a row. */
struct texture {
	int width, height;
	float *sums; /* (width + 1) * height */
};

static void texture_done(struct texture *texture)
{
	free(texture->sums);
}

static inline void texture_done_owned(struct texture *texture)
{
	texture_done(texture);
}

/* Slope without its part along the well's own radius, where the pixel lies on the rim or beyond: what is left
 * there does not belong to the rim, nor to the grooves around it. */
static float pixel_texture(const struct field *field, const struct circle *well, int x, int y)
{
	size_t at = (size_t)y * (size_t)field->width + (size_t)x;
	float dx = field->slope_x[at], dy = field->slope_y[at];
	float size2 = dx * dx + dy * dy;
	if (well->radius > 0) {
		float fx = (float)x - well->x, fy = (float)y - well->y;
		float far2 = fx * fx + fy * fy;
		float rim = well->radius * 0.8f;
		if (far2 > well->radius * well->radius * 1.02f)
			return 0;
		if (far2 > rim * rim) {
			float along = (dx * fx + dy * fy);
			size2 -= along * along / far2;
		}
	}
	float size = size2 > 0 ? __builtin_sqrtf(size2) : 0;
	return size > 12 ? 12 : size;
}

static bool texture_make(const struct field *field, const struct circle *well, struct texture *ret_texture)
{
	int w = field->width, h = field->height;
	float *sums = malloc((size_t)(w + 1) * (size_t)h * sizeof *sums);
	if (!sums)
		return false;
	for (int y = 0; y < h; y++) {
		float *row = sums + (size_t)y * (size_t)(w + 1);
		row[0] = 0;
		for (int x = 0; x < w; x++)
			row[x + 1] = row[x] + pixel_texture(field, well, x, y);
	}
	*ret_texture = (struct texture){w, h, sums};
	return true;
}

/* Sum of the texture in a disc, and the number of its pixels that lie in the frame; every second row. */
static float disc_sum(const struct texture *t, struct circle c, int *ret_count)
{
	float sum = 0;
	int count = 0;
	for (int y = field_round(c.y - c.radius); (float)y <= c.y + c.radius; y += 2) {
		float dy = (float)y - c.y, left = c.radius * c.radius - dy * dy;
		if (y < 0 || y >= t->height || left < 0)
			continue;
		float half = __builtin_sqrtf(left);
		int from = field_round(c.x - half), to = field_round(c.x + half) + 1;
		from = from < 0 ? 0 : from;
		to = to > t->width ? t->width : to;
		if (from >= to)
			continue;
		const float *row = t->sums + (size_t)y * (size_t)(t->width + 1);
		sum += row[to] - row[from];
		count += to - from;
	}
	*ret_count = count;
	return sum;
}

/* How much more texture the disc holds than the ring around it, weighed by its size. */
static float disc_score(const struct texture *t, struct circle c)
{
	int inner_count, outer_count;
	float inner = disc_sum(t, c, &inner_count);
	float outer = disc_sum(t, (struct circle){c.x, c.y, c.radius * 1.3f}, &outer_count) - inner;
	if (inner_count == 0 || outer_count <= inner_count)
		return 0;
	return (inner / (float)inner_count - outer / (float)(outer_count - inner_count)) * c.radius;
}

static struct circle search_disc(const struct field *field, const struct texture *t, float *ret_score)
{
	float side = (float)(field->width < field->height ? field->width : field->height);
	struct circle best = {0};
	*ret_score = 0;
	for (float r = side * 0.12f; r < side * 0.4f; r *= 1.1f) {
		for (float y = r / 2; y < (float)field->height - r / 2; y += 4) {
			for (float x = r / 2; x < (float)field->width - r / 2; x += 4) {
				float score = disc_score(t, (struct circle){x, y, r});
				if (score > *ret_score) {
					*ret_score = score;
					best = (struct circle){x, y, r};
				}
			}
		}
	}
	return best;
}

/* Field pixels to frame pixels: the centre of field pixel (0, 0) is the middle of a block of factor pixels. */
static float to_frame(const struct field *field, float value)
{
	return value * (float)field->factor + (float)(field->factor - 1) / 2;
}

bool locate(const struct image *frame, struct location *ret_location, struct err *err)
{
	if (frame->width < LOCATE_SIDE_MIN || frame->height < LOCATE_SIDE_MIN)
		return err_set(err, ERR_UNSUPPORTED, "a frame of %d x %d; at least %d a side", frame->width,
		    frame->height, LOCATE_SIDE_MIN);
	OWN(field_free) struct field *field = field_new(frame);
	OWN(texture_done) struct texture texture = {0};
	struct circle well = {0};
	if (!field)
		return err_set(err, ERR_NO_MEMORY, "locating the embryo");
	bool has_well = well_find(field, &well);
	if (!texture_make(field, &well, &texture))
		return err_set(err, ERR_NO_MEMORY, "locating the embryo");
	float score;
	struct circle disc = search_disc(field, &texture, &score);
	struct location location = {0};
	if (has_well) {
		location.well_x = to_frame(field, well.x);
		location.well_y = to_frame(field, well.y);
		location.well_radius = well.radius * (float)field->factor;
	}
	if (score > 10) {
		location.occupied = true;
		location.x = to_frame(field, disc.x);
		location.y = to_frame(field, disc.y);
		location.radius = disc.radius * 1.15f * (float)field->factor;
		location.confidence = 500;
	}
	*ret_location = location;
	return true;
}
