#include "reading/patch.h"

#include <string.h>

enum {
	WEIGHT_ONE = 1 << 14,
	LEVELS = 256,
	AREA = CUT_SIDE * CUT_SIDE,
	OUTSIDE = 0xFFFF, /* no pixel of the frame */
};

/* Which frame pixels make up one pixel of the patch, along one axis. */
struct tap {
	int first, count; /* count 0: the patch pixel lies outside the frame */
	const uint16_t *weights; /* they sum to WEIGHT_ONE */
};

struct taps {
	struct tap of[CUT_SIDE];
	int first, end; /* frame pixels that any tap touches */
	uint16_t *weights;
};

static void taps_done_owned(struct taps *taps)
{
	free(taps->weights);
}

/* Rounds the tent's weights so that they sum to WEIGHT_ONE exactly; the middle one takes the rest. */
static void tap_fill(uint16_t *weights, int count, float first_distance, float reach)
{
	float total = 0;
	for (int i = 0; i < count; i++) {
		float distance = first_distance + (float)i;
		total += reach - (distance < 0 ? -distance : distance);
	}
	int left = WEIGHT_ONE;
	for (int i = 0; i < count; i++) {
		float distance = first_distance + (float)i;
		weights[i] = (uint16_t)((reach - (distance < 0 ? -distance : distance)) / total * WEIGHT_ONE);
		left -= weights[i];
	}
	weights[count / 2] = (uint16_t)(weights[count / 2] + left);
}

/* start: frame coordinate of the patch's left or upper edge; scale: frame pixels per patch pixel. */
static bool taps_make(float start, float scale, int frame_side, struct taps *ret_taps)
{
	float reach = scale > 1 ? scale : 1;
	int most = (int)(2 * reach) + 2;
	struct taps taps = {.first = frame_side, .weights = malloc((size_t)(CUT_SIDE * most) * sizeof(uint16_t))};
	if (!taps.weights)
		return false;
	for (int i = 0; i < CUT_SIDE; i++) {
		float centre = start + ((float)i + 0.5f) * scale - 0.5f;
		if (centre < -0.5f || centre > (float)frame_side - 0.5f)
			continue;
		int first = (int)(centre - reach + 1 + 8192) - 8192, end = (int)(centre + reach + 8192) - 8192 + 1;
		first = first < 0 ? 0 : first;
		end = end > frame_side ? frame_side : end;
		uint16_t *weights = taps.weights + i * most;
		tap_fill(weights, end - first, (float)first - centre, reach);
		taps.of[i] = (struct tap){first, end - first, weights};
		taps.first = first < taps.first ? first : taps.first;
		taps.end = end > taps.end ? end : taps.end;
	}
	*ret_taps = taps;
	return true;
}

/* One frame row squeezed to CUT_SIDE values of 256 steps a grey level. */
static void squeeze_row(const uint8_t *row, const struct taps *across, uint16_t *to)
{
	for (int i = 0; i < CUT_SIDE; i++) {
		const struct tap *tap = &across->of[i];
		uint32_t sum = 0;
		for (int k = 0; k < tap->count; k++)
			sum += (uint32_t)tap->weights[k] * row[tap->first + k];
		to[i] = (uint16_t)(sum >> 6);
	}
}

static bool resample(const struct image *frame, const struct taps *across, const struct taps *down, uint16_t *to)
{
	for (int i = 0; i < AREA; i++)
		to[i] = OUTSIDE;
	if (across->first >= across->end || down->first >= down->end)
		return true;
	OWN(free) uint16_t *rows = malloc((size_t)(down->end - down->first) * CUT_SIDE * sizeof *rows);
	if (!rows)
		return false;
	for (int y = down->first; y < down->end; y++)
		squeeze_row(frame->pixels + (size_t)y * (size_t)frame->width, across,
		    rows + (size_t)(y - down->first) * CUT_SIDE);
	for (int y = 0; y < CUT_SIDE; y++) {
		const struct tap *tap = &down->of[y];
		if (tap->count == 0)
			continue;
		uint32_t sums[CUT_SIDE] = {0};
		for (int k = 0; k < tap->count; k++) {
			const uint16_t *row = rows + (size_t)(tap->first - down->first + k) * CUT_SIDE;
			for (int x = 0; x < CUT_SIDE; x++)
				sums[x] += (uint32_t)tap->weights[k] * row[x];
		}
		for (int x = 0; x < CUT_SIDE; x++)
			if (across->of[x].count > 0)
				to[y * CUT_SIDE + x] = (uint16_t)(sums[x] >> 14);
	}
	return true;
}

/* Squared distance from the patch's middle, in quarter pixels squared, so that it stays a whole number. */
static int distance2(int i)
{
	int x = 2 * (i % CUT_SIDE) + 1 - CUT_SIDE, y = 2 * (i / CUT_SIDE) + 1 - CUT_SIDE;
	return x * x + y * y;
}

/* The grey level (0..255) below which a share of the counted pixels lies. */
static int percentile(const uint32_t *histogram, uint32_t total, uint32_t percent)
{
	uint32_t below = 0;
	for (int level = 0; level < LEVELS; level++) {
		below += histogram[level];
		if ((uint64_t)below * 100 > (uint64_t)total * percent)
			return level;
	}
	return LEVELS - 1;
}

static void normalise(const uint16_t *from, uint8_t *to)
{
	const int embryo2 = (int)((int64_t)CUT_SIDE * CUT_SIDE * 4 * 1000 * 1000 /
	    ((int64_t)CUT_SIDE_PER_RADIUS_PERMILLE * CUT_SIDE_PER_RADIUS_PERMILLE));
	uint32_t histogram[LEVELS] = {0}, total = 0;
	for (int i = 0; i < AREA; i++) {
		if (from[i] != OUTSIDE && distance2(i) <= embryo2) {
			histogram[from[i] >> 8]++;
			total++;
		}
	}
	int dark = percentile(histogram, total, 1), light = percentile(histogram, total, 99);
	int median = percentile(histogram, total, 50);
	if (light - dark < PATCH_CONTRAST_MIN) {
		dark = median - PATCH_CONTRAST_MIN / 2;
		light = median + PATCH_CONTRAST_MIN / 2;
	}
	for (int i = 0; i < AREA; i++) {
		bool shown = from[i] != OUTSIDE && distance2(i) <= CUT_SIDE * CUT_SIDE;
		int level = shown ? from[i] : median * LEVELS + LEVELS / 2;
		int value = PATCH_DARK + (level - dark * LEVELS) * (PATCH_LIGHT - PATCH_DARK) / ((light - dark) * LEVELS);
		to[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
	}
}

bool patch_make(const struct image *frame, const struct location *location, uint8_t *ret_pixels, struct err *err)
{
	OWN(taps_done) struct taps across = {0};
	OWN(taps_done) struct taps down = {0};
	float side = location->radius * (float)CUT_SIDE_PER_RADIUS_PERMILLE / 1000;
	float scale = side / CUT_SIDE;
	OWN(free) uint16_t *levels = malloc(AREA * sizeof *levels);
	if (!levels || !taps_make(location->x + 0.5f - side / 2, scale, frame->width, &across) ||
	    !taps_make(location->y + 0.5f - side / 2, scale, frame->height, &down) ||
	    !resample(frame, &across, &down, levels))
		return err_set(err, ERR_NO_MEMORY, "resampling a cut");
	normalise(levels, ret_pixels);
	return true;
}
