/* Locating in drawn frames: every size and place, and all that is no embryo. */
#include "unit/reading/frames.h"

#include "reading/locate.h"

#include <pthread.h>

static _Thread_local struct err err;

static struct location located(const struct drawing *drawing, uint32_t seed)
{
	struct location location;
	OWN(image_free) struct image *frame = drawing_make(drawing, seed);
	must(locate(frame, &location, &err));
	return location;
}

static void finds_the_embryo_at_every_size_and_place(void **state)
{
	(void)state;
	static const int sides[] = {128, 250, 350, 500, 800, 1024};
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		int side = sides[i];
		for (int place = 0; place < 9; place++) {
			int x = side / 2 + (place % 3 - 1) * side / 14,
			    y = side / 2 + (place / 3 - 1) * side / 14;
			struct drawing d = {side, side, side / 2, side / 2, side * 42 / 100, x, y,
			    side * (20 + place) / 100};
			struct location l = located(&d, (uint32_t)place);
			assert_true(l.occupied);
			assert_true(circles_overlap((double)l.x, (double)l.y, (double)l.radius, d.x,
			                d.y, d.radius) > 0.85);
			assert_true(
			    circles_overlap((double)l.well_x, (double)l.well_y,
			        (double)l.well_radius, d.well_x, d.well_y, d.well_radius) > 0.9);
		}
	}
}

static void calls_an_empty_well_empty(void **state)
{
	(void)state;
	for (int side = 128; side <= 800; side += 96) {
		struct location l = located(
		    &(struct drawing){side, side, side / 2, side / 2, side * 42 / 100, 0, 0, 0}, 7);
		assert_false(l.occupied);
		assert_true(l.x == 0 && l.y == 0 && l.radius == 0 && l.confidence == 0);
		assert_true(l.well_radius > 0);
	}
}

static void does_not_need_a_well_but_trusts_itself_less(void **state)
{
	(void)state;
	struct location l = located(
	    &(struct drawing){.width = 640, .height = 480, .x = 300, .y = 200, .radius = 120}, 3);
	assert_true(l.occupied);
	assert_true(circles_overlap((double)l.x, (double)l.y, (double)l.radius, 300, 200, 120) > 0.85);
	assert_true(l.well_radius == 0);
	assert_in_range(l.confidence, 1, 500);
}

static void takes_neither_blank_nor_noise_for_an_embryo(void **state)
{
	(void)state;
	struct location l;
	OWN(image_free) struct image *frame = image_new(500, 400);
	for (int level = 0; level < 256; level += 85) {
		memset(frame->pixels, level, 500 * 400);
		must(locate(frame, &l, &err));
		assert_false(l.occupied);
	}
	uint32_t random = 1;
	for (int i = 0; i < 500 * 400; i++)
		frame->pixels[i] = (uint8_t)(128 + drawing_grain(&random, 100));
	must(locate(frame, &l, &err));
	assert_false(l.occupied);
}

static void bears_any_shape_of_frame(void **state)
{
	(void)state;
	struct location l;
	static const int shapes[][2] = {{64, 64}, {64, 4096}, {4096, 64}, {319, 321}, {1000, 65}};
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct drawing d = {shapes[i][0], shapes[i][1], 40, 40, 30, 30, 30, 12};
		OWN(image_free) struct image *frame = drawing_make(&d, 5);
		must(locate(frame, &l, &err));
	}
	OWN(image_free) struct image *small = image_new(63, 500);
	must_fail(locate(small, &l, &err), ERR_UNSUPPORTED);
}

static void *locate_in_thread(void *drawing)
{
	struct location *location = calloc(1, sizeof *location);
	*location = located(drawing, 11);
	return location;
}

static void threads_find_the_same_bits(void **state)
{
	(void)state;
	struct drawing d = {500, 500, 255, 245, 210, 300, 230, 140};
	struct location l = located(&d, 11);
	pthread_t threads[4];
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, locate_in_thread, &d), 0);
	for (int i = 0; i < 4; i++) {
		void *found;
		assert_int_equal(pthread_join(threads[i], &found), 0);
		assert_same_location(found, &l);
		free(found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_embryo_at_every_size_and_place),
	    cmocka_unit_test(calls_an_empty_well_empty),
	    cmocka_unit_test(does_not_need_a_well_but_trusts_itself_less),
	    cmocka_unit_test(takes_neither_blank_nor_noise_for_an_embryo),
	    cmocka_unit_test(bears_any_shape_of_frame),
	    cmocka_unit_test(threads_find_the_same_bits),
	};
	return cmocka_run_group_tests_name("locate", tests, NULL, NULL);
}
