/* Every path of the network that this processor has, on the same cuts: a line each with a hash of every tensor and
 * reading. test_neon.py builds it for this machine and for another and holds the lines together. */
#include "reading/calibrate.h"
#include "unit/reading/networks.h"

#include <inttypes.h>

enum { CUTS = 2 };

/* FNV-1a: no library is needed on the other machine. */
static void hash_add(uint64_t *hash, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	for (size_t i = 0; i < size; i++)
		*hash = (*hash ^ bytes[i]) * 1099511628211U;
}

static void hash_tensors(const struct network_ready *ready, uint64_t *hash)
{
	const struct network_head *head = (const void *)ready->bytes;
	const struct network_tensor *shapes = (const void *)(ready->bytes + head->tensors);
	uint8_t *values = malloc(network_scratch_size(ready->network));
	for (uint32_t t = 0; t < head->tensors_count; t++) {
		size_t unit = shapes[t].kind == NETWORK_S32 ? 4 : 1;
		network_tensor(ready->network, ready->scratch, t, values);
		hash_add(hash, values, unit * shapes[t].height * shapes[t].width * shapes[t].channels);
	}
	free(values);
}

static uint64_t hash_of(const struct network_ready *ready)
{
	static struct cut cut;
	uint64_t hash = 14695981039346656037U;
	for (uint32_t seed = 1; seed <= CUTS; seed++) {
		struct reading reading = {0};
		uint32_t random = seed;
		cut.planes = CUT_PLANES_MAX;
		for (int p = 0; p < CUT_PLANES_MAX; p++)
			for (int i = 0; i < CUT_SIDE * CUT_SIDE; i++)
				cut.pixels[p][i] = (uint8_t)network_random(&random);
		network_run(ready->network, &cut, ready->scratch);
		calibrate(ready->network, ready->scratch, &reading);
		hash_tensors(ready, &hash);
		hash_add(&hash, &reading, sizeof reading);
	}
	return hash;
}

int main(void)
{
	struct network_ready ready;
	network_make(1, false, &ready);
	for (int path = 0; path < NETWORK_PATHS; path++) {
		if (!network_path_runs((enum network_path)path))
			continue;
		network_force_path(ready.network, (enum network_path)path);
		printf("%016" PRIx64 " %s\n", hash_of(&ready), network_path_name((enum network_path)path));
	}
	network_ready_done_owned(&ready);
	return 0;
}
