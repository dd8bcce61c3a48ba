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
		to[x] = (float)sum / (float)(factor * factor);
	}
}

/* Sobel's slopes; the border keeps slope 0. */
static void slopes(struct field *field)
{
	int w = field->width;
	for (int y = 1; y < field->height - 1; y++) {
		for (int x = 1; x < w - 1; x++) {
			const float *p = field->grey + (size_t)y * (size_t)w + x;
			float right = p[1 - w] + 2 * p[1] + p[1 + w];
			float left = p[-1 - w] + 2 * p[-1] + p[-1 + w];
			float below = p[w - 1] + 2 * p[w] + p[w + 1];
			float above = p[-w - 1] + 2 * p[-w] + p[-w + 1];
			field->slope_x[(size_t)y * (size_t)w + x] = (right - left) / 8;
			field->slope_y[(size_t)y * (size_t)w + x] = (below - above) / 8;
		}
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
