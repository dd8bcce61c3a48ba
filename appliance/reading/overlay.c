#include "reading/overlay.h"

#include <string.h>

enum {
	JUMP = 130,         /* grey levels within two pixels */
	STROKE_WIDTH = 10,  /* there and back again within this many pixels */
	GAP_ACROSS = 16,    /* strokes this near belong to the same label */
	GAP_DOWN = 6,
	STROKES_LEAST = 14, /* of a label: two small digits have more */
	LABELS = 64,        /* noted at a time */
	WHITE = 225,        /* a label's box, after JPEG */
	CHUNK = 32,         /* pixels looked at together */
};

/* Pixels left <= x < right, top <= y < bottom. */
struct area {
	int left, top, right, bottom;
};

struct label {
	struct area area;
	int strokes;
};

struct labels {
	struct label of[LABELS];
	int count;
};

static bool near(const struct area *a, const struct area *b)
{
	return a->left <= b->right + GAP_ACROSS && b->left <= a->right + GAP_ACROSS &&
	    a->top <= b->bottom + GAP_DOWN && b->top <= a->bottom + GAP_DOWN;
}

static void unite(struct label *to, const struct label *from)
{
	to->strokes += from->strokes;
	to->area.left = from->area.left < to->area.left ? from->area.left : to->area.left;
	to->area.top = from->area.top < to->area.top ? from->area.top : to->area.top;
	to->area.right = from->area.right > to->area.right ? from->area.right : to->area.right;
	to->area.bottom = from->area.bottom > to->area.bottom ? from->area.bottom : to->area.bottom;
}

/* Unites labels that have grown together. A label that grew may touch an earlier one: from the
 * start again. */
static void gather(struct labels *labels)
{
	for (int i = 0; i < labels->count; i++) {
		for (int k = 0; k < i; k++) {
			if (!near(&labels->of[i].area, &labels->of[k].area))
				continue;
			unite(&labels->of[k], &labels->of[i]);
			labels->of[i] = labels->of[--labels->count];
			i = -1;
			break;
		}
	}
}

static void add_stroke(struct labels *labels, int from, int to, int y)
{
	struct label stroke = {{from, y, to, y + 1}, 1};
	for (int i = 0; i < labels->count; i++) {
		if (near(&labels->of[i].area, &stroke.area)) {
			unite(&labels->of[i], &stroke);
			return;
		}
	}
	if (labels->count == LABELS)
		gather(labels);
	/* Still full: more than a frame's worth of writing. One label then covers what lies
	 * between. */
	if (labels->count == LABELS)
		unite(&labels->of[LABELS - 1], &stroke);
	else
		labels->of[labels->count++] = stroke;
}

/* Whether any pixel of the chunk differs by JUMP from the second one after it; written so that
 * compilers vectorise. */
static bool chunk_jumps(const uint8_t *p)
{
	uint8_t most = 0;
	for (int i = 0; i < CHUNK; i++) {
		uint8_t jump =
		    p[i] > p[i + 2] ? (uint8_t)(p[i] - p[i + 2]) : (uint8_t)(p[i + 2] - p[i]);
		most = jump > most ? jump : most;
	}
	return most >= JUMP;
}

/* A stroke: a jump and, within STROKE_WIDTH, a jump back. */
static void find_strokes(const uint8_t *row, int y, int width, struct labels *labels)
{
	int last = 0, last_x = 0; /* the jump before this one: its sign and place */
	for (int x = 0; x < width - 2; x++) {
		if (x + CHUNK + 2 <= width && !chunk_jumps(row + x)) {
			x += CHUNK - 1;
			continue;
		}
		int step = row[x + 2] - row[x], sign = step >= JUMP ? 1 : step <= -JUMP ? -1 : 0;
		if (sign == 0)
			continue;
		if (sign == -last && x - last_x <= STROKE_WIDTH)
			add_stroke(labels, last_x, x + 3, y);
		last = sign;
		last_x = x;
	}
}

static struct area inside(struct area area, const struct image *image)
{
	area.left = area.left < 0 ? 0 : area.left;
	area.top = area.top < 0 ? 0 : area.top;
	area.right = area.right > image->width ? image->width : area.right;
	area.bottom = area.bottom > image->height ? image->height : area.bottom;
	return area;
}

/* Whether three in five of the line's pixels, a row or a column, are the white of a box. */
static bool is_white(const struct image *image, struct area line)
{
	int white = 0, all = 0;
	line = inside(line, image);
	for (int y = line.top; y < line.bottom; y++) {
		for (int x = line.left; x < line.right; x++) {
			white += image->pixels[(size_t)y * (size_t)image->width + (size_t)x] >= WHITE;
			all++;
		}
	}
	return all > 0 && white * 5 >= all * 3;
}

/* How many white lines follow each other from this one on, in steps of (dx, dy); at most `most`. */
static int white_lines(const struct image *image, struct area line, int dx, int dy, int most)
{
	int count = 0;
	while (count < most && is_white(image, line)) {
		line = (struct area){line.left + dx, line.top + dy, line.right + dx, line.bottom + dy};
		count++;
	}
	return count;
}

/* The label's own box goes with it: its sides are white up to the edge. Then a little for what
 * JPEG smears and for the bars of large letters, which are wider than a stroke. */
static struct area grow(const struct image *image, struct area a)
{
	const int most = (a.bottom - a.top) * 2, margin = 2 + (a.bottom - a.top) / 6;
	a.left -= white_lines(image, (struct area){a.left - 1, a.top, a.left, a.bottom}, -1, 0, most);
	a.right += white_lines(image, (struct area){a.right, a.top, a.right + 1, a.bottom}, 1, 0, most);
	a.top -= white_lines(image, (struct area){a.left, a.top - 1, a.right, a.top}, 0, -1, most);
	a.bottom +=
	    white_lines(image, (struct area){a.left, a.bottom, a.right, a.bottom + 1}, 0, 1, most);
	return (struct area){a.left - margin, a.top - margin, a.right + margin, a.bottom + margin};
}

/* The median of the pixels just around the area. */
static uint8_t surroundings(const struct image *image, struct area area)
{
	struct area outer = inside(
	    (struct area){area.left - 2, area.top - 2, area.right + 2, area.bottom + 2}, image);
	uint32_t histogram[256] = {0}, total = 0, below = 0;
	for (int y = outer.top; y < outer.bottom; y++) {
		for (int x = outer.left; x < outer.right; x++) {
			if (x >= area.left && x < area.right && y >= area.top && y < area.bottom)
				continue;
			histogram[image->pixels[(size_t)y * (size_t)image->width + (size_t)x]]++;
			total++;
		}
	}
	int level = 0;
	while (level < 255 && (below += histogram[level]) * 2 < total)
		level++;
	return (uint8_t)level;
}

static void paint(struct image *image, struct area area)
{
	uint8_t level = surroundings(image, area);
	for (int y = area.top; y < area.bottom; y++)
		memset(image->pixels + (size_t)y * (size_t)image->width + area.left, level,
		    (size_t)(area.right - area.left));
}

/* Writing is wider than high; the outline of a cell that happens to be as sharp is not. */
static bool is_label(const struct label *label)
{
	return label->strokes >= STROKES_LEAST &&
	    label->area.right - label->area.left >= label->area.bottom - label->area.top;
}

int overlay_erase(struct image *image)
{
	struct labels labels = {.count = 0};
	int erased = 0;
	for (int y = 0; y < image->height; y++)
		find_strokes(
		    image->pixels + (size_t)y * (size_t)image->width, y, image->width, &labels);
	gather(&labels);
	for (int i = 0; i < labels.count; i++) {
		if (!is_label(&labels.of[i]))
			continue;
		paint(image, inside(grow(image, labels.of[i].area), image));
		erased++;
	}
	return erased;
}
