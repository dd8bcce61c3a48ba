/* Linked around the real reader's decoder (ld --wrap): a picture that ends in POISON kills the process, as a
 * hostile one might. */
#include "base/image.h"

#include <stdlib.h>
#include <string.h>

bool __real_image_decode(const uint8_t *data, size_t size, struct image **ret_image, struct err *err);
bool __wrap_image_decode(const uint8_t *data, size_t size, struct image **ret_image, struct err *err);

bool __wrap_image_decode(const uint8_t *data, size_t size, struct image **ret_image, struct err *err)
{
	if (size > 6 && memcmp(data + size - 6, "POISON", 6) == 0)
		abort();
	return __real_image_decode(data, size, ret_image, err);
}
