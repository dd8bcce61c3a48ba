#include "simulator/wild.h"
#include "unit/unit.h"

#include <math.h>
#include <string.h>

enum { SIDE = 128, INSTRUMENTS = 400 };

static void draw(struct wild *wild, int i)
{
	struct random random;
	random_start(&random, 7, (uint64_t)i);
	wild_draw(wild, &random, SIDE);
}

static struct image *grey(uint8_t level)
{
	struct image *image = image_new(SIDE, SIDE);
	assert_non_null(image);
	memset(image->pixels, level, SIDE * SIDE);
	return image;
}

/* The widest blastocyst still fits into the picture, and both kinds of light occur. */
static void test_instruments_are_sane(void **state)
{
	(void)state;
	int relief = 0;
	for (int i = 0; i < INSTRUMENTS; i++) {
		struct wild wild;
		draw(&wild, i);
		const struct lens *lens = &wild.lens;
		relief += lens->kind == LENS_HOFFMAN;
		assert_true(lens->scale * 106 < SIDE / 2);
		assert_true(fabsf(lens->direction_x * lens->direction_x + lens->direction_y * lens->direction_y - 1) <
		    0.001f);
		assert_true(lens->light > 0 && lens->light < 255 && lens->outside >= 0);
		assert_in_range(wild.quality, 40, 95);
	}
	assert_in_range(relief, INSTRUMENTS / 3, INSTRUMENTS * 2 / 3);
}

/* The same picture every time, neither black nor white, and not two instruments alike. */
static void test_cameras(void **state)
{
	(void)state;
	OWN(free) float *room = malloc((3 * SIDE * SIDE + SIDE) * sizeof *room);
	OWN(image_free) struct image *last = grey(0);
	assert_non_null(room);
	for (int i = 0; i < 40; i++) {
		struct wild wild;
		draw(&wild, i);
		OWN(image_free) struct image *one = grey(110);
		OWN(image_free) struct image *two = grey(110);
		/* A fine dark line, which blur and seams change. */
		memset(one->pixels + SIDE * SIDE / 2, 60, SIDE);
		memset(two->pixels + SIDE * SIDE / 2, 60, SIDE);
		wild_expose(&wild, one, room);
		wild_expose(&wild, two, room);
		assert_memory_equal(one->pixels, two->pixels, SIDE * SIDE);
		long sum = 0;
		for (int at = 0; at < SIDE * SIDE; at++)
			sum += one->pixels[at];
		assert_in_range(sum / (SIDE * SIDE), 30, 225);
		assert_memory_not_equal(one->pixels, last->pixels, SIDE * SIDE);
		memcpy(last->pixels, one->pixels, SIDE * SIDE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_instruments_are_sane),
	    cmocka_unit_test(test_cameras)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
