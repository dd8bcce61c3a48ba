#include "reading/locate.h"

#include "reading/climb.h"
#include "reading/field.h"
#include "reading/texture.h"
#include "reading/well.h"

/* A human embryo is 150 to 250 um across and every maker shows about 600 um of well: a quarter
 * of the frame's shorter side. Votes win over this expectation by far; it only decides where the
 * votes leave it open. */
static const float radius_expected = 0.25f, radius_least = 0.14f, radius_most = 0.42f;
static const float surprise_weight = 0.8f;

/* Slopes reach this far beyond the edge that made them: the widths of Sobel's window and of the
 * smoothing. */
static const float slope_reach = 2.2f;

/* Mean vote of the embryo's disc. Bare floors stay under 0.01; the faintest embryo of the 2,200
 * real frames of the tests has 0.1. */
static const float occupied_vote = 0.04f;

static float shorter_side(const struct field *field)
{
	return (float)(field->width < field->height ? field->width : field->height);
}

struct hunt {
	const struct field *field;
	const struct texture *texture;
};

static float score_of(const struct hunt *hunt, float votes, float radius)
{
	float side = shorter_side(hunt->field), surprise = radius / side - radius_expected;
	return votes / (side * side) - surprise_weight * surprise * surprise;
}

static float climb_score(struct circle disc, const void *context)
{
	const struct hunt *hunt = context;
	float side = shorter_side(hunt->field);
	if (disc.radius < side * radius_least || disc.radius > side * radius_most)
		return -1e9f;
	return score_of(hunt, texture_disc(hunt->texture, disc), disc.radius);
}

/* Every eighth pixel and every fourth row are enough to end on the right hill. */
static struct circle search(const struct hunt *hunt)
{
	struct texture_rows rows;
	float side = shorter_side(hunt->field);
	float right = (float)hunt->field->width, bottom = (float)hunt->field->height;
	struct circle best = {side / 2, side / 2, side * radius_expected};
	texture_rows(hunt->texture, best.y, best.radius, 4, &rows);
	float best_score = score_of(hunt, texture_sum(hunt->texture, &rows, best.x), best.radius);
	for (float r = side * radius_least; r < side * radius_most; r *= 1.15f) {
		for (float y = r / 2; y < bottom - r / 2; y += 8) {
			texture_rows(hunt->texture, y, r, 4, &rows);
			for (float x = r / 2; x < right - r / 2; x += 8) {
				float score = score_of(hunt, texture_sum(hunt->texture, &rows, x), r);
				if (score <= best_score)
					continue;
				best_score = score;
				best = (struct circle){x, y, r};
			}
		}
	}
	return best;
}

/* Field pixels to frame pixels: field pixel 0 is the mean of frame pixels 0 to factor - 1. */
static float to_frame(const struct field *field, float value)
{
	return value * (float)field->factor + (float)(field->factor - 1) / 2;
}

/* In permille: 0 at the vote that is just enough, 1000 when nearly every pixel of the disc is
 * clearly embryo. Without a well in sight these are optics we do not know: half. */
static uint16_t confidence(float mean_vote, bool has_well)
{
	float share = (mean_vote - occupied_vote) / (0.6f - occupied_vote);
	uint16_t permille = share > 1 ? 1000 : (uint16_t)(share * 1000);
	return has_well ? permille : permille / 2;
}

bool locate(const struct image *frame, struct location *ret_location, struct err *err)
{
	if (frame->width < LOCATE_SIDE_MIN || frame->height < LOCATE_SIDE_MIN)
		return err_set(err, ERR_UNSUPPORTED, "a frame of %d x %d; at least %d a side",
		    frame->width, frame->height, LOCATE_SIDE_MIN);
	OWN(field_free) struct field *field = field_new(frame);
	if (!field)
		return err_set(err, ERR_NO_MEMORY, "locating the embryo");
	struct location location = {0};
	struct circle well = {0};
	if (well_find(field, &well)) {
		well_flatten(field, well);
		location.well_x = to_frame(field, well.x);
		location.well_y = to_frame(field, well.y);
		location.well_radius = well.radius * (float)field->factor;
	}
	OWN(texture_free) struct texture *texture = texture_new(field, well);
	if (!texture)
		return err_set(err, ERR_NO_MEMORY, "locating the embryo");
	const struct hunt hunt = {field, texture};
	struct circle disc = circle_climb(search(&hunt), 8, climb_score, &hunt, NULL);
	float vote = texture_disc(texture, disc) / (3.14159265f * disc.radius * disc.radius);
	if (vote > occupied_vote) {
		location.occupied = true;
		location.x = to_frame(field, disc.x);
		location.y = to_frame(field, disc.y);
		location.radius = (disc.radius - slope_reach) * (float)field->factor;
		location.confidence = confidence(vote, well.radius > 0);
	}
	*ret_location = location;
	return true;
}
