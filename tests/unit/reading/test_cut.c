/* Cutting: the right planes in the right order, nothing burned in, the same bits everywhere. */
#include "unit/reading/letters.h"

#include "reading/patch.h"

static const struct drawing occupied = {500, 500, 250, 250, 210, 280, 240, 130};
static const struct drawing empty = {500, 500, 250, 250, 210, 0, 0, 0};

/* Mean of the pixels around each, rounds times: a plane out of focus. */
static void defocus(struct image *image, int rounds)
{
	for (; rounds > 0; rounds--) {
		OWN(image_free) struct image *sharp = image_new(image->width, image->height);
		memcpy(sharp->pixels, image->pixels, (size_t)(image->width * image->height));
		for (int y = 1; y < image->height - 1; y++) {
			for (int x = 1; x < image->width - 1; x++) {
				int sum = 0;
				for (int i = 0; i < 9; i++)
					sum += sharp->pixels[(y + i / 3 - 1) * image->width + x +
					    i % 3 - 1];
				image->pixels[y * image->width + x] = (uint8_t)(sum / 9);
			}
		}
	}
}

/* Encoded as PNG, which keeps every bit. */
static void encode(const struct image *image, struct buf *to)
{
	struct err err;
	must(image_encode_png(image, to, &err));
}

/* The caller frees it. */
static struct cut_result *cut_image(const struct image *image)
{
	struct err err;
	OWN(buf_done) struct buf file = BUF_INIT(LIMIT_FRAME_BYTES);
	struct cut_result *result = malloc(sizeof *result);
	encode(image, &file);
	must(cut_make(&(struct cut_plane){0, file.data, file.size}, 1, result, &err));
	return result;
}

static void keeps_the_sharpest_planes_sharpest_first(void **state)
{
	(void)state;
	static const int focal_um[] = {-30, -15, 0, 15, 30}, blur[] = {9, 5, 3, 0, 1};
	struct buf files[5];
	struct cut_plane planes[5];
	struct cut_result result;
	struct err err;
	for (int i = 0; i < 5; i++) {
		OWN(image_free) struct image *image = drawing_make(&occupied, 1);
		defocus(image, blur[i]);
		files[i] = (struct buf)BUF_INIT(LIMIT_FRAME_BYTES);
		encode(image, &files[i]);
		planes[i] = (struct cut_plane){focal_um[i], files[i].data, files[i].size};
	}
	must(cut_make(planes, 5, &result, &err));
	assert_true(result.made);
	assert_int_equal(result.cut.planes, CUT_PLANES_MAX);
	assert_int_equal(result.focal_um[0], 15);
	assert_int_equal(result.focal_um[1], 30);
	assert_int_equal(result.focal_um[2], 0);
	assert_int_equal(result.planes_damaged, 0);
	assert_int_equal(result.width, 500);
	assert_int_equal(result.height, 500);
	assert_in_range(result.cut.radius_permille, 245, 275);
	for (int i = 0; i < 5; i++)
		buf_done(&files[i]);
}

static void makes_no_cut_of_an_empty_well(void **state)
{
	(void)state;
	OWN(image_free) struct image *image = drawing_make(&empty, 1);
	OWN(free) struct cut_result *result = cut_image(image);
	assert_false(result->made);
	assert_false(result->location.occupied);
	assert_int_equal(result->cut.planes, 0);
}

static void survives_damaged_planes_and_counts_them(void **state)
{
	(void)state;
	struct err err;
	struct cut_result result;
	OWN(buf_done)
	struct buf good = BUF_INIT(LIMIT_FRAME_BYTES),
	           small = BUF_INIT(LIMIT_FRAME_BYTES);
	OWN(image_free) struct image *image = drawing_make(&occupied, 1);
	OWN(image_free) struct image *other = image_new(128, 128);
	must(image_encode_jpeg(image, 90, &good, &err));
	encode(other, &small);
	struct cut_plane planes[] = {{0, good.data, good.size / 2}, {15, good.data, good.size},
	    {30, small.data, small.size}, {45, (const uint8_t *)"nothing", 7}, {60, good.data, 0}};
	must(cut_make(planes, 5, &result, &err));
	assert_true(result.made);
	assert_int_equal(result.cut.planes, 1);
	assert_int_equal(result.focal_um[0], 15);
	assert_int_equal(result.planes_damaged, 4);
	must_fail(cut_make(planes, 1, &result, &err), ERR_DAMAGED);
	must_fail(cut_make(planes, 0, &result, &err), ERR_BAD_INPUT);
	must_fail(cut_make(planes, LIMIT_PLANES + 1, &result, &err), ERR_BAD_INPUT);
}

/* A crop that reaches over the frame's edge, and the corners of any crop, are filled, not read. */
static void fills_what_is_not_the_embryo_with_its_median(void **state)
{
	(void)state;
	struct drawing corner = {500, 500, 250, 250, 240, 130, 130, 110};
	OWN(image_free) struct image *image = drawing_make(&corner, 1);
	OWN(free) struct cut_result *result = cut_image(image);
	const uint8_t *pixels = result->cut.pixels[0];
	assert_true(result->made);
	uint8_t fill = pixels[0];
	assert_in_range(fill, PATCH_DARK, PATCH_LIGHT);
	for (int y = 0; y < CUT_SIDE; y++) {
		for (int x = 0; x < CUT_SIDE; x++) {
			int dx = 2 * x + 1 - CUT_SIDE, dy = 2 * y + 1 - CUT_SIDE;
			if (dx * dx + dy * dy > CUT_SIDE * CUT_SIDE)
				assert_int_equal(pixels[y * CUT_SIDE + x], fill);
		}
	}
}

/* Brightness and contrast of the camera do not reach the reader; the circle may shift by a pixel
 * or two. */
static void normalises_brightness_and_contrast(void **state)
{
	(void)state;
	OWN(image_free) struct image *image = drawing_make(&occupied, 1);
	OWN(free) struct cut_result *bright = cut_image(image);
	for (int i = 0; i < 500 * 500; i++)
		image->pixels[i] = (uint8_t)(10 + image->pixels[i] / 2);
	OWN(free) struct cut_result *dark = cut_image(image);
	int difference = 0, brighter = 0;
	for (int i = 0; i < CUT_SIDE * CUT_SIDE; i++) {
		int d = bright->cut.pixels[0][i] - dark->cut.pixels[0][i];
		difference += abs(d);
		brighter += d;
	}
	assert_true(difference < 12 * CUT_SIDE * CUT_SIDE);
	assert_true(abs(brighter) < 2 * CUT_SIDE * CUT_SIDE);
}

/* The proof that a label cannot be read back: whatever its digits say, the result is the same to
 * the last bit. The embryo lies so that its crop reaches over the label. */
static void not_a_bit_of_a_label_reaches_the_cut(void **state)
{
	(void)state;
	static const struct {
		struct drawing drawing;
		int left, top, size;
	} cases[] = {
	    {{500, 500, 250, 250, 230, 150, 350, 130}, 9, 476, 1},   /* bottom left, as EmbryoScope */
	    {{500, 500, 250, 250, 230, 350, 350, 130}, 430, 476, 1}, /* bottom right */
	    {{500, 500, 250, 250, 230, 150, 150, 130}, 9, 6, 1},     /* top left */
	    {{500, 500, 250, 250, 230, 250, 140, 130}, 210, 2, 1},   /* top, over the well's rim */
	    {{800, 800, 400, 400, 360, 260, 540, 210}, 8, 760, 2},   /* EmbryoScope+ */
	    {{500, 500, 250, 250, 210, 280, 240, 130}, 250, 235, 1}, /* in the middle of the embryo */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		OWN(image_free) struct image *one = drawing_make(&cases[i].drawing, 1);
		OWN(image_free) struct image *two = drawing_make(&cases[i].drawing, 1);
		letters_box(one, cases[i].left, cases[i].top, cases[i].size, "4086 31.7");
		letters_box(two, cases[i].left, cases[i].top, cases[i].size, "9253 64.8");
		OWN(free) struct cut_result *first = cut_image(one);
		OWN(free) struct cut_result *second = cut_image(two);
		assert_true(first->made);
		assert_memory_equal(&first->cut, &second->cut, sizeof first->cut);
		assert_same_location(&first->location, &second->location);
	}
}

/* The same with real frames: their own labels, overwritten. */
static void not_a_bit_of_a_real_label_reaches_the_cut(void **state)
{
	(void)state;
	frames_need("overlay");
	for (int i = 1; i <= 4; i++) {
		char name[64], path[LIMIT_PATH];
		snprintf(name, sizeof name, "overlay/Test%d.JPG", i);
		frames_path(name, path, sizeof path);
		OWN(image_free) struct image *image = frames_load(path);
		OWN(free) struct cut_result *before = cut_image(image);
		letters_write(image, 14, 479, 1, 0, "88 88");
		letters_write(image, 458, 479, 1, 0, "88 8");
		OWN(free) struct cut_result *after = cut_image(image);
		assert_true(before->made);
		assert_memory_equal(&before->cut, &after->cut, sizeof before->cut);
	}
}

static uint64_t digest(const void *data, size_t size, uint64_t hash)
{
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ ((const uint8_t *)data)[i]) * 1099511628211u;
	return hash;
}

/* FNV-1a of cuts and circles of drawn frames. It changes when cutting changes, and only then:
 * not with the compiler, the build type or the processor. */
static const uint64_t expected_digest = 0xaa53931069d144a4u;

static void the_same_frame_gives_the_same_bits_on_every_machine(void **state)
{
	(void)state;
	uint64_t hash = 14695981039346656037u;
	static const int sides[] = {128, 350, 500, 800};
	for (int i = 0; i < 4; i++) {
		int s = sides[i];
		struct drawing d = {s, s, s / 2, s / 2, s * 42 / 100, s * 55 / 100, s * 47 / 100,
		    s * (20 + 2 * i) / 100};
		OWN(image_free) struct image *image = drawing_make(&d, (uint32_t)i);
		OWN(free) struct cut_result *result = cut_image(image);
		const float circles[] = {result->location.x, result->location.y,
		    result->location.radius, result->location.well_x, result->location.well_y,
		    result->location.well_radius};
		hash = digest(circles, sizeof circles, hash);
		hash = digest(result->cut.pixels, sizeof result->cut.pixels, hash);
	}
	if (hash != expected_digest)
		print_message("digest of the cuts: 0x%016llx\n", (unsigned long long)hash);
	assert_true(hash == expected_digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_the_sharpest_planes_sharpest_first),
	    cmocka_unit_test(makes_no_cut_of_an_empty_well),
	    cmocka_unit_test(survives_damaged_planes_and_counts_them),
	    cmocka_unit_test(fills_what_is_not_the_embryo_with_its_median),
	    cmocka_unit_test(normalises_brightness_and_contrast),
	    cmocka_unit_test(not_a_bit_of_a_label_reaches_the_cut),
	    cmocka_unit_test(not_a_bit_of_a_real_label_reaches_the_cut),
	    cmocka_unit_test(the_same_frame_gives_the_same_bits_on_every_machine),
	};
	return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
