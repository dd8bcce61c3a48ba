/* rooms: reading */
/* Any bytes as the pixels of a frame, cut; and as an encoded plane beside it. Whatever they are:
 * no read or write outside, a circle of sane size, planes counted. */
#include "base/image.h"
#include "reading/cut.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first two bytes give the sides, the rest is repeated until the frame is full. */
static struct image *frame_from(const uint8_t *data, size_t size)
{
	struct image *image = image_new(60 + data[0], 60 + data[1]);
	if (!image)
		return NULL;
	for (int i = 0; i < image->width * image->height; i++)
		image->pixels[i] = data[2 + (size_t)i % (size - 2)];
	return image;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	static struct cut_result result;
	OWN(buf_done) struct buf file = BUF_INIT(1 << 20);
	OWN(image_free) struct image *image = frame_from(data, size);
	struct err err;
	if (!image || !image_encode_png(image, &file, &err))
		return 0;
	const struct cut_plane planes[] = {
	    {0, file.data, file.size}, {15, data, size}, {-15, file.data, file.size / 2}};
	if (!cut_make(planes, 3, &result, &err))
		return 0;
	if (result.planes_damaged < 1 || result.made != result.location.occupied)
		__builtin_trap();
	if (result.made && !(result.location.radius > 0 && result.location.radius < 315))
		__builtin_trap();
	return 0;
}
