#include "report/paper.h"

#include "base/text.h"

#include <cairo-pdf.h>
#include <cairo.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char family[] = "DejaVu Sans";
static const double LEADING = 1.32; /* from baseline to baseline, in sizes */
static const double ASCENT = 0.93;  /* from the top of a line to its baseline, in sizes */

enum {
	PAPER_TEXT_MAX = 4096, /* of one paragraph; a comment has 2,000 bytes, a letter may become 10 */
	/* How many pixels a side stand for one, in a large picture and a small one: readers of PDF differ in how
	 * they enlarge a picture. */
	SMOOTH_LARGE = 3,
	SMOOTH_SMALL = 2,
	LARGE_SIDE = 90, /* points */
};

struct paper {
	cairo_surface_t *surface;
	cairo_t *cairo;
	struct buf *to;
	int pages;
};

#ifdef DAYBREAK_SANITIZED
/* fontconfig keeps offsets where others keep pointers, which the leak checker cannot follow. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}
#endif

static cairo_status_t write_part(void *closure, const unsigned char *data, unsigned int length)
{
	struct paper *paper = closure;
	if (!paper->to)
		return CAIRO_STATUS_SUCCESS;
	buf_add(paper->to, data, length);
	return paper->to->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void set_colour(struct paper *paper, uint32_t colour)
{
	cairo_set_source_rgb(
	    paper->cairo, (colour >> 16) / 255.0, (colour >> 8 & 255) / 255.0, (colour & 255) / 255.0);
}

static void set_pen(struct paper *paper, const struct pen *pen)
{
	cairo_select_font_face(paper->cairo, family, CAIRO_FONT_SLANT_NORMAL,
	    pen->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(paper->cairo, pen->size);
	set_colour(paper, pen->colour);
}

/* Whether the font has every letter of the text. */
static bool has_glyphs(struct paper *paper, const char *text, int length)
{
	cairo_glyph_t *glyphs = NULL;
	int count = 0;
	bool all = cairo_scaled_font_text_to_glyphs(cairo_get_scaled_font(paper->cairo), 0, 0, text, length,
	               &glyphs, &count, NULL, NULL, NULL) == CAIRO_STATUS_SUCCESS;
	for (int i = 0; i < count; i++)
		all = all && glyphs[i].index != 0;
	cairo_glyph_free(glyphs);
	return all;
}

/* Bytes of the letter at text, and its number; what is not UTF-8 is taken byte by byte as question marks. */
static int letter_at(const char *text, uint32_t *ret_number)
{
	uint8_t first = (uint8_t)text[0];
	int size = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
	uint32_t number = size == 1 ? first : size ? first & (0x7Fu >> size) : '?';
	for (int i = 1; i < size; i++) {
		if (((uint8_t)text[i] & 0xC0) != 0x80) {
			*ret_number = '?';
			return 1;
		}
		number = number << 6 | ((uint8_t)text[i] & 0x3F);
	}
	*ret_number = number;
	return size ? size : 1;
}

/* Written from right to left or joined: cairo alone would show it letter by letter in the wrong order. */
static bool needs_shaping(uint32_t number)
{
	return (number >= 0x590 && number <= 0x8FF) || (number >= 0xFB1D && number <= 0xFDFF) ||
	    (number >= 0xFE70 && number <= 0xFEFF);
}

/* The text as it can be shown: what the font lacks as a number, a line break or the like as a blank. */
static void make_showable(struct paper *paper, const char *text, char to[PAPER_TEXT_MAX])
{
	size_t at = 0;
	while (*text && at + 16 < PAPER_TEXT_MAX) {
		uint32_t number;
		int size = letter_at(text, &number);
		if (number < 0x20 || number == 0x7F)
			at += (size_t)snprintf(to + at, PAPER_TEXT_MAX - at, " ");
		else if (number < 0x7F)
			to[at++] = (char)number;
		else if (!needs_shaping(number) && has_glyphs(paper, text, size))
			at += (size_t)snprintf(to + at, PAPER_TEXT_MAX - at, "%.*s", size, text);
		else
			at += (size_t)snprintf(to + at, PAPER_TEXT_MAX - at, "[U+%04X]", number);
		text += size;
	}
	to[at] = 0;
}

static double advance_of(struct paper *paper, const char *text)
{
	cairo_text_extents_t extents;
	cairo_text_extents(paper->cairo, text, &extents);
	return extents.x_advance;
}

bool paper_open(struct buf *to, const char *title, const char *made, struct paper **ret_paper, struct err *err)
{
	static const char needed[] = "A\303\251\305\223\342\211\245\302\265\342\200\223";
	static const struct pen pen = {.size = 8};
	OWN(paper_free) struct paper *paper = calloc(1, sizeof *paper);
	if (!paper)
		return err_set(err, ERR_NO_MEMORY, "beginning a page");
	paper->to = to;
	paper->surface = cairo_pdf_surface_create_for_stream(write_part, paper, PAPER_WIDTH, PAPER_HEIGHT);
	cairo_pdf_surface_set_metadata(paper->surface, CAIRO_PDF_METADATA_TITLE, title);
	cairo_pdf_surface_set_metadata(paper->surface, CAIRO_PDF_METADATA_AUTHOR, "Daybreak " DAYBREAK_VERSION);
	cairo_pdf_surface_set_metadata(paper->surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
	paper->cairo = cairo_create(paper->surface);
	set_pen(paper, &pen);
	if (!has_glyphs(paper, needed, -1))
		return err_set(
		    err, ERR_UNAVAILABLE, "the font %s is not installed (package fonts-dejavu-core)", family);
	*ret_paper = TAKE(paper);
	return true;
}

void paper_free(struct paper *paper)
{
	if (paper->cairo)
		cairo_destroy(paper->cairo);
	if (paper->surface)
		cairo_surface_destroy(paper->surface);
	free(paper);
}

bool paper_close(struct paper *paper, struct err *err)
{
	cairo_status_t status = cairo_status(paper->cairo);
	if (paper->pages)
		cairo_show_page(paper->cairo);
	cairo_surface_finish(paper->surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(paper->surface);
	if (paper->to && !buf_ok(paper->to, err))
		return false;
	return status == CAIRO_STATUS_SUCCESS ||
	    err_set(err, ERR_INTERNAL, "drawing a page: %s", cairo_status_to_string(status));
}

void paper_page(struct paper *paper)
{
	if (paper->pages++)
		cairo_show_page(paper->cairo);
}

int paper_pages(const struct paper *paper)
{
	return paper->pages;
}

/* Takes letters off the end until it fits with an ellipsis. */
static void shorten(struct paper *paper, char text[PAPER_TEXT_MAX], double width)
{
	static const char ellipsis[] = "\342\200\246";
	size_t length = strlen(text);
	while (length > 0 && advance_of(paper, text) > width) {
		do
			length--;
		while (length > 0 && ((uint8_t)text[length] & 0xC0) == 0x80);
		snprintf(text + length, PAPER_TEXT_MAX - length, "%s", ellipsis);
	}
}

double paper_line(struct paper *paper, double x, double y, double width, enum paper_align align,
    const struct pen *pen, const char *text)
{
	char shown[PAPER_TEXT_MAX];
	set_pen(paper, pen);
	make_showable(paper, text, shown);
	if (width > 0)
		shorten(paper, shown, width);
	double taken = advance_of(paper, shown);
	double left = align == ALIGN_LEFT ? x : align == ALIGN_RIGHT ? x + width - taken : x + (width - taken) / 2;
	cairo_move_to(paper->cairo, left, y);
	cairo_show_text(paper->cairo, shown);
	return taken;
}

/* How many bytes of text go on a line of this width: up to a blank, or, in a word that is wider, up to what fits.
 */
static size_t fit(struct paper *paper, char *text, double width)
{
	size_t length = strlen(text), best = 0;
	for (size_t at = 1; at <= length; at++) {
		if (text[at] && text[at] != ' ')
			continue;
		char kept = text[at];
		text[at] = 0;
		bool fits = advance_of(paper, text) <= width;
		text[at] = kept;
		if (!fits)
			break;
		best = at;
	}
	if (best)
		return best;
	for (size_t at = 1; at <= length; at++) {
		if (((uint8_t)text[at] & 0xC0) == 0x80)
			continue;
		char kept = text[at];
		text[at] = 0;
		bool fits = advance_of(paper, text) <= width;
		text[at] = kept;
		if (!fits)
			return best ? best : at;
		best = at;
	}
	return length;
}

static double wrap(struct paper *paper, double x, double y, double width, int lines_max, const struct pen *pen,
    const char *text, bool draw)
{
	char shown[PAPER_TEXT_MAX];
	int lines = 0;
	set_pen(paper, pen);
	make_showable(paper, text, shown);
	for (char *at = shown; *at && (!lines_max || lines < lines_max); lines++) {
		bool last = lines + 1 == lines_max;
		if (last)
			shorten(paper, at, width);
		size_t size = last ? strlen(at) : fit(paper, at, width);
		char kept = at[size];
		at[size] = 0;
		if (draw) {
			cairo_move_to(paper->cairo, x, y + pen->size * (ASCENT + LEADING * lines));
			cairo_show_text(paper->cairo, at);
		}
		at[size] = kept;
		at += size;
		while (*at == ' ')
			at++;
	}
	return lines * pen->size * LEADING;
}

double paper_text(
    struct paper *paper, double x, double y, double width, int lines_max, const struct pen *pen, const char *text)
{
	return wrap(paper, x, y, width, lines_max, pen, text, true);
}

double paper_height(struct paper *paper, double width, int lines_max, const struct pen *pen, const char *text)
{
	return wrap(paper, 0, 0, width, lines_max, pen, text, false);
}

double paper_width(struct paper *paper, const struct pen *pen, const char *text)
{
	char shown[PAPER_TEXT_MAX];
	set_pen(paper, pen);
	make_showable(paper, text, shown);
	return advance_of(paper, shown);
}

static void outline(struct paper *paper, struct paper_box box, double radius)
{
	cairo_t *c = paper->cairo;
	double right = box.x + box.width, bottom = box.y + box.height;
	cairo_new_path(c);
	if (radius <= 0) {
		cairo_rectangle(c, box.x, box.y, box.width, box.height);
		return;
	}
	cairo_arc(c, right - radius, box.y + radius, radius, -M_PI / 2, 0);
	cairo_arc(c, right - radius, bottom - radius, radius, 0, M_PI / 2);
	cairo_arc(c, box.x + radius, bottom - radius, radius, M_PI / 2, M_PI);
	cairo_arc(c, box.x + radius, box.y + radius, radius, M_PI, 3 * M_PI / 2);
	cairo_close_path(c);
}

void paper_fill(struct paper *paper, struct paper_box box, double radius, uint32_t colour)
{
	set_colour(paper, colour);
	outline(paper, box, radius);
	cairo_fill(paper->cairo);
}

void paper_frame(struct paper *paper, struct paper_box box, double radius, double line, uint32_t colour)
{
	set_colour(paper, colour);
	cairo_set_line_width(paper->cairo, line);
	outline(paper, box, radius);
	cairo_stroke(paper->cairo);
}

void paper_stroke(struct paper *paper, double x1, double y1, double x2, double y2, double line, uint32_t colour)
{
	set_colour(paper, colour);
	cairo_set_line_width(paper->cairo, line);
	cairo_move_to(paper->cairo, x1, y1);
	cairo_line_to(paper->cairo, x2, y2);
	cairo_stroke(paper->cairo);
}

void paper_diamond(struct paper *paper, double x, double y, double radius, uint32_t colour)
{
	cairo_t *c = paper->cairo;
	set_colour(paper, colour);
	cairo_move_to(c, x, y - radius);
	cairo_line_to(c, x + radius, y);
	cairo_line_to(c, x, y + radius);
	cairo_line_to(c, x - radius, y);
	cairo_close_path(c);
	cairo_fill(c);
}

/* Between four pixels, by their distances. */
static uint8_t between(const uint8_t *pixels, int side, double x, double y)
{
	x = fmin(fmax(x, 0), side - 1);
	y = fmin(fmax(y, 0), side - 1);
	int left = (int)x, top = (int)y;
	int right = left + (left < side - 1), bottom = top + (top < side - 1);
	double u = x - left, v = y - top;
	double upper = pixels[top * side + left] * (1 - u) + pixels[top * side + right] * u;
	double lower = pixels[bottom * side + left] * (1 - u) + pixels[bottom * side + right] * u;
	return (uint8_t)(upper * (1 - v) + lower * v + 0.5);
}

void paper_picture(struct paper *paper, double x, double y, double side, const uint8_t *pixels, int pixels_side)
{
	int smooth = side >= LARGE_SIDE ? SMOOTH_LARGE : SMOOTH_SMALL, fine = pixels_side * smooth;
	cairo_surface_t *picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, fine, fine);
	if (cairo_surface_status(picture) == CAIRO_STATUS_SUCCESS) {
		uint8_t *data = cairo_image_surface_get_data(picture);
		int stride = cairo_image_surface_get_stride(picture);
		for (int row = 0; row < fine; row++) {
			for (int column = 0; column < fine; column++) {
				uint8_t grey = between(
				    pixels, pixels_side, (column + 0.5) / smooth - 0.5, (row + 0.5) / smooth - 0.5);
				uint32_t colour = 0x010101u * grey;
				memcpy(data + (size_t)row * (size_t)stride + (size_t)column * 4, &colour,
				    sizeof colour);
			}
		}
		cairo_surface_mark_dirty(picture);
	}
	cairo_t *c = paper->cairo;
	cairo_save(c);
	outline(paper, (struct paper_box){x, y, side, side}, side / 30);
	cairo_clip(c);
	cairo_translate(c, x, y);
	cairo_scale(c, side / fine, side / fine);
	cairo_set_source_surface(c, picture, 0, 0);
	cairo_paint(c);
	cairo_restore(c);
	cairo_surface_destroy(picture);
}
