#include "reading/features.h"

#include <string.h>

enum {
	SECTORS = 8,
	BLOCK = 4,
	WALK_STEPS = 4 * OUTLINE_POINTS,
	PEAKS = 4,
	/* Bins of the circle search, pixels a side. */
	BIN = 4,
	BINS = CUT_SIDE / BIN,
	/* A parts-of-1024 ring scale: 1024 is the embryo's mean radius. */
	RING_ONE = 1024,
};

/* Outer edges of the rings: equal areas would hide the rim, where zona, trophectoderm and cavity
 * differ. */
static const int ring_edge[FEATURE_RINGS] = {300, 500, 660, 800, 920, 1040, 1180};

/* Radii of the circles looked for, parts of the embryo's mean radius: from the cells of a morula
 * to a whole zygote. */
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

/* A plane as the measures below see it. */
struct sight {
	const struct scales *scales;
	const struct contour *contour;
	/* From the embryo's middle, parts of its mean radius; OUT_OF_SIGHT beside the crop's
	 * circle, which has an edge of its own. */
	uint16_t distance[CUT_PIXELS];
	int64_t texture; /* mean inside the embryo: what the bands are measured against */
	int64_t slope;   /* mean inside the embryo */
};

enum { OUT_OF_SIGHT = UINT16_MAX };

static int distance_at(const struct contour *contour, int x, int y)
{
	int dx = 16 * x - contour->x, dy = 16 * y - contour->y;
	return (int)root_of((uint32_t)(dx * dx + dy * dy)) * RING_ONE / contour->mean_radius;
}

static void measure_distances(struct sight *sight)
{
	for (int y = 0; y < CUT_SIDE; y++) {
		for (int x = 0; x < CUT_SIDE; x++) {
			int dx = x - CUT_SIDE / 2, dy = y - CUT_SIDE / 2;
			bool seen = dx * dx + dy * dy <= CONTOUR_SIGHT * CONTOUR_SIGHT;
			sight->distance[y * CUT_SIDE + x] = seen ? (uint16_t)distance_at(sight->contour, x,
			                                               y)
			                                         : OUT_OF_SIGHT;
		}
	}
}

static void measure_slope(struct sight *sight)
{
	int64_t sum = 0, count = 1;
	for (int at = 0; at < CUT_PIXELS; at++) {
		if (sight->distance[at] < ring_edge[4]) {
			sum += sight->scales->slope[at];
			count++;
		}
	}
	sight->slope = sum / count;
}

static int ring_of(int distance)
{
	for (int i = 0; i < FEATURE_RINGS; i++)
		if (distance < ring_edge[i])
			return i;
	return -1;
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

static void sum_rings(const struct sight *sight, struct ring rings[FEATURE_RINGS])
{
	memset(rings, 0, FEATURE_RINGS * sizeof *rings);
	for (int y = 0; y < CUT_SIDE; y++) {
		for (int x = 0; x < CUT_SIDE; x++) {
			int at = y * CUT_SIDE + x, ring = ring_of(sight->distance[at]);
			if (ring >= 0)
				add_to_ring(sight->scales, at, 16 * x - sight->contour->x,
				    16 * y - sight->contour->y, &rings[ring]);
		}
	}
}

/* All bands together, over the inner rings. */
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

/* Mean deviation of the sectors from their mean, 256 ths of the mean: a cell mass on one side, a
 * cavity elsewhere. */
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
			put(to, log_of((uint64_t)(256 * total_of(rings[i].band[b]) / pixels)) -
			            log_of((uint64_t)texture));
			put(to, unevenness(rings[i].band[b], rings[i].count));
		}
		put(to, log_of((uint64_t)(16 * rings[i].total / pixels)) / 2 - log_of((uint64_t)texture));
		put(to, 1024 * rings[i].radial / (rings[i].total + 1));
		put(to, 256 * 64 * (rings[i].brightness / pixels - middle) / texture);
	}
}

/* A histogram of logarithms. */
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

static void put_blocks(struct writer *to, const struct sight *sight)
{
	int usual = log_of((uint64_t)sight->texture);
	for (int b = 0; b < BANDS; b++) {
		int bins[LOG_BINS] = {0}, count = 0;
		for (int y = 0; y < CUT_SIDE; y += BLOCK) {
			for (int x = 0; x < CUT_SIDE; x += BLOCK) {
				if (sight->distance[y * CUT_SIDE + x] > ring_edge[3])
					continue;
				bins[block_energy(sight->scales->band[b], x, y) / LOG_STEP]++;
				count++;
			}
		}
		put(to, quantile(bins, count, 100) - usual);
		put(to, quantile(bins, count, 500) - usual);
		put(to, quantile(bins, count, 900) - usual);
	}
	put(to, usual);
}

/* A strong slope: part of an edge. */
struct edge {
	uint8_t x, y;
	int16_t slope_x, slope_y;
	uint16_t slope, weight;
};

struct edges {
	struct edge of[CUT_PIXELS];
	int count;
	int threshold;
};

static void find_edges(const struct sight *sight, struct edges *to)
{
	to->count = 0;
	to->threshold = (int)(sight->slope + sight->slope / 2) + 1;
	for (int at = 0; at < CUT_PIXELS; at++) {
		int slope = sight->scales->slope[at];
		if (slope < to->threshold || sight->distance[at] > ring_edge[5])
			continue;
		/* Beyond three times the threshold an edge is only brighter, not truer. */
		int weight = slope < 3 * to->threshold ? slope : 3 * to->threshold;
		to->of[to->count++] = (struct edge){(uint8_t)(at % CUT_SIDE), (uint8_t)(at / CUT_SIDE),
		    sight->scales->slope_x[at], sight->scales->slope_y[at], (uint16_t)slope,
		    (uint16_t)weight};
	}
}

typedef int votes[BINS + 1][BINS + 1];

/* Each edge votes for the two centres of a circle of this radius that it could be part of. */
static void vote(const struct edges *edges, int radius, votes to)
{
	memset(to, 0, sizeof(votes));
	for (int i = 0; i < edges->count; i++) {
		const struct edge *edge = &edges->of[i];
		int dx = edge->slope_x * radius / (16 * edge->slope),
		    dy = edge->slope_y * radius / (16 * edge->slope);
		for (int side = -1; side <= 1; side += 2) {
			int x = edge->x + side * dx, y = edge->y + side * dy;
			if (x >= 0 && y >= 0 && x < CUT_SIDE && y < CUT_SIDE)
				to[y / BIN][x / BIN] += edge->weight;
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

static void put_circles(struct writer *to, const struct sight *sight)
{
	struct edges edges;
	find_edges(sight, &edges);
	for (int i = 0; i < FEATURE_CIRCLES; i++) {
		votes found;
		int radius = sight->contour->mean_radius * circle_radius[i] / RING_ONE; /* 1/16 pixels */
		int clear = radius / (16 * BIN * 2);
		int x[PEAKS], y[PEAKS], peak[PEAKS];
		vote(&edges, radius, found);
		for (int k = 0; k < PEAKS; k++)
			peak[k] = take_peak(found, clear, &x[k], &y[k]);
		/* A full circle of edges at the threshold would give about this much. */
		int64_t full = (int64_t)edges.threshold * radius / 4 + 1;
		put(to, log_of((uint64_t)(1024LL * peak[0] / full)));
		put(to, 256LL * (peak[1] + peak[2] + peak[3]) / (peak[0] + 1));
		put(to, distance_at(sight->contour, x[0] * BIN + BIN, y[0] * BIN + BIN));
	}
}

/* The membranes' band along a circle: quarter steps between the 32 directions, straight. */
static void walk(const struct sight *sight, int radius, int value[WALK_STEPS])
{
	for (int i = 0; i < WALK_STEPS; i++) {
		const int16_t *a = contour_direction[i / 4],
		              *b = contour_direction[(i / 4 + 1) % OUTLINE_POINTS];
		int dx = (a[0] * (4 - i % 4) + b[0] * (i % 4)) / 4,
		    dy = (a[1] * (4 - i % 4) + b[1] * (i % 4)) / 4;
		int x = (sight->contour->x + dx * radius / 16384) / 16,
		    y = (sight->contour->y + dy * radius / 16384) / 16;
		x = x < 0 ? 0 : x >= CUT_SIDE ? CUT_SIDE - 1 : x;
		y = y < 0 ? 0 : y >= CUT_SIDE ? CUT_SIDE - 1 : y;
		int at = y * CUT_SIDE + x;
		value[i] = sight->scales->smooth[1][at] - sight->scales->smooth[2][at];
	}
}

/* Swings past half the mean either way: a membrane is one, grain is none. Counted on the second
 * of two turns, when the side it starts from is known. */
static int swings(const int value[WALK_STEPS], int mean)
{
	int count = 0, up = 0;
	for (int i = 0; i < 2 * WALK_STEPS; i++) {
		int v = value[i % WALK_STEPS];
		if (2 * v > mean && up <= 0) {
			count += i >= WALK_STEPS;
			up = 1;
		} else if (2 * v < -mean && up >= 0) {
			up = -1;
		}
	}
	return count;
}

static void put_walks(struct writer *to, const struct sight *sight)
{
	for (int w = 0; w < FEATURE_WALKS; w++) {
		int value[WALK_STEPS], mean = 0;
		walk(sight, sight->contour->mean_radius * walk_radius[w] / RING_ONE, value);
		for (int i = 0; i < WALK_STEPS; i++)
			mean += value[i] < 0 ? -value[i] : value[i];
		mean /= WALK_STEPS;
		put(to, 64 * swings(value, mean));
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
	return 1024 * (int64_t)root_of((uint32_t)(along * along + across * across)) /
	       (OUTLINE_POINTS * contour->mean_radius);
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

void features_make(const struct scales *scales, const struct contour *contour,
    struct features *ret_features)
{
	struct ring rings[FEATURE_RINGS];
	struct sight sight = {.scales = scales, .contour = contour};
	struct writer to = {ret_features, 0};
	measure_distances(&sight);
	measure_slope(&sight);
	sum_rings(&sight, rings);
	sight.texture = mean_texture(rings);
	put_rings(&to, rings, sight.texture);
	put_blocks(&to, &sight);
	put_circles(&to, &sight);
	put_walks(&to, &sight);
	put_contour(&to, contour);
}
