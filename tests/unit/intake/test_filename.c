#include "unit/unit.h"

#include "intake/filename.h"

static void slides(void **state)
{
	(void)state;
	char slide[SLIDE_CODE_SIZE];
	assert_true(filename_slide("D2014.04.24_S01082_I0132_D.pdb", slide));
	assert_string_equal(slide, "D2014.04.24_S01082_I0132");
	assert_true(filename_slide("d2014.4.24_s1082_i132.pdb", slide));
	assert_string_equal(slide, "D2014.04.24_S01082_I0132");
	assert_true(filename_slide("D2014.04.24_S01082_I0132_P (2).pdb", slide));
	static const char *const bad[] = {"", "D", "x.pdb", "D2014.13.24_S1_I1.pdb", "D2014.04.24_S1082.pdb",
	    "D2014.04.24_S1234567890_I1.pdb", "2014.04.24_S1_I1.pdb", "D14.04.24_S1_I1.pdb", "D2014.04.24_S1_I1x.pdb"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(filename_slide(bad[i], slide));
}

static void frames_of_makers(void **state)
{
	(void)state;
	struct frame_name name;
	assert_true(filename_frame("D2014.04.24_S1082_I132_WELL7_RUN527.jpeg", &name));
	assert_true(name.complete);
	assert_string_equal(name.slide, "D2014.04.24_S01082_I0132");
	assert_int_equal(name.well, 7);
	assert_int_equal(name.run, 527);
	assert_true(filename_frame("D2023.12.14_S00168_I4927_P_WELL05_RUN573.JPG", &name));
	assert_string_equal(name.slide, "D2023.12.14_S00168_I4927");
	assert_int_equal(name.well, 5);
	assert_int_equal(name.run, 573);
	assert_true(filename_frame("D2014.04.24_S1082_I132_WELL7_RUN527 (1).jpeg", &name));
	assert_int_equal(name.run, 527);
}

static void frames_that_are_only_numbered(void **state)
{
	(void)state;
	struct frame_name name;
	assert_true(filename_frame("RI382-2_0439.png", &name));
	assert_false(name.complete);
	assert_int_equal(name.well, 1);
	assert_int_equal(name.run, 439);
	assert_int_equal(name.prefix_length, 8);
	assert_true(filename_frame("0012.jpg", &name));
	assert_int_equal(name.prefix_length, 0);
}

static void frames_without_a_place(void **state)
{
	(void)state;
	struct frame_name name;
	static const char *const bad[] = {"", ".jpg", "a.jpg", "RUN5.txt", "33996213_45_3AB.jpg", "1234567.png",
	    "D2014.04.24_S1082_I132_WELL7.jpeg", "D2014.04.24_S1082_I132_RUN7.jpeg",
	    "D2014.04.24_S1082_I132_WELL7_RUN5_old.jpeg", "D2014.04.24_S1082_I132_WELL99999_RUN5.jpeg", "img (1).jpg"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(filename_frame(bad[i], &name));
}

static void planes(void **state)
{
	(void)state;
	int focal_um;
	assert_true(filename_plane("F-45", &focal_um));
	assert_int_equal(focal_um, -45);
	assert_true(filename_plane("F0", &focal_um));
	assert_int_equal(focal_um, 0);
	assert_true(filename_plane("embryo_dataset_F15", &focal_um));
	assert_int_equal(focal_um, 15);
	assert_false(filename_plane("F", &focal_um));
	assert_false(filename_plane("FA648-8", &focal_um));
	assert_false(filename_plane("F15x", &focal_um));
}

static void noise(void **state)
{
	(void)state;
	assert_true(filename_is_noise(".DS_Store"));
	assert_true(filename_is_noise("Thumbs.db"));
	assert_true(filename_is_noise("__MACOSX"));
	assert_false(filename_is_noise("AA83-7"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slides),
	    cmocka_unit_test(frames_of_makers),
	    cmocka_unit_test(frames_that_are_only_numbered),
	    cmocka_unit_test(frames_without_a_place),
	    cmocka_unit_test(planes),
	    cmocka_unit_test(noise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
