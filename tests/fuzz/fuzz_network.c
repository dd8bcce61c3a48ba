/* rooms: reading */
/* Any bytes as a network file: refused, or run on a cut without harm. */
#include "reading/network.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More work than this says nothing more, only later. */
enum { WORK_MAX = 4 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cut cut = {.planes = 2};
	struct err err;
	struct network *network;
	if (size == 0)
		return 0;
	/* Exactly as long as the file, so that a sanitizer sees what is read past its end. */
	uint8_t *aligned;
	if (posix_memalign((void **)&aligned, NETWORK_ALIGN, size) != 0)
		return 0;
	memcpy(aligned, data, size);
	memset(cut.pixels, data[0], sizeof cut.pixels);
	if (network_open(aligned, size, &network, &err)) {
		void *scratch = network_work(network) < WORK_MAX ? network_scratch(network) : NULL;
		if (scratch)
			network_run(network, &cut, scratch);
		free(scratch);
		network_close(network);
	}
	free(aligned);
	return 0;
}
