/* Paper: A4 pages of text, lines and grey pictures, written as one PDF. The only file of the project that includes
 * cairo.
 *
 * Lengths are points (1/72 inch) from the upper left corner. Texts are UTF-8; the font travels inside the file, so
 * that every reader shows the same letters and can find them. A letter that the font does not have, or of a script
 * that is written from right to left, is written as its number, "[U+5F20]": ugly, and never another name. Sticky as a
 * buffer is: after a failure nothing is drawn, and paper_close says so. One thread at a time. */
#pragma once

#include "base/buf.h"
#include "base/own.h"

#include <stdbool.h>
#include <stdint.h>

#define PAPER_WIDTH  595.0
#define PAPER_HEIGHT 842.0

struct paper;

/* How a text looks. */
struct pen {
	double size;
	bool bold;
	uint32_t colour; /* 0xRRGGBB */
};

enum paper_align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_CENTRE };

struct paper_box {
	double x, y, width, height;
};

/* to: where the file goes; NULL draws nowhere and only counts and measures. made: of the file,
 * "2026-11-21T06:30:00Z". ERR_UNAVAILABLE: the font is not installed. */
bool paper_open(struct buf *to, const char *title, const char *made, struct paper **ret_paper, struct err *err);
void paper_free(struct paper *paper);
OWN_DEFINE(struct paper *, paper_free)
/* Ends the file; paper_free is still to be called. */
bool paper_close(struct paper *paper, struct err *err);

void paper_page(struct paper *paper); /* begins one, the first too */
int paper_pages(const struct paper *paper);

/* One line with its baseline at y, cut with an ellipsis where it is wider than width (0: as wide as it is). Returns
 * the width it took. */
double paper_line(struct paper *paper, double x, double y, double width, enum paper_align align,
    const struct pen *pen, const char *text);
/* Wrapped lines below y, lines_max at most (0: all). Returns their height. */
double paper_text(
    struct paper *paper, double x, double y, double width, int lines_max, const struct pen *pen, const char *text);
/* The same without drawing. */
double paper_height(struct paper *paper, double width, int lines_max, const struct pen *pen, const char *text);
double paper_width(struct paper *paper, const struct pen *pen, const char *text);

void paper_fill(struct paper *paper, struct paper_box box, double radius, uint32_t colour);
void paper_frame(struct paper *paper, struct paper_box box, double radius, double line, uint32_t colour);
void paper_stroke(struct paper *paper, double x1, double y1, double x2, double y2, double line, uint32_t colour);
/* A square standing on its corner. */
void paper_diamond(struct paper *paper, double x, double y, double radius, uint32_t colour);
/* A grey picture of pixels_side x pixels_side, rows from the top. */
void paper_picture(struct paper *paper, double x, double y, double side, const uint8_t *pixels, int pixels_side);
