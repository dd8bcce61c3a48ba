/* rooms: intake */
#include "intake/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int width, height;
	struct err err;
	if (picture_check(data, size, &width, &height, &err) && (width < 1 || height < 1))
		__builtin_trap();
	return 0;
}
