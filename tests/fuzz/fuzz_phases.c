/* rooms: intake */
#include "intake/phases.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct phases phases;
	struct err err;
	if (!phases_parse((const char *)data, size, &phases, &err))
		return 0;
	for (size_t i = 0; i < phases.count; i++)
		if (phases.list[i].first < 0 || phases.list[i].last < phases.list[i].first ||
		    phases.list[i].last > phases.last || phases.list[i].stage >= STAGE_COUNT)
			__builtin_trap();
	return 0;
}
