#include "reading/field.h"

#include <string.h>

/* Adds up factor rows of the frame, then factor columns of the sum. */
static void shrink_row(const struct image *frame, int factor, int row, uint16_t *sums, float *to)
{
	memset(sums, 0, (size_t)frame->width * sizeof *sums);
	for (int dy = 0; dy < factor; dy++) {
		const uint8_t *from =
		    frame->pixels + (size_t)(row * factor + dy) * (size_t)frame->width;
		for (int x = 0; x < frame->width; x++)
			sums[x] = (uint16_t)(sums[x] + from[x]);
	}
	for (int x = 0; x < frame->width / factor; x++) {
		uint32_t sum = 0;
		for (int dx = 0; dx < factor; dx++)
			sum += sums[x * factor + dx];
		to[x] = (float)sum;
	}
	/* A loop of its own, because a compiler divides four at once. */
	for (int x = 0; x < frame->width / factor; x++)
		to[x] /= (float)(factor * factor);
}

static void slope_row(const float *restrict p, int w, float *restrict to_x, float *restrict to_y)
{
	for (int x = 1; x < w - 1; x++) {
		const float *at = p + x;
		float right = at[1 - w] + 2 * at[1] + at[1 + w];
		float left = at[-1 - w] + 2 * at[-1] + at[-1 + w];
		float below = at[w - 1] + 2 * at[w] + at[w + 1];
		float above = at[-w - 1] + 2 * at[-w] + at[-w + 1];
		to_x[x] = (right - left) / 8;
		to_y[x] = (below - above) / 8;
	}
}

/* Sobel's slopes; the border keeps slope 0. */
static void slopes(struct field *field)
{
	for (int y = 1; y < field->height - 1; y++) {
		size_t row = (size_t)y * (size_t)field->width;
		slope_row(field->grey + row, field->width, field->slope_x + row, field->slope_y + row);
	}
}

static float contrast(const struct field *field)
{
	uint32_t histogram[256] = {0}, area = (uint32_t)field->width * (uint32_t)field->height;
	for (uint32_t i = 0; i < area; i++)
		histogram[(int)field->grey[i]]++;
	int dark = 0, light = 255;
	for (uint32_t below = histogram[0]; below < area / 50; below += histogram[++dark])
		;
	for (uint32_t above = histogram[255]; above < area / 50; above += histogram[--light])
		;
	return (float)(light - dark);
}

/* Turning one direction into the next by multiplication keeps libm, whose cosine differs between
 * machines, out. */
static void directions(struct field *field)
{
	const double step_x = 0.99518472667219693, step_y = 0.098017140329560604; /* 360 / 64 degrees */
	double x = 1, y = 0;
	for (int i = 0; i < FIELD_DIRECTIONS; i++) {
		field->direction_x[i] = (float)x;
		field->direction_y[i] = (float)y;
		double turned = x * step_x - y * step_y;
		y = x * step_y + y * step_x;
		x = turned;
	}
}

struct field *field_new(const struct image *frame)
{
	int side = frame->width < frame->height ? frame->width : frame->height;
	int factor = side / FIELD_SIDE > 1 ? (side + FIELD_SIDE / 2) / FIELD_SIDE : 1;
	int width = frame->width / factor, height = frame->height / factor;
	size_t area = (size_t)width * (size_t)height;
	struct field *field = malloc(sizeof *field);
	float *planes = calloc(3 * area, sizeof *planes);
	OWN(free) uint16_t *sums = malloc((size_t)frame->width * sizeof *sums);
	if (!field || !planes || !sums) {
		free(field);
		free(planes);
		return NULL;
	}
	*field = (struct field){.width = width, .height = height, .factor = factor, .grey = planes,
	    .slope_x = planes + area, .slope_y = planes + 2 * area};
	for (int y = 0; y < height; y++)
		shrink_row(frame, factor, y, sums, field->grey + (size_t)y * (size_t)width);
	field->contrast = contrast(field);
	slopes(field);
	directions(field);
	return field;
}

void field_free(struct field *field)
{
	if (field)
		free(field->grey);
	free(field);
}
