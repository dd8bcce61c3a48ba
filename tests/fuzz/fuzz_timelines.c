/* rooms: intake */
#include "intake/timelines.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct timelines timelines = {0};
	struct err err;
	bool read = timelines_parse((const char *)data, size, "x/M7_S8_W1_F0_1.jpg,2pn", &timelines, &err);
	for (size_t i = 0; read && i < timelines.count; i++)
		for (int k = 0; k < STAGE_COUNT; k++)
			if (timelines.of[i].begins_min[k] < MINUTES_UNKNOWN || timelines.of[i].lasts_min[k] < MINUTES_UNKNOWN)
				__builtin_trap();
	timelines_done(&timelines);
	return 0;
}
