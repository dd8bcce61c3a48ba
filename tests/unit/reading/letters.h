/* Writes digits into frames, the way exporters burn in well numbers and clocks. */
#pragma once

#include "unit/reading/frames.h"

/* 5 x 7 pixels a digit, a row a byte, the leftmost pixel in bit 4. */
static const uint8_t letters_digits[10][7] = {
    {14, 17, 19, 21, 25, 17, 14},
    {4, 12, 4, 4, 4, 4, 14},
    {14, 17, 1, 2, 4, 8, 31},
    {31, 2, 4, 2, 1, 17, 14},
    {2, 6, 10, 18, 31, 2, 2},
    {31, 16, 30, 1, 1, 17, 14},
    {6, 8, 16, 30, 17, 17, 14},
    {31, 1, 2, 4, 8, 8, 8},
    {14, 17, 17, 14, 17, 17, 14},
    {14, 17, 17, 15, 1, 2, 12},
};

enum { LETTERS_ACROSS = 6, LETTERS_HIGH = 7, LETTERS_BORDER = 3 };

static inline void letters_block(
    struct image *image, int left, int top, int width, int height, uint8_t level)
{
	for (int y = top; y < top + height; y++)
		for (int x = left; x < left + width; x++)
			if (x >= 0 && y >= 0 && x < image->width && y < image->height)
				image->pixels[y * image->width + x] = level;
}

/* Digits are drawn size times as large; a point is a small block, a space nothing. */
static inline void letters_write(
    struct image *image, int left, int top, int size, uint8_t level, const char *text)
{
	for (; *text; text++, left += LETTERS_ACROSS * size) {
		if (*text == '.')
			letters_block(image, left + size, top + 5 * size, 2 * size, 2 * size, level);
		if (*text < '0' || *text > '9')
			continue;
		for (int y = 0; y < LETTERS_HIGH; y++)
			for (int x = 0; x < 5; x++)
				if (letters_digits[*text - '0'][y] & (16 >> x))
					letters_block(image, left + x * size, top + y * size, size,
					    size, level);
	}
}

/* Black on a white box whose upper left corner is given. */
static inline void letters_box(struct image *image, int left, int top, int size, const char *text)
{
	int border = LETTERS_BORDER * size, across = (int)strlen(text) * LETTERS_ACROSS * size;
	letters_block(image, left, top, across + 2 * border, LETTERS_HIGH * size + 2 * border, 255);
	letters_write(image, left + border, top + border, size, 0, text);
}
