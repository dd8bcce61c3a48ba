#include "reading/contour.h"

#include <string.h>

enum {
	MIDDLE = CUT_SIDE / 2,
	RADII = CONTOUR_SIGHT + 1,
	UNIT = 16384,
	/* A step of the line between neighbouring directions, pixels: cells bulge, needles are
	 * noise. */
	STEP_MAX = 3,
	LOST_WORTH = 4, /* quarters */
	EDGE_WORTH = 2,
	BEND_COST = 48,
	/* Where cells usually end, and what a pixel squared away from it costs in quarters:
	 * enough to leave the well's wall and a single cell's edge alone, too little to move the
	 * line off a real edge. */
	USUAL_RADIUS = 42,
	UNUSUAL_COST = 3,
	/* Texture is compared this far inside and outside the line. */
	SIDE = 7,
};

const int16_t contour_direction[OUTLINE_POINTS][2] = {
    {16384, 0},
    {16069, 3196},
    {15137, 6270},
    {13623, 9102},
    {11585, 11585},
    {9102, 13623},
    {6270, 15137},
    {3196, 16069},
    {0, 16384},
    {-3196, 16069},
    {-6270, 15137},
    {-9102, 13623},
    {-11585, 11585},
    {-13623, 9102},
    {-15137, 6270},
    {-16069, 3196},
    {-16384, 0},
    {-16069, -3196},
    {-15137, -6270},
    {-13623, -9102},
    {-11585, -11585},
    {-9102, -13623},
    {-6270, -15137},
    {-3196, -16069},
    {0, -16384},
    {3196, -16069},
    {6270, -15137},
    {9102, -13623},
    {11585, -11585},
    {13623, -9102},
    {15137, -6270},
    {16069, -3196},
};

/* The cut unrolled around its middle: one row a direction. */
struct unrolled {
	int edge[OUTLINE_POINTS][RADII];    /* slope across the line */
	int texture[OUTLINE_POINTS][RADII]; /* grain and membranes */
};

static int pixel_at(int direction, int radius)
{
	int x = MIDDLE + (contour_direction[direction][0] * radius + UNIT / 2 + 64 * UNIT) / UNIT - 64;
	int y = MIDDLE + (contour_direction[direction][1] * radius + UNIT / 2 + 64 * UNIT) / UNIT - 64;
	return y * CUT_SIDE + x;
}

static void unroll(const struct scales *scales, struct unrolled *to)
{
	for (int d = 0; d < OUTLINE_POINTS; d++) {
		int dx = contour_direction[d][0], dy = contour_direction[d][1];
		for (int r = 0; r < RADII; r++) {
			int at = pixel_at(d, r);
			int across = (scales->slope_x[at] * dx + scales->slope_y[at] * dy) / UNIT;
			to->edge[d][r] = across < 0 ? -across : across;
			to->texture[d][r] = scales->band[0][at] + scales->band[1][at];
		}
	}
}

/* Over the part that is embryo for certain: what is usual there. */
static int usual(const int rows[OUTLINE_POINTS][RADII])
{
	int64_t sum = 0;
	for (int d = 0; d < OUTLINE_POINTS; d++)
		for (int r = CONTOUR_RADIUS_MIN / 2; r < USUAL_RADIUS; r++)
			sum += rows[d][r];
	return (int)(sum / (OUTLINE_POINTS * (USUAL_RADIUS - CONTOUR_RADIUS_MIN / 2))) + 1;
}

/* To logarithms of the share of the usual, 256 an octave: the wall of the well is far brighter
 * than any membrane, but no more than a few octaves. */
static void compress(int rows[OUTLINE_POINTS][RADII])
{
	int middle = usual(rows);
	for (int d = 0; d < OUTLINE_POINTS; d++)
		for (int r = 0; r < RADII; r++)
			rows[d][r] = log_of((uint64_t)(256LL * rows[d][r] / middle + 64));
}

/* What a line through (direction, radius) is worth there: texture lost on the way out, plus the
 * edge itself. */
static void weigh(struct unrolled *unrolled, int worth[OUTLINE_POINTS][RADII])
{
	compress(unrolled->texture);
	compress(unrolled->edge);
	for (int d = 0; d < OUTLINE_POINTS; d++) {
		const int *texture = unrolled->texture[d];
		for (int r = 0; r < RADII; r++) {
			int in = 0, out = 0, in_count = 0, out_count = 0;
			for (int i = 1; i <= SIDE; i++) {
				if (r - i >= 0)
					in += texture[r - i], in_count++;
				if (r + i < RADII)
					out += texture[r + i], out_count++;
			}
			int lost = in / (in_count ? in_count : 1) - out / (out_count ? out_count : 1);
			worth[d][r] = LOST_WORTH * lost / 4 + EDGE_WORTH * unrolled->edge[d][r] / 4 -
			              UNUSUAL_COST * (r - USUAL_RADIUS) * (r - USUAL_RADIUS) / 4;
		}
	}
}

/* One direction on: the best line that ends at each radius, and where it came from. */
static void advance(const int worth[RADII], int32_t best[RADII], uint8_t from[RADII])
{
	int32_t next[RADII] = {0};
	for (int r = CONTOUR_RADIUS_MIN; r <= CONTOUR_RADIUS_MAX; r++) {
		int32_t most = INT32_MIN;
		for (int q = r - STEP_MAX; q <= r + STEP_MAX; q++) {
			if (q < CONTOUR_RADIUS_MIN || q > CONTOUR_RADIUS_MAX)
				continue;
			int32_t value = best[q] - BEND_COST * (q - r) * (q - r);
			if (value > most) {
				most = value;
				from[r] = (uint8_t)q;
			}
		}
		next[r] = most + worth[r];
	}
	memcpy(best, next, sizeof next);
}

/* The best closed line, by dynamic programming three times around. The turn in the middle is
 * kept: there the line has forgotten that it had a beginning and does not know yet that it will
 * end, so it closes. */
static void trace(int worth[OUTLINE_POINTS][RADII], uint8_t radius[OUTLINE_POINTS])
{
	int32_t best[RADII] = {0};
	uint8_t from[3 * OUTLINE_POINTS][RADII];
	for (int step = 0; step < 3 * OUTLINE_POINTS; step++)
		advance(worth[step % OUTLINE_POINTS], best, from[step]);
	int r = CONTOUR_RADIUS_MIN;
	for (int q = r; q <= CONTOUR_RADIUS_MAX; q++)
		if (best[q] > best[r])
			r = q;
	for (int step = 3 * OUTLINE_POINTS - 1; step >= OUTLINE_POINTS; step--) {
		radius[step % OUTLINE_POINTS] = (uint8_t)(2 * r);
		r = from[step][r];
	}
}

/* The nearest of the 32 directions, among the nine of its quadrant. */
static int direction_of(int dx, int dy)
{
	int first = dy >= 0 ? (dx >= 0 ? 0 : 8) : (dx < 0 ? 16 : 24);
	int best = first, most = INT32_MIN;
	for (int d = first; d <= first + 8; d++) {
		const int16_t *direction = contour_direction[d % OUTLINE_POINTS];
		int along = dx * direction[0] + dy * direction[1];
		if (along > most) {
			most = along;
			best = d % OUTLINE_POINTS;
		}
	}
	return best;
}

static bool is_inside(const struct contour *contour, int dx, int dy)
{
	int radius = contour->radius[direction_of(dx, dy)];
	return 4 * (dx * dx + dy * dy) <= radius * radius;
}

static void measure(const struct scales *scales, struct contour *contour)
{
	int64_t inside = 0, outside = 0, x_sum = 0, y_sum = 0;
	int out_count = 0;
	for (int y = 0; y < CUT_SIDE; y++) {
		for (int x = 0; x < CUT_SIDE; x++) {
			int dx = x - MIDDLE, dy = y - MIDDLE, at = y * CUT_SIDE + x;
			if (dx * dx + dy * dy > CONTOUR_SIGHT * CONTOUR_SIGHT)
				continue;
			int texture = scales->band[0][at] + scales->band[1][at];
			if (is_inside(contour, dx, dy)) {
				contour->inside[at] = 1;
				inside += texture;
				x_sum += x;
				y_sum += y;
				contour->area++;
			} else {
				outside += texture;
				out_count++;
			}
		}
	}
	contour->x = (int)(16 * x_sum / contour->area);
	contour->y = (int)(16 * y_sum / contour->area);
	/* area = pi r^2; 81.487 = 256 / pi. */
	contour->mean_radius = (int)root_of((uint32_t)((int64_t)contour->area * 81487 / 1000));
	contour->contrast = log_of((uint64_t)(16 * inside / contour->area)) -
	                    log_of((uint64_t)(16 * outside / (out_count ? out_count : 1)));
}

void contour_find(const struct scales *scales, struct contour *ret_contour)
{
	struct unrolled unrolled;
	int worth[OUTLINE_POINTS][RADII];
	memset(ret_contour, 0, sizeof *ret_contour);
	unroll(scales, &unrolled);
	weigh(&unrolled, worth);
	trace(worth, ret_contour->radius);
	measure(scales, ret_contour);
}
