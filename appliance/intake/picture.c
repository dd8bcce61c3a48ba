#include "intake/picture.h"

#include "base/buf.h"
#include "base/image.h"
#include "base/limits.h"

#include <string.h>

/* Passes over entropy-coded data to the next marker, which is left unread. False: there is none. */
static bool skip_scan(struct view *view)
{
	while (view_left(view) >= 2) {
		const uint8_t *at = view->data + view->at;
		const uint8_t *mark = memchr(at, 0xFF, view_left(view) - 1);
		if (!mark)
			return false;
		view->at = (size_t)(mark - view->data);
		bool stuffed = mark[1] == 0 || (mark[1] >= 0xD0 && mark[1] <= 0xD7);
		if (!stuffed && mark[1] != 0xFF)
			return true;
		view->at += stuffed ? 2 : 1;
	}
	return false;
}

static uint16_t big_u16(struct view *view)
{
	uint16_t high = view_u8(view);
	return (uint16_t)(high << 8 | view_u8(view));
}

static uint32_t big_u32(struct view *view)
{
	uint32_t high = big_u16(view);
	return high << 16 | big_u16(view);
}

/* ITU T.81 B.1: segments of FF, kind, length; a scan (FF DA) is followed by entropy-coded data. */
static bool jpeg_is_whole(const uint8_t *data, size_t size)
{
	struct view view = VIEW(data, size);
	bool scanned = false;
	view_bytes(&view, 2);
	while (view_u8(&view) == 0xFF && !view.failed) {
		uint8_t kind = view_u8(&view);
		while (kind == 0xFF && !view.failed)
			kind = view_u8(&view);
		if (kind == 0xD9)
			return scanned && !view.failed;
		uint16_t length = big_u16(&view);
		if (length < 2 || !view_bytes(&view, (size_t)length - 2))
			return false;
		if (kind == 0xDA) {
			scanned = true;
			if (!skip_scan(&view))
				return false;
		}
	}
	return false;
}

/* PNG 5.3: chunks of length, kind, data, checksum; IEND is the last. */
static bool png_is_whole(const uint8_t *data, size_t size)
{
	struct view view = VIEW(data, size);
	view_bytes(&view, 8);
	for (;;) {
		uint32_t length = big_u32(&view);
		const uint8_t *kind = view_bytes(&view, 4);
		if (!kind || !view_bytes(&view, length) || !view_bytes(&view, 4))
			return false;
		if (memcmp(kind, "IEND", 4) == 0)
			return true;
	}
}

bool picture_check(const uint8_t *data, size_t size, int *ret_width, int *ret_height, struct err *err)
{
	int width, height;
	if (size == 0)
		return err_set(err, ERR_DAMAGED, "is missing");
	if (size > LIMIT_FRAME_BYTES)
		return err_set(err, ERR_TOO_LARGE, "is larger than %d MiB", LIMIT_FRAME_BYTES >> 20);
	struct err why;
	if (!image_size(data, size, &width, &height, &why)) {
		if (why.code == ERR_UNSUPPORTED)
			return err_set(err, why.code, "is neither a JPEG nor a PNG");
		if (why.code == ERR_TOO_LARGE)
			return err_set(err, why.code, "has more than %d pixels a side", LIMIT_FRAME_SIDE);
		return err_set(err, why.code, "has a broken head");
	}
	bool whole = data[0] == 0xFF ? jpeg_is_whole(data, size) : png_is_whole(data, size);
	if (!whole)
		return err_set(err, ERR_DAMAGED, "is cut off");
	*ret_width = width;
	*ret_height = height;
	return true;
}
