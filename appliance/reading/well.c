#include "reading/well.h"

#include "reading/climb.h"

enum {
	CELL = 4,    /* field pixels a side of a voting cell */
	MARGIN = 40, /* the centre may lie this far outside the frame */
	CELLS_SIDE =
	    64, /* voting cells a side: a field is 160 wide; of a longer one the rest does not vote */
	CANDIDATES = 4, /* centres measured in full */
	RADIUS_STEP = 3,
	VOTER_STEP = 2, /* every second pixel of every second row votes: rims are long */
};

/* Share of the rim in sight that must be bright inwards. */
static const float rim_share = 0.6f;

/* Mean drop of brightness across the rim, as a share of the frame's contrast: the outline of an
 * embryo has less. */
static const float drop_share = 0.15f;

/* A slope this steep belongs to an edge, in grey levels per field pixel. Some frames are nearly
 * black. */
static float edge_slope(const struct field *field)
{
	float slope = field->contrast / 50;
	return slope > 4 ? 4 : slope < 0.5f ? 0.5f : slope;
}

enum { RADII_MAX = 64 }; /* a third of the radii of a field below 2 * FIELD_SIDE */

struct ballot {
	int columns, rows;
	int radii_count;
	float radii[RADII_MAX]; /* that are voted for */
	uint32_t votes[CELLS_SIDE * CELLS_SIDE];
};

struct range {
	float least, most;
};

/* Wells fill their frames: from a quarter of the shorter side to beyond the frame's edge. */
static struct range radii(const struct field *field)
{
	float side = (float)(field->width < field->height ? field->width : field->height);
	return (struct range){side * 0.26f, side * 0.62f};
}

static void vote(const struct field *field, struct ballot *ballot, int x, int y)
{
	size_t at = (size_t)y * (size_t)field->width + (size_t)x;
	float dx = field->slope_x[at], dy = field->slope_y[at], steep = edge_slope(field);
	float size2 = dx * dx + dy * dy;
	int columns[RADII_MAX], rows[RADII_MAX];
	if (size2 < steep * steep)
		return;
	float size = __builtin_sqrtf(size2), along_x = dx / size, along_y = dy / size;
	for (int i = 0; i < ballot->radii_count; i++) {
		columns[i] = (field_round((float)x + along_x * ballot->radii[i]) + MARGIN) / CELL;
		rows[i] = (field_round((float)y + along_y * ballot->radii[i]) + MARGIN) / CELL;
	}
	for (int i = 0; i < ballot->radii_count; i++)
		if (columns[i] >= 0 && rows[i] >= 0 && columns[i] < ballot->columns && rows[i] < ballot->rows)
			ballot->votes[rows[i] * CELLS_SIDE + columns[i]]++;
}

static void vote_all(const struct field *field, struct ballot *ballot)
{
	struct range radius = radii(field);
	for (float r = radius.least; r <= radius.most && ballot->radii_count < RADII_MAX; r += RADIUS_STEP)
		ballot->radii[ballot->radii_count++] = r;
	for (int y = 1; y < field->height - 1; y += VOTER_STEP)
		for (int x = 1; x < field->width - 1; x += VOTER_STEP)
			vote(field, ballot, x, y);
}

/* How bright inwards the circle's edge is: -1..1 per direction in sight, averaged; 0 when too
 * little is in sight. */
static float well_score(struct circle c, const void *context)
{
	const struct field *field = context;
	float sum = 0, steep = edge_slope(field);
	int seen = 0, xs[FIELD_DIRECTIONS], ys[FIELD_DIRECTIONS];
	for (int i = 0; i < FIELD_DIRECTIONS; i++) {
		xs[i] = field_round(c.x + c.radius * field->direction_x[i]);
		ys[i] = field_round(c.y + c.radius * field->direction_y[i]);
	}
	for (int i = 0; i < FIELD_DIRECTIONS; i++) {
		int x = xs[i], y = ys[i];
		if (x < 1 || y < 1 || x >= field->width - 1 || y >= field->height - 1)
			continue;
		size_t at = (size_t)y * (size_t)field->width + (size_t)x;
		float inwards = -field->slope_x[at] * field->direction_x[i] -
		    field->slope_y[at] * field->direction_y[i];
		float share = inwards / (2 * steep);
		sum += share > 1 ? 1 : share < -1 ? -1 : share;
		seen++;
	}
	return seen * 2 < FIELD_DIRECTIONS ? 0 : sum / (float)seen;
}

static struct circle best_radius(const struct field *field, float x, float y, float *ret_score)
{
	struct range radius = radii(field);
	struct circle best = {x, y, radius.least};
	*ret_score = 0;
	for (float r = radius.least; r <= radius.most; r += 2) {
		float score = well_score((struct circle){x, y, r}, field);
		if (score > *ret_score) {
			*ret_score = score;
			best.radius = r;
		}
	}
	return best;
}

/* Takes the fullest cell and empties its neighbourhood, so that the next call gives another
 * centre. */
static bool take_centre(struct ballot *ballot, float *ret_x, float *ret_y)
{
	int best = 0;
	for (int i = 0; i < CELLS_SIDE * CELLS_SIDE; i++)
		if (ballot->votes[i] > ballot->votes[best])
			best = i;
	if (ballot->votes[best] == 0)
		return false;
	int row = best / CELLS_SIDE, column = best % CELLS_SIDE;
	*ret_x = (float)(column * CELL - MARGIN) + CELL / 2.0f;
	*ret_y = (float)(row * CELL - MARGIN) + CELL / 2.0f;
	for (int dy = -1; dy <= 1; dy++)
		for (int dx = -1; dx <= 1; dx++)
			if (row + dy >= 0 && row + dy < CELLS_SIDE && column + dx >= 0 &&
			    column + dx < CELLS_SIDE)
				ballot->votes[(row + dy) * CELLS_SIDE + column + dx] = 0;
	return true;
}

/* Mean fall of brightness from just inside the circle to just outside it, where both are in
 * sight. */
static float brightness_drop(const struct field *field, struct circle c)
{
	float sum = 0;
	int seen = 0;
	for (int i = 0; i < FIELD_DIRECTIONS; i++) {
		int x_in = field_round(c.x + c.radius * 0.94f * field->direction_x[i]);
		int y_in = field_round(c.y + c.radius * 0.94f * field->direction_y[i]);
		int x_out = field_round(c.x + c.radius * 1.06f * field->direction_x[i]);
		int y_out = field_round(c.y + c.radius * 1.06f * field->direction_y[i]);
		if (!field_inside(field, x_in, y_in) || !field_inside(field, x_out, y_out))
			continue;
		sum += field->grey[y_in * field->width + x_in] -
		    field->grey[y_out * field->width + x_out];
		seen++;
	}
	return seen > 0 ? sum / (float)seen : 0;
}

bool well_find(const struct field *field, struct circle *ret_well)
{
	struct ballot ballot = {.columns = (field->width + 2 * MARGIN) / CELL,
	    .rows = (field->height + 2 * MARGIN) / CELL};
	if (ballot.columns > CELLS_SIDE)
		ballot.columns = CELLS_SIDE;
	if (ballot.rows > CELLS_SIDE)
		ballot.rows = CELLS_SIDE;
	vote_all(field, &ballot);

	struct circle best = {0};
	float best_score = 0, x, y, score;
	for (int i = 0; i < CANDIDATES && take_centre(&ballot, &x, &y); i++) {
		struct circle c = best_radius(field, x, y, &score);
		c = circle_climb(c, 2, well_score, field, &score);
		if (score > best_score) {
			best = c;
			best_score = score;
		}
	}
	if (best_score < rim_share || brightness_drop(field, best) < drop_share * field->contrast)
		return false;
	*ret_well = best;
	return true;
}

void well_flatten(struct field *field, struct circle well)
{
	float rim2 = WELL_RIM * WELL_RIM * well.radius * well.radius;
	for (int y = 0; y < field->height; y++) {
		for (int x = 0; x < field->width; x++) {
			float far_x = (float)x - well.x, far_y = (float)y - well.y;
			float far2 = far_x * far_x + far_y * far_y;
			if (far2 < rim2)
				continue;
			size_t at = (size_t)y * (size_t)field->width + (size_t)x;
			float outwards =
			    (field->slope_x[at] * far_x + field->slope_y[at] * far_y) / far2;
			field->slope_x[at] -= outwards * far_x;
			field->slope_y[at] -= outwards * far_y;
		}
	}
}
