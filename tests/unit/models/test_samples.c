#include "unit/unit.h"

#include "base/limits.h"
#include "model/reading.h"
#include "models/samples.h"

#include <string.h>

static struct err err;

enum { PLANE = CUT_SIDE * CUT_SIDE };

static void from_a_file(void **state)
{
	char path[LIMIT_PATH];
	OWN(samples_done) struct samples samples = {0};
	size_t size = (size_t)PLANE * (SAMPLES_MAX + 100);
	uint8_t *pixels = calloc(size, 1);
	for (size_t i = 0; i < size; i++)
		pixels[i] = (uint8_t)(i / PLANE % 251);
	path_join(path, sizeof path, *state, "cuts.bin");
	must(file_write(path, pixels, size, 0644, &err));
	must(samples_load(path, 1, &samples, &err));
	free(pixels);
	assert_int_equal(samples.count, SAMPLES_MAX);
	/* Evenly spaced over the whole file. */
	assert_int_equal(samples_at(&samples, 0)[0], 0);
	assert_int_equal(samples_at(&samples, SAMPLES_MAX - 1)[PLANE - 1],
	    (SAMPLES_MAX - 1) * (SAMPLES_MAX + 100) / SAMPLES_MAX % 251);
	must_fail(samples_load(path, 3, &samples, &err), ERR_BAD_INPUT);
	must_fail(samples_load(*state, 1, &samples, &err), ERR_BAD_INPUT);
	must(file_write(path, "", 0, 0644, &err));
	must_fail(samples_load(path, 1, &samples, &err), ERR_BAD_INPUT);
}

static void rendered(void **state)
{
	(void)state;
	OWN(samples_done) struct samples samples = {0};
	must(samples_render(2, 1, &samples, &err));
	assert_int_equal(samples.planes, 2);
	/* A cut of nearly every stage, and no two alike. */
	assert_in_range(samples.count, STAGE_COUNT - 3, STAGE_COUNT - 1);
	for (size_t i = 1; i < samples.count; i++)
		assert_memory_not_equal(samples_at(&samples, i), samples_at(&samples, i - 1), PLANE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(from_a_file),
	    cmocka_unit_test(rendered),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
