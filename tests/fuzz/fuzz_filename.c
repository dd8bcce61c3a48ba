/* rooms: intake */
#include "intake/filename.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[LIMIT_PATH], slide[SLIDE_CODE_SIZE];
	struct frame_name frame;
	int focal_um;
	if (size >= sizeof name)
		return 0;
	memcpy(name, data, size);
	name[size] = 0;
	filename_slide(name, slide);
	filename_plane(name, &focal_um);
	filename_is_noise(name);
	if (filename_frame(name, &frame) && (frame.run < 0 || frame.well < 0 || frame.prefix_length > (int)size))
		__builtin_trap();
	return 0;
}
