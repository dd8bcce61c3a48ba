#include "reading/features.h"

#include <string.h>

enum {
	SECTORS = 8,
	BLOCK = 4,
	/* Bins of the circle search, pixels a side. */
	BIN = 4,
	BINS = CUT_SIDE / BIN,
	/* A parts-of-1024 ring scale: 1024 is the embryo's mean radius. */
	RING_ONE = 1024,
};

/* Outer edges of the rings: equal areas would hide the rim, where zona, trophectoderm and cavity differ. */
static const int ring_edge[FEATURE_RINGS] = {300, 500, 660, 800, 920, 1040, 1180};

/* Radii of the circles looked for, parts of the embryo's mean radius: from the cells of a morula to a whole zygote. */
static const int circle_radius[FEATURE_CIRCLES] = {200, 260, 330, 400, 480, 560, 650, 750, 860, 980, 1100};

static const int walk_radius[FEATURE_WALKS] = {330, 520, 700, 860};

/* Sums over one ring, sector by sector. */
struct ring {
	int64_t band[BANDS][SECTORS];
	int64_t count[SECTORS];
	int64_t radial, total; /* slope energy across the ring, and all of it */
	int64_t brightness;
};

struct writer {
	struct features *features;
	int at;
};

static void put(struct writer *to, int64_t value)
{
	to->features->value[to->at++] = (int32_t)value;
}

static int sector_of(int dx, int dy)
{
	int ax = dx < 0 ? -dx : dx, ay = dy < 0 ? -dy : dy;
	return (dx < 0) | (dy < 0) << 1 | (ax < ay) << 2;
}

/* Distance from the middle in parts of the mean radius. */
static int ring_distance(const struct contour *contour, int x, int y)
{
	int dx = 16 * x - contour->x, dy = 16 * y - contour->y;
	return (int)root_of((uint32_t)(dx * dx + dy * dy)) * RING_ONE / contour->mean_radius;
}

static int ring_of(int distance)
{
	for (int i = 0; i < FEATURE_RINGS; i++)
		if (distance < ring_edge[i])
			return i;
	return -1;
}

/* The crop's circle has an edge of its own; nothing near it counts. */
static bool in_sight(int x, int y)
{
	int dx = x - CUT_SIDE / 2, dy = y - CUT_SIDE / 2;
	return dx * dx + dy * dy <= CONTOUR_SIGHT * CONTOUR_SIGHT;
}

static void add_to_ring(const struct scales *scales, int at, int dx, int dy, struct ring *ring)
{
	int sector = sector_of(dx, dy);
	for (int b = 0; b < BANDS; b++)
		ring->band[b][sector] += scales->band[b][at];
	ring->count[sector]++;
	ring->brightness += scales->smooth[1][at];
	int length = (int)root_of((uint32_t)(dx * dx + dy * dy)) + 1;
	int across = (scales->slope_x[at] * dx + scales->slope_y[at] * dy) / length;
	ring->radial += across * across;
	ring->total += scales->slope[at] * scales->slope[at];
}

static void sum_rings(const struct scales *scales, const struct contour *contour, struct ring rings[FEATURE_RINGS])
{
	memset(rings, 0, FEATURE_RINGS * sizeof *rings);
	for (int y = 0; y < CUT_SIDE; y++) {
		for (int x = 0; x < CUT_SIDE; x++) {
			int ring = in_sight(x, y) ? ring_of(ring_distance(contour, x, y)) : -1;
			if (ring >= 0)
				add_to_ring(scales, y * CUT_SIDE + x, 16 * x - contour->x, 16 * y - contour->y,
				    &rings[ring]);
		}
	}
}

/* All texture inside the outer rings: what the bands are measured against. */
static int64_t mean_texture(const struct ring rings[FEATURE_RINGS])
{
	int64_t sum = 0, count = 0;
	for (int i = 0; i < FEATURE_RINGS - 2; i++) {
		for (int s = 0; s < SECTORS; s++) {
			for (int b = 0; b < BANDS; b++)
				sum += rings[i].band[b][s];
			count += rings[i].count[s];
		}
	}
	return 256 * sum / (count ? count : 1) + 1;
}

/* Mean deviation of the sectors from their mean, 256 ths of the mean: a cell mass on one side, a cavity elsewhere. */
static int64_t unevenness(const int64_t sums[SECTORS], const int64_t counts[SECTORS])
{
	int64_t values[SECTORS], mean = 0, deviation = 0;
	for (int s = 0; s < SECTORS; s++) {
		values[s] = 256 * sums[s] / (counts[s] ? counts[s] : 1);
		mean += values[s];
	}
	mean /= SECTORS;
	for (int s = 0; s < SECTORS; s++)
		deviation += values[s] < mean ? mean - values[s] : values[s] - mean;
	return 256 * (deviation / SECTORS) / (mean + 1);
}

static int64_t total_of(const int64_t values[SECTORS])
{
	int64_t sum = 0;
	for (int s = 0; s < SECTORS; s++)
		sum += values[s];
	return sum;
}

static void put_rings(struct writer *to, const struct ring rings[FEATURE_RINGS], int64_t texture)
{
	int64_t light = 0, count = 0;
	for (int i = 0; i < FEATURE_RINGS - 2; i++) {
		light += rings[i].brightness;
		count += total_of(rings[i].count);
	}
	int64_t middle = light / (count ? count : 1);
	for (int i = 0; i < FEATURE_RINGS; i++) {
		int64_t pixels = total_of(rings[i].count) ? total_of(rings[i].count) : 1;
		for (int b = 0; b < BANDS; b++) {
			put(to, log_of((uint64_t)(256 * total_of(rings[i].band[b]) / pixels)) - log_of((uint64_t)texture));
			put(to, unevenness(rings[i].band[b], rings[i].count));
		}
		put(to, log_of((uint64_t)(16 * rings[i].total / pixels)) / 2 - log_of((uint64_t)texture));
		put(to, 1024 * rings[i].radial / (rings[i].total + 1));
		put(to, 256 * 64 * (rings[i].brightness / pixels - middle) / texture);
	}
}

/* Adds a value to a histogram of logarithms. */
enum { LOG_BINS = 512, LOG_STEP = 16 };

static int quantile(const int bins[LOG_BINS], int count, int permille)
{
	int64_t wanted = (int64_t)count * permille / 1000;
	for (int i = 0; i < LOG_BINS; i++) {
		wanted -= bins[i];
		if (wanted < 0)
			return i * LOG_STEP;
	}
	return LOG_BINS * LOG_STEP;
}

static int block_energy(const uint16_t *band, int x, int y)
{
	int sum = 0;
	for (int j = 0; j < BLOCK; j++)
		for (int i = 0; i < BLOCK; i++)
			sum += band[(y + j) * CUT_SIDE + x + i];
	return log_of((uint64_t)(256 * sum / (BLOCK * BLOCK)));
}

static void put_blocks(struct writer *to, const struct scales *scales, const struct contour *contour, int64_t texture)
{
	for (int b = 0; b < BANDS; b++) {
		int bins[LOG_BINS] = {0}, count = 0;
		for (int y = 0; y < CUT_SIDE; y += BLOCK) {
			for (int x = 0; x < CUT_SIDE; x += BLOCK) {
				if (!in_sight(x, y) || ring_distance(contour, x, y) > ring_edge[3])
					continue;
				bins[block_energy(scales->band[b], x, y) / LOG_STEP]++;
				count++;
			}
		}
		put(to, quantile(bins, count, 100) - log_of((uint64_t)texture));
		put(to, quantile(bins, count, 500) - log_of((uint64_t)texture));
		put(to, quantile(bins, count, 900) - log_of((uint64_t)texture));
	}
	put(to, log_of((uint64_t)texture));
}

typedef int votes[BINS + 1][BINS + 1];

/* Each strong slope votes for the two centres of a circle of this radius that it could be the edge of. */
static void vote(const struct scales *scales, const struct contour *contour, int radius, int threshold, votes to)
{
	memset(to, 0, sizeof(votes));
	for (int y = 1; y < CUT_SIDE - 1; y++) {
		for (int x = 1; x < CUT_SIDE - 1; x++) {
			int at = y * CUT_SIDE + x, slope = scales->slope[at];
			if (slope < threshold || !in_sight(x, y) || ring_distance(contour, x, y) > ring_edge[5])
				continue;
			int weight = slope < 3 * threshold ? slope : 3 * threshold;
			int dx = scales->slope_x[at] * radius / (16 * slope), dy = scales->slope_y[at] * radius / (16 * slope);
			for (int side = -1; side <= 1; side += 2) {
				int cx = x + side * dx, cy = y + side * dy;
				if (cx >= 0 && cy >= 0 && cx < CUT_SIDE && cy < CUT_SIDE)
					to[cy / BIN][cx / BIN] += weight;
			}
		}
	}
}

static int votes_around(votes from, int x, int y)
{
	return from[y][x] + from[y][x + 1] + from[y + 1][x] + from[y + 1][x + 1];
}

/* Takes the best centre out, so that the next best is another circle. */
static int take_peak(votes from, int clear, int *ret_x, int *ret_y)
{
	int most = 0, best_x = 0, best_y = 0;
	for (int y = 0; y < BINS; y++) {
		for (int x = 0; x < BINS; x++) {
			if (votes_around(from, x, y) > most) {
				most = votes_around(from, x, y);
				best_x = x;
				best_y = y;
			}
		}
	}
	for (int y = best_y - clear; y <= best_y + 1 + clear; y++)
		for (int x = best_x - clear; x <= best_x + 1 + clear; x++)
			if (x >= 0 && y >= 0 && x < BINS && y < BINS)
				from[y][x] = 0;
	*ret_x = best_x;
	*ret_y = best_y;
	return most;
}

static void put_circles(struct writer *to, const struct scales *scales, const struct contour *contour, int64_t slope)
{
	int threshold = (int)(slope + slope / 2) + 1;
	for (int i = 0; i < FEATURE_CIRCLES; i++) {
		votes found;
		int radius = contour->mean_radius * circle_radius[i] / RING_ONE; /* 1/16 pixels */
		int x, y, peaks[4];
		vote(scales, contour, radius, threshold, found);
		int clear = radius / (16 * BIN * 2);
		peaks[0] = take_peak(found, clear, &x, &y);
		int off = ring_distance(contour, x * BIN + BIN, y * BIN + BIN);
		for (int k = 1; k < 4; k++) {
			int dummy_x, dummy_y;
			peaks[k] = take_peak(found, clear, &dummy_x, &dummy_y);
		}
		/* A full circle of edges at the threshold would give about this much. */
		int64_t full = (int64_t)threshold * radius / 4 + 1;
		put(to, log_of((uint64_t)(1024LL * peaks[0] / full)));
		put(to, 256LL * (peaks[1] + peaks[2] + peaks[3]) / (peaks[0] + 1));
		put(to, off);
	}
}

static void put_walks(struct writer *to, const struct scales *scales, const struct contour *contour)
{
	for (int w = 0; w < FEATURE_WALKS; w++) {
		int radius = contour->mean_radius * walk_radius[w] / RING_ONE;
		int value[4 * OUTLINE_POINTS], mean = 0, crossings = 0, up = 0;
		for (int i = 0; i < 4 * OUTLINE_POINTS; i++) {
			/* Quarter steps between the 32 directions, straight. */
			const int16_t *a = contour_direction[i / 4], *b = contour_direction[(i / 4 + 1) % OUTLINE_POINTS];
			int dx = (a[0] * (4 - i % 4) + b[0] * (i % 4)) / 4, dy = (a[1] * (4 - i % 4) + b[1] * (i % 4)) / 4;
			int x = (contour->x + dx * radius / 16384) / 16, y = (contour->y + dy * radius / 16384) / 16;
			x = x < 0 ? 0 : x >= CUT_SIDE ? CUT_SIDE - 1 : x;
			y = y < 0 ? 0 : y >= CUT_SIDE ? CUT_SIDE - 1 : y;
			value[i] = scales->smooth[1][y * CUT_SIDE + x] - scales->smooth[2][y * CUT_SIDE + x];
			mean += value[i] < 0 ? -value[i] : value[i];
		}
		mean /= 4 * OUTLINE_POINTS;
		/* Swings past half the mean either way: a membrane is one, grain is none. */
		for (int i = 0; i < 8 * OUTLINE_POINTS; i++) {
			int v = value[i % (4 * OUTLINE_POINTS)];
			if (2 * v > mean && up <= 0) {
				crossings += i >= 4 * OUTLINE_POINTS;
				up = 1;
			} else if (2 * v < -mean && up >= 0) {
				up = -1;
			}
		}
		put(to, 64 * crossings);
		put(to, log_of((uint64_t)(16 * mean)));
	}
}

/* How far the outline departs from a circle with `lobes` bulges, 1024 ths of the mean radius. */
static int64_t lobed(const struct contour *contour, int lobes)
{
	int64_t along = 0, across = 0;
	for (int i = 0; i < OUTLINE_POINTS; i++) {
		const int16_t *turn = contour_direction[i * lobes % OUTLINE_POINTS];
		along += contour->radius[i] * turn[0];
		across += contour->radius[i] * turn[1];
	}
	along = along * 8 / 16384;
	across = across * 8 / 16384;
	return 1024 * (int64_t)root_of((uint32_t)(along * along + across * across)) / (OUTLINE_POINTS * contour->mean_radius);
}

static void put_contour(struct writer *to, const struct contour *contour)
{
	int64_t roughness = 0;
	for (int i = 0; i < OUTLINE_POINTS; i++) {
		int step = contour->radius[i] - contour->radius[(i + 1) % OUTLINE_POINTS];
		roughness += step * step;
	}
	put(to, contour->mean_radius);
	put(to, contour->contrast);
	put(to, lobed(contour, 1));
	put(to, lobed(contour, 2));
	put(to, lobed(contour, 3));
	put(to, roughness);
}

void features_make(const struct scales *scales, const struct contour *contour, struct features *ret_features)
{
	struct ring rings[FEATURE_RINGS];
	struct writer to = {ret_features, 0};
	sum_rings(scales, contour, rings);
	int64_t texture = mean_texture(rings), slope = 0, count = 1;
	for (int y = 0; y < CUT_SIDE; y++) {
		for (int x = 0; x < CUT_SIDE; x++) {
			if (in_sight(x, y) && ring_distance(contour, x, y) < ring_edge[4]) {
				slope += scales->slope[y * CUT_SIDE + x];
				count++;
			}
		}
	}
	put_rings(&to, rings, texture);
	put_blocks(&to, scales, contour, texture);
	put_circles(&to, scales, contour, slope / count);
	put_walks(&to, scales, contour);
	put_contour(&to, contour);
}
