/* rooms: accuracy */
/* A table of predictions from any bytes: what is taken of it has shares that sum up and times in order. */
#include "accuracy/datasets.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sample *sample)
{
	for (size_t i = 0; i < sample->track.count; i++) {
		const struct track_point *point = &sample->track.points[i];
		uint32_t sum = 0;
		for (int k = 0; k < STAGE_COUNT; k++)
			sum += point->reading.stage[k];
		if (sum != PROBABILITY_ONE || sample->truth[i] & ~STAGE_SET_ALL)
			__builtin_trap();
		if (i > 0 && (point->run <= point[-1].run || point->time_s < point[-1].time_s))
			__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct datasets_options options;
	char path[64];
	struct err err;
	OWN(fd_close) int fd = memfd_create("table", 0);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	OWN(dataset_done) struct dataset dataset = {0};
	if (!dataset_init(&dataset, &err))
		abort();
	if (layout_predictions.load(path, &options, NULL, &dataset, &err))
		for (size_t i = 0; i < dataset.count; i++)
			check(&dataset.samples[i]);
	return 0;
}
