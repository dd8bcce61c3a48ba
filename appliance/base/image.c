#include "base/image.h"

#include "base/limits.h"

#include <png.h>
#include <string.h>
#include <turbojpeg.h>

struct image *image_new(int width, int height)
{
	if (width < 1 || height < 1 || width > LIMIT_FRAME_SIDE || height > LIMIT_FRAME_SIDE)
		return NULL;
	struct image *image = malloc(sizeof *image);
	if (!image)
		return NULL;
	*image = (struct image){width, height, calloc((size_t)width * (size_t)height, 1)};
	if (image->pixels)
		return image;
	free(image);
	return NULL;
}

void image_free(struct image *image)
{
	if (image)
		free(image->pixels);
	free(image);
}

static bool is_jpeg(const uint8_t *data, size_t size)
{
	return size > 3 && data[0] == 0xFF && data[1] == 0xD8 && data[2] == 0xFF;
}

static bool is_png(const uint8_t *data, size_t size)
{
	return size > 8 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0;
}

static bool check_size(int width, int height, struct err *err)
{
	if (width < 1 || height < 1 || width > LIMIT_FRAME_SIDE || height > LIMIT_FRAME_SIDE)
		return err_set(err, ERR_TOO_LARGE, "a picture of %d x %d; at most %d a side", width, height,
		    LIMIT_FRAME_SIDE);
	return true;
}

static void decoder_free(void *handle)
{
	tjDestroy(handle);
}
OWN_DEFINE(void *, decoder_free)

static bool jpeg_size(tjhandle decoder, const uint8_t *data, size_t size, int *ret_width, int *ret_height,
    struct err *err)
{
	int subsampling, colourspace;
	if (!decoder || tjDecompressHeader3(decoder, data, size, ret_width, ret_height, &subsampling,
			    &colourspace) != 0)
		return err_set(err, ERR_DAMAGED, "JPEG head: %s", tjGetErrorStr2(decoder));
	return check_size(*ret_width, *ret_height, err);
}

static bool decode_jpeg(const uint8_t *data, size_t size, struct image **ret_image, struct err *err)
{
	OWN(decoder_free) void *decoder = tjInitDecompress();
	OWN(image_free) struct image *image = NULL;
	int width, height;
	if (!jpeg_size(decoder, data, size, &width, &height, err))
		return false;
	image = image_new(width, height);
	if (!image)
		return err_set(err, ERR_NO_MEMORY, "decoding a JPEG");
	if (tjDecompress2(decoder, data, size, image->pixels, width, width, height, TJPF_GRAY, 0) != 0)
		return err_set(err, ERR_DAMAGED, "JPEG: %s", tjGetErrorStr2(decoder));
	*ret_image = TAKE(image);
	return true;
}

static bool png_begin(png_image *png, const uint8_t *data, size_t size, struct err *err)
{
	*png = (png_image){.version = PNG_IMAGE_VERSION};
	if (!png_image_begin_read_from_memory(png, data, size))
		return err_set(err, ERR_DAMAGED, "PNG: %s", png->message);
	if (png->width <= LIMIT_FRAME_SIDE && png->height <= LIMIT_FRAME_SIDE &&
	    check_size((int)png->width, (int)png->height, err))
		return true;
	png_image_free(png);
	return err_set(err, ERR_TOO_LARGE, "a picture larger than %d a side", LIMIT_FRAME_SIDE);
}

static bool decode_png(const uint8_t *data, size_t size, struct image **ret_image, struct err *err)
{
	png_image png;
	if (!png_begin(&png, data, size, err))
		return false;
	OWN(image_free) struct image *image = image_new((int)png.width, (int)png.height);
	png.format = PNG_FORMAT_GRAY;
	if (!image || !png_image_finish_read(&png, &(png_color){0}, image->pixels, 0, NULL)) {
		png_image_free(&png);
		return err_set(err, image ? ERR_DAMAGED : ERR_NO_MEMORY, "PNG: %s", png.message);
	}
	*ret_image = TAKE(image);
	return true;
}

bool image_size(const uint8_t *data, size_t size, int *ret_width, int *ret_height, struct err *err)
{
	if (is_jpeg(data, size)) {
		OWN(decoder_free) void *decoder = tjInitDecompress();
		return jpeg_size(decoder, data, size, ret_width, ret_height, err);
	}
	if (!is_png(data, size))
		return err_set(err, ERR_UNSUPPORTED, "neither a JPEG nor a PNG");
	png_image png;
	if (!png_begin(&png, data, size, err))
		return false;
	*ret_width = (int)png.width;
	*ret_height = (int)png.height;
	png_image_free(&png);
	return true;
}

bool image_decode(const uint8_t *data, size_t size, struct image **ret_image, struct err *err)
{
	if (is_jpeg(data, size))
		return decode_jpeg(data, size, ret_image, err);
	if (is_png(data, size))
		return decode_png(data, size, ret_image, err);
	return err_set(err, ERR_UNSUPPORTED, "neither a JPEG nor a PNG");
}

bool image_encode_jpeg(const struct image *image, int quality, struct buf *to, struct err *err)
{
	OWN(decoder_free) void *encoder = tjInitCompress();
	unsigned char *data = NULL;
	unsigned long size = 0;
	if (!encoder || tjCompress2(encoder, image->pixels, image->width, image->width, image->height,
			    TJPF_GRAY, &data, &size, TJSAMP_GRAY, quality, 0) != 0)
		return err_set(err, ERR_INTERNAL, "writing a JPEG: %s", tjGetErrorStr2(encoder));
	buf_add(to, data, size);
	tjFree(data);
	return buf_ok(to, err);
}

bool image_encode_png(const struct image *image, struct buf *to, struct err *err)
{
	png_image png = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)image->width,
	    .height = (png_uint_32)image->height, .format = PNG_FORMAT_GRAY};
	png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
	OWN(free) void *data = malloc(size);
	if (!data || !png_image_write_to_memory(&png, data, &size, 0, image->pixels, 0, NULL))
		return err_set(err, ERR_INTERNAL, "writing a PNG: %s", png.message);
	buf_add(to, data, size);
	return buf_ok(to, err);
}
