#include "reading/texture.h"

#include "reading/well.h"

#include <string.h>

enum {
	LEVELS = 1024,
	LEVELS_PER_GREY = 32, /* of the histogram of slopes */
	/* The smoothest eighth: even an embryo that fills its well leaves about that much floor. */
	FLOOR_SHARE = 8,
};

/* The slope that divides floor from embryo is the floor's own times 1.4, plus a trifle for
 * frames whose floor has been flattened by JPEG, plus some of the steepest slopes, which tell
 * the frame's contrast. Chosen on tests/data/localisation.csv; a tenth more or less of any
 * changes little. */
static const float threshold_per_floor = 1.4f;
static const float threshold_least = 0.1f;
static const float threshold_per_steepest = 0.06f;

/* Votes on the rim count this much: half of what is seen there is the rim's own. */
static const float rim_weight = 0.3f;

/* Beyond the rim nothing can be told, but an embryo that leans over the rim has most of itself
 * inside. */
static const float vote_beyond = -0.05f;

/* Mean of the 3 x 3 pixels around each, in place, so that single grains do not vote on their
 * own. */
static void smooth(float *restrict map, int width, int height, float *restrict row_copy)
{
	for (int y = 0; y < height; y++) {
		float *row = map + (size_t)y * (size_t)width;
		memcpy(row_copy, row, (size_t)width * sizeof *row);
		for (int x = 1; x < width - 1; x++)
			row[x] = (row_copy[x - 1] + row_copy[x] + row_copy[x + 1]) / 3;
	}
	memcpy(row_copy, map, (size_t)width * sizeof *map);
	for (int y = 1; y < height - 1; y++) {
		float *row = map + (size_t)y * (size_t)width;
		for (int x = 0; x < width; x++) {
			float here = row[x];
			row[x] = (row_copy[x] + here + row[x + width]) / 3;
			row_copy[x] = here;
		}
	}
}

static void slope_sizes(const struct field *field, float *map)
{
	size_t area = (size_t)field->width * (size_t)field->height;
	for (size_t i = 0; i < area; i++)
		map[i] = __builtin_sqrtf(
		    field->slope_x[i] * field->slope_x[i] + field->slope_y[i] * field->slope_y[i]);
}

/* The slope below which one part in `parts` of the counted pixels lies. */
static float quantile(const uint32_t *histogram, uint32_t part, uint32_t parts)
{
	uint64_t total = 0, below = 0;
	for (int i = 0; i < LEVELS; i++)
		total += histogram[i];
	int level = 0;
	while (level < LEVELS - 1 && (below += histogram[level]) * parts < total * part)
		level++;
	return ((float)level + 0.5f) / LEVELS_PER_GREY;
}

/* Looks inside the rim, or everywhere when there is no well. */
static float threshold(const float *map, const struct field *field, struct circle well)
{
	uint32_t histogram[LEVELS] = {0};
	float inner2 = well.radius * well.radius * WELL_RIM * WELL_RIM;
	for (int y = 0; y < field->height; y++) {
		for (int x = 0; x < field->width; x++) {
			float dx = (float)x - well.x, dy = (float)y - well.y;
			if (well.radius > 0 && dx * dx + dy * dy > inner2)
				continue;
			float level =
			    map[(size_t)y * (size_t)field->width + (size_t)x] * LEVELS_PER_GREY;
			histogram[level < LEVELS - 1 ? (int)level : LEVELS - 1]++;
		}
	}
	return quantile(histogram, 1, FLOOR_SHARE) * threshold_per_floor + threshold_least +
	    quantile(histogram, 9, 10) * threshold_per_steepest;
}

/* The votes of a row, in place of its slopes. */
static void vote_row(float *restrict slope, int width, float divide, struct circle well, float dy)
{
	float radius2 = well.radius * well.radius, inner2 = radius2 * WELL_RIM * WELL_RIM;
	for (int x = 0; x < width; x++) {
		float value = (slope[x] - divide) / (slope[x] + divide), dx = (float)x - well.x;
		float far2 = dx * dx + dy * dy;
		float on_rim = far2 < radius2 ? value * rim_weight : vote_beyond;
		slope[x] = well.radius <= 0 || far2 < inner2 ? value : on_rim;
	}
}

static void sum_votes(float *map, float divide, struct circle well, struct texture *texture)
{
	for (int y = 0; y < texture->height; y++) {
		float *votes = map + (size_t)y * (size_t)texture->width;
		float *row = texture->sums + (size_t)y * (size_t)(texture->width + 1);
		vote_row(votes, texture->width, divide, well, (float)y - well.y);
		row[0] = 0;
		for (int x = 0; x < texture->width; x++)
			row[x + 1] = row[x] + votes[x];
	}
}

struct texture *texture_new(const struct field *field, struct circle well)
{
	int w = field->width, h = field->height;
	size_t area = (size_t)w * (size_t)h;
	OWN(free) float *map = malloc((area + (size_t)w) * sizeof *map);
	OWN(free) struct texture *texture = malloc(sizeof *texture);
	float *sums = malloc((area + (size_t)h) * sizeof *sums);
	if (!map || !texture || !sums) {
		free(sums);
		return NULL;
	}
	*texture = (struct texture){w, h, sums};
	slope_sizes(field, map);
	smooth(map, w, h, map + area);
	sum_votes(map, threshold(map, field, well), well, texture);
	return TAKE(texture);
}

void texture_free(struct texture *texture)
{
	if (texture)
		free(texture->sums);
	free(texture);
}

void texture_rows(
    const struct texture *texture, float y, float radius, int step, struct texture_rows *ret_rows)
{
	int top = field_round(y - radius), bottom = field_round(y + radius);
	top = top < 0 ? 0 : top;
	bottom = bottom >= texture->height ? texture->height - 1 : bottom;
	*ret_rows = (struct texture_rows){.top = top, .step = step};
	for (int at = top; at <= bottom && ret_rows->count < TEXTURE_ROWS_MAX; at += step) {
		float dy = (float)at - y, half2 = radius * radius - dy * dy;
		ret_rows->half[ret_rows->count++] = half2 > 0 ? __builtin_sqrtf(half2) : 0;
	}
}

float texture_sum(const struct texture *texture, const struct texture_rows *rows, float x)
{
	const size_t width = (size_t)(texture->width + 1);
	const float *row = texture->sums + (size_t)rows->top * width;
	float sum = 0;
	for (int i = 0; i < rows->count; i++, row += (size_t)rows->step * width) {
		int from = field_round(x - rows->half[i]), to = field_round(x + rows->half[i]) + 1;
		from = from < 0 ? 0 : from;
		to = to > texture->width ? texture->width : to;
		if (from < to)
			sum += row[to] - row[from];
	}
	return sum * (float)rows->step;
}

float texture_disc(const struct texture *texture, struct circle disc)
{
	struct texture_rows rows;
	texture_rows(texture, disc.y, disc.radius, 1, &rows);
	return texture_sum(texture, &rows, disc.x);
}
