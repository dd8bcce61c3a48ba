/* Grey pictures: decoding JPEG (libjpeg-turbo) and PNG (libpng), writing both. Colour is turned to grey. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/own.h"

#include <stddef.h>
#include <stdint.h>

/* Rows top to bottom, width bytes each, no padding. */
struct image {
	int width;
	int height;
	uint8_t *pixels;
};

/* Zeroed pixels; NULL when a side is not in 1..LIMIT_FRAME_SIDE or without memory. */
struct image *image_new(int width, int height);
void image_free(struct image *image);
OWN_DEFINE(struct image *, image_free)

/* Reads width and height from the head only. ERR_UNSUPPORTED: neither JPEG nor PNG. */
bool image_size(const uint8_t *data, size_t size, int *ret_width, int *ret_height, struct err *err);
/* ERR_DAMAGED: truncated or broken (libjpeg-turbo's "warning" counts as damage: half a frame is no frame). */
bool image_decode(const uint8_t *data, size_t size, struct image **ret_image, struct err *err);
bool image_encode_jpeg(const struct image *image, int quality, struct buf *to, struct err *err);
bool image_encode_png(const struct image *image, struct buf *to, struct err *err);
