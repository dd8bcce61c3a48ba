#include "simulator/layers.h"
#include "unit/unit.h"

#include <math.h>

enum { SIDE = 64 };

/* The blur keeps the light and spreads a point as a bell of that width. */
static void test_blur(void **state)
{
	(void)state;
	for (float deviation = 0.5f; deviation < 6; deviation += 0.7f) {
		float pixels[SIDE * SIDE] = {0}, other[SIDE * SIDE], line[SIDE];
		struct blur blur = {line, other};
		pixels[SIDE / 2 * SIDE + SIDE / 2] = 1;
		blur_apply(pixels, SIDE, deviation, &blur);
		double sum = 0, square = 0;
		for (int y = 0; y < SIDE; y++)
			for (int x = 0; x < SIDE; x++) {
				sum += pixels[y * SIDE + x];
				square += pixels[y * SIDE + x] * (x - SIDE / 2) * (x - SIDE / 2);
			}
		assert_true(fabs(sum - 1) < 1e-3);
		assert_true(fabs(sqrt(square) / deviation - 1) < 0.15);
	}
}

static void test_weights(void **state)
{
	(void)state;
	struct layers layers = {.spacing_um = 20};
	for (float depth = -100; depth < 100; depth += 3) {
		int first;
		float share[2];
		layers_weights(&layers, depth, &first, share);
		assert_in_range(first, 0, LAYERS_COUNT - 2);
		assert_true(share[0] >= 0 && share[1] >= 0 && fabsf(share[0] + share[1] - 1) < 1e-5f);
		float back = layers_depth(&layers, first) * share[0] + layers_depth(&layers, first + 1) * share[1];
		float held = depth < -40 ? -40 : depth > 40 ? 40 : depth;
		assert_true(fabsf(back - held) < 0.1f);
	}
}

static void test_noise(void **state)
{
	(void)state;
	static float noise[LAYERS_NOISE * LAYERS_NOISE];
	assert_true(noise_make(noise, 4, 1));
	double sum = 0, square = 0, seam = 0;
	for (int i = 0; i < LAYERS_NOISE * LAYERS_NOISE; i++) {
		sum += noise[i];
		square += noise[i] * noise[i];
	}
	for (int y = 0; y < LAYERS_NOISE; y++)
		seam += noise[y * LAYERS_NOISE] * noise[y * LAYERS_NOISE + LAYERS_NOISE - 1];
	assert_true(fabs(sum / (LAYERS_NOISE * LAYERS_NOISE)) < 0.05);
	assert_true(fabs(square / (LAYERS_NOISE * LAYERS_NOISE) - 1) < 1e-3);
	/* Neighbours across the seam are as alike as any. */
	assert_true(seam / LAYERS_NOISE > 0.4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_blur), cmocka_unit_test(test_weights),
	    cmocka_unit_test(test_noise)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
