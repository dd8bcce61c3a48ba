#include "models/ranges.h"

#include <math.h>
#include <string.h>

enum {
	LEVELS = 255,
	TRIES = 40,    /* shares of the range that are looked at, from 1 down */
	TRY_PERCENT = 2,
};

/* Doubles the reach: two bins become one. */
static void widen(struct range *range)
{
	uint32_t merged[RANGES_BINS] = {0};
	for (int i = 0; i < RANGES_BINS; i++)
		merged[RANGES_BINS / 4 + i / 2] += range->counts[i];
	memcpy(range->counts, merged, sizeof merged);
	range->reach *= 2;
}

void range_add(struct range *range, const float *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double value = (double)values[i], size = fabs(value);
		if (!(size > 0) || !isfinite(size))
			continue;
		if (range->reach == 0)
			range->reach = exp2(ceil(log2(size)) + 1);
		while (size >= range->reach)
			widen(range);
		range->counts[(int)((value / range->reach + 1) * (RANGES_BINS / 2))]++;
		range->low = value < range->low ? value : range->low;
		range->high = value > range->high ? value : range->high;
	}
}

static double cost_of(const struct range *range, double low, double high)
{
	double step = (high - low) / LEVELS, cost = 0;
	for (int i = 0; i < RANGES_BINS; i++) {
		if (!range->counts[i])
			continue;
		double value = ((i + 0.5) / (RANGES_BINS / 2) - 1) * range->reach;
		double off = value < low ? low - value : value > high ? value - high : 0;
		cost += range->counts[i] * (off * off + step * step / 12);
	}
	return cost;
}

struct step range_step(const struct range *range)
{
	double best_low = range->low, best_high = range->high, best = INFINITY;
	if (range->low == 0 && range->high == 0)
		return (struct step){.scale = 1};
	for (int i = 0; i < TRIES; i++) {
		for (int j = 0; j < TRIES; j++) {
			double high = range->high * (100 - TRY_PERCENT * i) / 100,
			       low = range->low * (100 - TRY_PERCENT * j) / 100;
			double cost = high > low ? cost_of(range, low, high) : INFINITY;
			if (cost < best) {
				best = cost;
				best_low = low;
				best_high = high;
			}
			if (range->low == 0)
				break;
		}
		if (range->high == 0)
			break;
	}
	double scale = (best_high - best_low) / LEVELS;
	return (struct step){scale, (uint8_t)lround(-best_low / scale)};
}
