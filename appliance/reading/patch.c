#include "reading/patch.h"

#include <string.h>

enum {
	WEIGHT_ONE = 256, /* a blended row then just fits 16 bits */
	LEVELS = 256,
	AREA = CUT_SIDE * CUT_SIDE,
	OUTSIDE = 0xFFFF, /* no pixel of the frame */
	BLOCK = 32,       /* columns; frames are wider (LOCATE_SIDE_MIN) */
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

/* Rounds the tent's weights so that they sum to WEIGHT_ONE exactly; the middle one takes the
 * rest. */
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
		weights[i] = (uint16_t)((reach - (distance < 0 ? -distance : distance)) / total *
		    WEIGHT_ONE);
		left -= weights[i];
	}
	weights[count / 2] = (uint16_t)(weights[count / 2] + left);
}

/* start: frame coordinate of the patch's left or upper edge; scale: frame pixels per patch
 * pixel. */
static bool taps_make(float start, float scale, int frame_side, struct taps *ret_taps)
{
	float reach = scale > 1 ? scale : 1;
	int most = (int)(2 * reach) + 2;
	struct taps taps = {
	    .first = frame_side, .weights = malloc((size_t)(CUT_SIDE * most) * sizeof(uint16_t))};
	if (!taps.weights)
		return false;
	for (int i = 0; i < CUT_SIDE; i++) {
		float centre = start + ((float)i + 0.5f) * scale - 0.5f;
		if (centre < -0.5f || centre > (float)frame_side - 0.5f)
			continue;
		int first = (int)(centre - reach + 1 + 8192) - 8192,
		    end = (int)(centre + reach + 8192) - 8192 + 1;
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

/* One row of the patch at the frame's own width: 256 steps a grey level. In blocks of a fixed
 * size, which compilers turn into vectors; the last block is moved left to stay in the frame,
 * and does some columns again. */
static void blend_rows(
    const struct image *frame, const struct tap *down, int first, int end, uint16_t *to)
{
	for (int block = first; block < end; block += BLOCK) {
		int x = block + BLOCK > frame->width ? frame->width - BLOCK : block;
		uint16_t sums[BLOCK] = {0};
		for (int k = 0; k < down->count; k++) {
			const uint8_t *row =
			    frame->pixels + (size_t)(down->first + k) * (size_t)frame->width + x;
			uint16_t weight = down->weights[k];
			for (int i = 0; i < BLOCK; i++)
				sums[i] = (uint16_t)(sums[i] + weight * row[i]);
		}
		memcpy(to + x, sums, sizeof sums);
	}
}

static void squeeze_row(const uint16_t *row, const struct taps *across, uint16_t *to)
{
	for (int i = 0; i < CUT_SIDE; i++) {
		const struct tap *tap = &across->of[i];
		uint32_t sum = 0;
		for (int k = 0; k < tap->count; k++)
			sum += (uint32_t)tap->weights[k] * row[tap->first + k];
		if (tap->count > 0)
			to[i] = (uint16_t)(sum / WEIGHT_ONE);
	}
}

static bool resample(
    const struct image *frame, const struct taps *across, const struct taps *down, uint16_t *to)
{
	for (int i = 0; i < AREA; i++)
		to[i] = OUTSIDE;
	OWN(free) uint16_t *row = malloc((size_t)frame->width * sizeof *row);
	if (!row)
		return false;
	for (int y = 0; y < CUT_SIDE; y++) {
		if (down->of[y].count == 0)
			continue;
		blend_rows(frame, &down->of[y], across->first, across->end, row);
		squeeze_row(row, across, to + y * CUT_SIDE);
	}
	return true;
}

/* Columns of row y that lie in the circle of the given diameter around the patch's middle:
 * middle - half to middle + half - 1. In whole numbers: pixel centres lie at odd multiples of
 * half a pixel. */
static int half_width(int y, int diameter)
{
	int dy = 2 * y + 1 - CUT_SIDE, half = 0;
	while (half < CUT_SIDE / 2 && (2 * half + 1) * (2 * half + 1) + dy * dy <= diameter * diameter)
		half++;
	return half;
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

/* The embryo's own grey levels: what lies around it must not set its brightness. */
static uint32_t embryo_histogram(const uint16_t *from, uint32_t *histogram)
{
	uint32_t total = 0;
	for (int y = 0; y < CUT_SIDE; y++) {
		int half = half_width(y, 2 * CUT_SIDE * 1000 / CUT_SIDE_PER_RADIUS_PERMILLE);
		for (int x = CUT_SIDE / 2 - half; x < CUT_SIDE / 2 + half; x++) {
			uint16_t level = from[y * CUT_SIDE + x];
			if (level == OUTSIDE)
				continue;
			histogram[level / LEVELS]++;
			total++;
		}
	}
	return total;
}

static void normalise(const uint16_t *from, uint8_t *to)
{
	uint32_t histogram[LEVELS] = {0}, total = embryo_histogram(from, histogram);
	int dark = percentile(histogram, total, 1), light = percentile(histogram, total, 99);
	int median = percentile(histogram, total, 50);
	if (light - dark < PATCH_CONTRAST_MIN) {
		dark = median - PATCH_CONTRAST_MIN / 2;
		light = median + PATCH_CONTRAST_MIN / 2;
	}
	const int gain = (PATCH_LIGHT - PATCH_DARK) * 65536 / ((light - dark) * LEVELS);
	for (int y = 0; y < CUT_SIDE; y++) {
		int half = half_width(y, CUT_SIDE);
		for (int x = 0; x < CUT_SIDE; x++) {
			uint16_t seen = from[y * CUT_SIDE + x];
			bool shown =
			    seen != OUTSIDE && x >= CUT_SIDE / 2 - half && x < CUT_SIDE / 2 + half;
			int level = shown ? seen : median * LEVELS + LEVELS / 2;
			int value = PATCH_DARK + (level - dark * LEVELS) * gain / 65536;
			to[y * CUT_SIDE + x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
		}
	}
}

bool patch_make(const struct image *frame, const struct location *location, uint8_t *ret_pixels,
    struct err *err)
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
