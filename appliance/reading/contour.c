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

/* Direction i as a vector of length UNIT. */
static const int16_t direction[OUTLINE_POINTS][2] = {
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

static int pixel_at(int d, int radius)
{
	int x = MIDDLE + (direction[d][0] * radius + UNIT / 2 + 64 * UNIT) / UNIT - 64;
	int y = MIDDLE + (direction[d][1] * radius + UNIT / 2 + 64 * UNIT) / UNIT - 64;
	return y * CUT_SIDE + x;
}

static void unroll(const struct scales *scales, struct unrolled *to)
{
	for (int d = 0; d < OUTLINE_POINTS; d++) {
		int dx = direction[d][0], dy = direction[d][1];
		for (int r = 0; r < RADII; r++) {
			int at = pixel_at(d, r);
			int across =
			    (scales->slope_x[at] / SLOPE_ONE * dx + scales->slope_y[at] / SLOPE_ONE * dy) /
			    UNIT;
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

/* One direction on: the best line that ends at each radius, and where it came from. Of equals the smaller
 * radius. Radii that no line may have hold so little in best that nothing comes from them. */
static void advance(const int worth[RADII], int32_t best[RADII], int32_t from[RADII])
{
	int32_t most[RADII];
	for (int r = CONTOUR_RADIUS_MIN; r <= CONTOUR_RADIUS_MAX; r++) {
		most[r] = best[r - STEP_MAX] - BEND_COST * STEP_MAX * STEP_MAX;
		from[r] = r - STEP_MAX;
	}
	for (int step = 1 - STEP_MAX; step <= STEP_MAX; step++) {
		for (int r = CONTOUR_RADIUS_MIN; r <= CONTOUR_RADIUS_MAX; r++) {
			int32_t value = best[r + step] - BEND_COST * step * step;
			from[r] = value > most[r] ? r + step : from[r];
			most[r] = value > most[r] ? value : most[r];
		}
	}
	for (int r = CONTOUR_RADIUS_MIN; r <= CONTOUR_RADIUS_MAX; r++)
		best[r] = most[r] + worth[r];
}

/* The best closed line, by dynamic programming three times around. The turn in the middle is
 * kept: there the line has forgotten that it had a beginning and does not know yet that it will
 * end, so it closes. */
static void trace(int worth[OUTLINE_POINTS][RADII], uint8_t radius[OUTLINE_POINTS])
{
	int32_t best[RADII], from[3 * OUTLINE_POINTS][RADII];
	for (int r = 0; r < RADII; r++)
		best[r] = r < CONTOUR_RADIUS_MIN || r > CONTOUR_RADIUS_MAX ? INT32_MIN / 2 : 0;
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

static int along(int d, int dx, int dy)
{
	return dx * direction[d % OUTLINE_POINTS][0] + dy * direction[d % OUTLINE_POINTS][1];
}

/* Directions, clockwise. */
enum { RIGHT = 0, DOWN = 8, LEFT = 16, UP = 24, RIGHT_AGAIN = 32 };

/* A quarter of a row, from the middle outwards. Its pixels' nearest directions turn from straight up or down
 * (`from`) to straight aside (`to`), one after the other. */
static void mark_quarter(struct contour *contour, int y, int from, int to)
{
	int turn = to > from ? 1 : -1, step = to == LEFT ? -1 : 1, dy = y - MIDDLE, d = from;
	for (int dx = step > 0 ? 0 : -1; dx * dx + dy * dy <= CONTOUR_SIGHT * CONTOUR_SIGHT; dx += step) {
		while (d != to && along(d + turn, dx, dy) >= along(d, dx, dy) + (turn > 0))
			d += turn;
		int radius = contour->radius[d % OUTLINE_POINTS];
		uint8_t in = 4 * (dx * dx + dy * dy) <= radius * radius;
		contour->inside[y * CUT_SIDE + MIDDLE + dx] = in;
		contour->area += in;
	}
}

/* What lies inside the line: nearer to the middle than its radius in the nearest of the directions. */
static void mark(struct contour *contour)
{
	for (int y = MIDDLE - CONTOUR_SIGHT; y <= MIDDLE + CONTOUR_SIGHT; y++) {
		bool below = y >= MIDDLE;
		mark_quarter(contour, y, below ? DOWN : UP, below ? RIGHT : RIGHT_AGAIN);
		mark_quarter(contour, y, below ? DOWN : UP, LEFT);
	}
}

void contour_find(const struct scales *scales, struct contour *ret_contour)
{
	struct unrolled unrolled;
	int worth[OUTLINE_POINTS][RADII];
	memset(ret_contour, 0, sizeof *ret_contour);
	unroll(scales, &unrolled);
	weigh(&unrolled, worth);
	trace(worth, ret_contour->radius);
	mark(ret_contour);
}
