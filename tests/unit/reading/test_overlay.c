/* Labels are found wherever they are burned in, and nothing else is taken for one. */
#include "unit/reading/letters.h"

#include "reading/overlay.h"

#include <glob.h>

static const struct drawing drawing = {500, 500, 250, 250, 210, 280, 240, 130};

/* Jumps from black to white within two pixels: letters have them, lenses do not. */
static int jumps(const struct image *image)
{
	int count = 0;
	for (int y = 0; y < image->height; y++)
		for (int x = 0; x + 2 < image->width; x++)
			count += abs(image->pixels[y * image->width + x] -
			             image->pixels[y * image->width + x + 2]) >= 130;
	return count;
}

static void erases_a_label_with_its_box(void **state)
{
	(void)state;
	static const int places[][2] = {
	    {9, 476}, {430, 476}, {9, 6}, {430, 6}, {220, 6}, {0, 486}, {200, 230}};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		for (int size = 1; size <= 3; size++) {
			OWN(image_free) struct image *frame = drawing_make(&drawing, 1);
			OWN(image_free) struct image *clean = drawing_make(&drawing, 1);
			letters_box(frame, places[i][0] / size, places[i][1] - 12 * (size - 1),
			    size, "1234 56.7");
			assert_in_range(overlay_erase(frame), 1, 2);
			for (int k = 0; k < 500 * 500; k++)
				assert_true(frame->pixels[k] < 225);
			assert_true(jumps(frame) <= jumps(clean));
		}
	}
}

static void erases_bare_letters(void **state)
{
	(void)state;
	for (int size = 1; size <= 3; size++) {
		OWN(image_free) struct image *frame = drawing_make(&drawing, 1);
		OWN(image_free) struct image *clean = drawing_make(&drawing, 1);
		letters_write(frame, 20, 460, size, 255, "04.09.31 27");
		assert_in_range(overlay_erase(frame), 1, 3);
		assert_int_equal(jumps(frame), jumps(clean));
	}
}

static void leaves_a_frame_without_label_alone(void **state)
{
	(void)state;
	OWN(image_free) struct image *frame = drawing_make(&drawing, 1);
	OWN(image_free) struct image *clean = drawing_make(&drawing, 1);
	assert_int_equal(overlay_erase(frame), 0);
	assert_memory_equal(frame->pixels, clean->pixels, 500 * 500);
}

/* More writing than there is room to note: still erased, still within bounds. */
static void bears_a_frame_full_of_letters(void **state)
{
	(void)state;
	OWN(image_free) struct image *frame = drawing_make(&drawing, 1);
	for (int y = 5; y < 480; y += 22)
		for (int x = 5; x < 450; x += 70)
			letters_write(frame, x, y, 1, y % 2 ? 255 : 0, "84.31");
	overlay_erase(frame);
	uint32_t random = 9;
	for (int i = 0; i < 500 * 500; i++)
		frame->pixels[i] = drawing_grain(&random, 1) > 0 ? 255 : 0;
	overlay_erase(frame);
}

static int labels_in(const char *pattern, int stride, int *ret_frames)
{
	char path[LIMIT_PATH];
	glob_t files;
	int labels = 0;
	frames_path(pattern, path, sizeof path);
	*ret_frames = 0;
	if (glob(path, 0, NULL, &files) != 0)
		return 0;
	for (size_t i = 0; i < files.gl_pathc; i += (size_t)stride) {
		OWN(image_free) struct image *frame = frames_load(files.gl_pathv[i]);
		labels += overlay_erase(frame);
		++*ret_frames;
	}
	globfree(&files);
	return labels;
}

static void finds_every_label_of_real_frames_and_no_other(void **state)
{
	(void)state;
	frames_need("overlay");
	static const char *const labelled[] = {"overlay/*.JPG", "blastomeres/testImages/*.JPG"};
	static const char *const plain[] = {"stork/*.jpg", "nantes/*/*.jpeg", "nantes/*/*.png",
	    "timelapse-marks/frames/*", "other-optics/*"};
	int frames, all = 0;
	for (size_t i = 0; i < 2; i++) {
		int labels = labels_in(labelled[i], 1, &frames);
		assert_int_equal(labels, 2 * frames);
		print_message("%s: %d labels in %d frames\n", labelled[i], labels, frames);
	}
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(labels_in(plain[i], 3 * FRAMES_STRIDE, &frames), 0);
		all += frames;
	}
	print_message("none in %d frames without labels\n", all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(erases_a_label_with_its_box),
	    cmocka_unit_test(erases_bare_letters),
	    cmocka_unit_test(leaves_a_frame_without_label_alone),
	    cmocka_unit_test(bears_a_frame_full_of_letters),
	    cmocka_unit_test(finds_every_label_of_real_frames_and_no_other),
	};
	return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}
