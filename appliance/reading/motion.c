/* How much the embryo changed between two neighbouring cuts. */
#include "reading/read.h"

#include <stdlib.h>

enum {
	SIDE = CUT_SIDE / 2, /* compared at half size: grain does not repeat, membranes do */
	MIDDLE = SIDE / 2,
	REACH = 23,    /* radius of the compared disc: the embryo, little of the well */
	SHIFT_MAX = 5, /* a cut that is off by ten of its pixels is still found */
	ONE = 256,
	/* Radii that differ more than this are two findings, not one embryo: no scale is taken
	 * from them. */
	RATIO_MIN = ONE * 3 / 4,
	RATIO_MAX = ONE * 4 / 3,
};

struct small {
	int16_t value[SIDE * SIDE]; /* mean 0 and mean deviation ONE inside the disc */
};

static bool in_disc(int x, int y)
{
	return (x - MIDDLE) * (x - MIDDLE) + (y - MIDDLE) * (y - MIDDLE) <= REACH * REACH;
}

/* Sum of a 4 x 4 neighbourhood: half size and a little blur at once. ratio: how far apart the
 * cut's pixels are taken, so that both cuts show the frame at one scale. */
static int sample(const uint8_t *pixels, int x, int y, int ratio)
{
	int cx = CUT_SIDE / 2 + 2 * (x - MIDDLE) * ratio / ONE,
	    cy = CUT_SIDE / 2 + 2 * (y - MIDDLE) * ratio / ONE;
	int sum = 0;
	for (int j = cy - 1; j <= cy + 2; j++)
		for (int i = cx - 1; i <= cx + 2; i++)
			sum += i >= 0 && j >= 0 && i < CUT_SIDE && j < CUT_SIDE ? pixels[j * CUT_SIDE + i]
			                                                        : 128;
	return sum;
}

static void shrink(const uint8_t *pixels, int ratio, struct small *to)
{
	int sums[SIDE * SIDE];
	int64_t mean = 0, deviation = 0, count = 0;
	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++) {
			sums[y * SIDE + x] = sample(pixels, x, y, ratio);
			if (in_disc(x, y)) {
				mean += sums[y * SIDE + x];
				count++;
			}
		}
	}
	mean /= count;
	for (int i = 0; i < SIDE * SIDE; i++)
		if (in_disc(i % SIDE, i / SIDE))
			deviation += sums[i] < mean ? mean - sums[i] : sums[i] - mean;
	deviation = deviation / count + 1;
	for (int i = 0; i < SIDE * SIDE; i++) {
		int64_t value = ONE * (sums[i] - mean) / deviation;
		to->value[i] = (int16_t)(value > 8 * ONE ? 8 * ONE : value < -8 * ONE ? -8 * ONE : value);
	}
}

/* Difference over the disc as a share of what two unrelated pictures of this contrast could
 * differ by. half[] holds the disc's half width in each row. The sums fit: 1,700 pixels of at most
 * 2 x 8 x ONE. */
static int difference(const struct small *a, const struct small *b, int dx, int dy, const int half[])
{
	int32_t apart = 0, together = 0;
	for (int row = -REACH; row <= REACH; row++) {
		int width = half[row + REACH], y = MIDDLE + row;
		const int16_t *p = &a->value[y * SIDE + MIDDLE], *q = &b->value[(y + dy) * SIDE + MIDDLE + dx];
		for (int x = -width; x <= width; x++) {
			apart += abs(p[x] - q[x]);
			together += abs(p[x]) + abs(q[x]);
		}
	}
	return (int)(1000LL * apart / (together + 1));
}

static int ratio_of(const struct cut *before, const struct cut *after)
{
	if (before->radius_permille == 0 || after->radius_permille == 0)
		return ONE;
	int ratio = ONE * before->radius_permille / after->radius_permille;
	return ratio < RATIO_MIN || ratio > RATIO_MAX ? ONE : ratio;
}

uint16_t read_motion(const struct cut *before, const struct cut *after)
{
	struct small a, b;
	shrink(before->pixels[0], ONE, &a);
	shrink(after->pixels[0], ratio_of(before, after), &b);
	int least = 1000, half[2 * REACH + 1] = {0};
	for (int row = -REACH; row <= REACH; row++)
		while (in_disc(MIDDLE + half[row + REACH] + 1, MIDDLE + row))
			half[row + REACH]++;
	for (int dy = -SHIFT_MAX; dy <= SHIFT_MAX; dy++) {
		for (int dx = -SHIFT_MAX; dx <= SHIFT_MAX; dx++) {
			int now = difference(&a, &b, dx, dy, half);
			least = now < least ? now : least;
		}
	}
	return (uint16_t)least;
}
