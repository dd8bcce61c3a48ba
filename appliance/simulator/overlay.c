#include "simulator/overlay.h"

#include <stdio.h>
#include <string.h>

enum { GLYPH_WIDTH = 5, GLYPH_HEIGHT = 7, BOX_HEIGHT = 14 };

/* Seven rows of five points, top first, the left point in bit 4. */
static const struct {
	char letter;
	uint8_t rows[GLYPH_HEIGHT];
} glyphs[] = {
    {'0', {14, 17, 17, 17, 17, 17, 14}}, {'1', {4, 12, 4, 4, 4, 4, 14}},
    {'2', {14, 17, 1, 2, 4, 8, 31}}, {'3', {14, 17, 1, 6, 1, 17, 14}},
    {'4', {2, 6, 10, 18, 31, 2, 2}}, {'5', {31, 16, 30, 1, 1, 17, 14}},
    {'6', {6, 8, 16, 30, 17, 17, 14}}, {'7', {31, 1, 2, 4, 8, 8, 8}},
    {'8', {14, 17, 17, 14, 17, 17, 14}}, {'9', {14, 17, 17, 15, 1, 2, 12}},
    {'.', {0, 0, 0, 0, 0, 12, 12}}, {'h', {16, 16, 22, 25, 17, 17, 17}},
    {'W', {17, 17, 17, 21, 21, 21, 10}}, {'e', {0, 0, 14, 17, 31, 16, 14}},
    {'l', {12, 4, 4, 4, 4, 4, 14}},
};

static const uint8_t *glyph_rows(char letter)
{
	for (size_t i = 0; i < sizeof glyphs / sizeof glyphs[0]; i++)
		if (glyphs[i].letter == letter)
			return glyphs[i].rows;
	return NULL;
}

static void fill(struct image *image, int x0, int y0, int width, int height, uint8_t grey)
{
	for (int y = y0; y < y0 + height; y++)
		for (int x = x0; x < x0 + width; x++)
			if (x >= 0 && y >= 0 && x < image->width && y < image->height)
				image->pixels[(size_t)y * (size_t)image->width + (size_t)x] = grey;
}

static void draw_box(struct image *image, const char *text, bool right)
{
	int dot = image->width >= 700 ? 2 : 1;
	int width = ((int)strlen(text) * (GLYPH_WIDTH + 1) + 5) * dot, height = BOX_HEIGHT * dot;
	int left = right ? image->width - 10 * dot - width : 10 * dot;
	int top = image->height - 10 * dot - height;
	fill(image, left, top, width, height, 255);
	for (int i = 0; text[i]; i++) {
		const uint8_t *rows = glyph_rows(text[i]);
		for (int y = 0; rows && y < GLYPH_HEIGHT; y++)
			for (int x = 0; x < GLYPH_WIDTH; x++)
				if (rows[y] >> (GLYPH_WIDTH - 1 - x) & 1)
					fill(image, left + (3 + i * (GLYPH_WIDTH + 1) + x) * dot, top + (4 + y) * dot, dot,
					    dot, 0);
	}
}

void overlay_draw(struct image *image, int well, double hour)
{
	char text[32];
	snprintf(text, sizeof text, "Well %d", well);
	draw_box(image, text, false);
	snprintf(text, sizeof text, "%.1f h", hour);
	draw_box(image, text, true);
}
