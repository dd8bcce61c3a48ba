/* rooms: reading */
/* Any pixels as a cut: the reading is sound, and motion against another cut is a share. */
#include "../unit/reading/networks.h"
#include "reading/read.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input over and over, so that a short one fills a plane too. */
static void fill(uint8_t *pixels, size_t count, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < count; i++)
		pixels[i] = data[i % size];
}

static void check(const struct reading *reading)
{
	uint32_t sum = 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		sum += reading->stage[i];
	if (sum != PROBABILITY_ONE || reading->confidence > 1000 || reading->unfamiliar > 1000 ||
	    reading->cells > CELLS_MAX || reading->cells_confidence > 1000)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cut one, two;
	static struct network_ready made;
	struct reading reading;
	if (size < 4)
		return 0;
	if (!made.network)
		network_make(1, true, &made);
	one.planes = (uint8_t)(1 + data[0] % CUT_PLANES_MAX);
	one.radius_permille = data[1];
	two.radius_permille = data[2];
	fill(one.pixels[0], sizeof one.pixels, data + 3, size - 3);
	fill(two.pixels[0], sizeof two.pixels[0], data + 3 + (size - 3) / 2, size - 3 - (size - 3) / 2);
	read_cut(made.network, made.scratch, &one, &reading);
	check(&reading);
	if (read_motion(&one, &two) > 1000)
		abort();
	return 0;
}
