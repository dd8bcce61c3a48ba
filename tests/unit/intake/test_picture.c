#include "unit/intake/exports.h"

#include "intake/picture.h"

static void whole_pictures(void **state)
{
	(void)state;
	int width, height;
	OWN(buf_done) struct buf jpeg = BUF_INIT(1 << 20);
	OWN(buf_done) struct buf png = BUF_INIT(1 << 20);
	OWN(image_free) struct image *image = image_new(40, 30);
	must(image_encode_png(image, &png, &err));
	picture_make(1, &jpeg);
	must(picture_check(jpeg.data, jpeg.size, &width, &height, &err));
	assert_int_equal(width, 32);
	must(picture_check(png.data, png.size, &width, &height, &err));
	assert_int_equal(width, 40);
	assert_int_equal(height, 30);
}

/* Wherever it was cut off, it is noticed. */
static void every_truncation(void **state)
{
	(void)state;
	int width, height;
	OWN(buf_done) struct buf jpeg = BUF_INIT(1 << 20);
	OWN(buf_done) struct buf png = BUF_INIT(1 << 20);
	OWN(image_free) struct image *image = image_new(40, 30);
	must(image_encode_png(image, &png, &err));
	picture_make(3, &jpeg);
	for (size_t size = 0; size < jpeg.size; size++)
		assert_false(picture_check(jpeg.data, size, &width, &height, &err));
	for (size_t size = 0; size < png.size; size++)
		assert_false(picture_check(png.data, size, &width, &height, &err));
	/* The rest filled with zeros, as a broken copy leaves it. */
	memset(jpeg.data + jpeg.size / 2, 0, jpeg.size - jpeg.size / 2);
	must_fail(picture_check(jpeg.data, jpeg.size, &width, &height, &err), ERR_DAMAGED);
}

static void no_pictures(void **state)
{
	(void)state;
	int width, height;
	must_fail(picture_check((const uint8_t *)"", 0, &width, &height, &err), ERR_DAMAGED);
	must_fail(picture_check((const uint8_t *)"GIF89a..", 8, &width, &height, &err), ERR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_pictures),
	    cmocka_unit_test(every_truncation),
	    cmocka_unit_test(no_pictures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
