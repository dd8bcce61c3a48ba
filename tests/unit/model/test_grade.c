/* Grades: a blastocyst has Gardner's three, the others a quality; never both. */
#include "unit/unit.h"

#include "model/grade.h"

#include <string.h>

static struct err err;

static void names_go_both_ways(void **state)
{
	enum grade_stage stage;
	enum grade_quality quality;
	(void)state;
	for (int i = 0; i < GRADE_STAGE_COUNT; i++)
		assert_true(grade_stage_from_name(grade_stage_name((enum grade_stage)i), &stage) && (int)stage == i);
	for (int i = 0; i < GRADE_QUALITY_COUNT; i++)
		assert_true(grade_quality_from_name(grade_quality_name((enum grade_quality)i), &quality) && (int)quality == i);
	assert_false(grade_stage_from_name("zygote", &stage) || grade_quality_from_name("good", &quality));
}

static void a_grade_fits_its_stage(void **state)
{
	(void)state;
	must(grade_check(&(struct grade){.stage = GRADE_BLASTOCYST, .gardner = {4, 'A', 'B'}}, &err));
	must(grade_check(&(struct grade){.stage = GRADE_BLASTOCYST, .gardner = {2, 0, 0}}, &err));
	must(grade_check(&(struct grade){.stage = GRADE_MORULA, .quality = GRADE_LOW}, &err));
	must_fail(grade_check(&(struct grade){.stage = GRADE_BLASTOCYST, .quality = GRADE_TOP}, &err), ERR_BAD_INPUT);
	must_fail(
	    grade_check(&(struct grade){.stage = GRADE_BLASTOCYST, .gardner = {4, 'A', 'B'}, .quality = GRADE_TOP}, &err),
	    ERR_BAD_INPUT);
	must_fail(grade_check(&(struct grade){.stage = GRADE_BLASTOCYST, .gardner = {4, 'A', 0}}, &err), ERR_BAD_INPUT);
	must_fail(grade_check(&(struct grade){.stage = GRADE_CLEAVAGE}, &err), ERR_BAD_INPUT);
	must_fail(grade_check(&(struct grade){.stage = GRADE_CLEAVAGE, .quality = GRADE_TOP, .gardner = {4, 'A', 'B'}}, &err),
	    ERR_BAD_INPUT);
	must_fail(grade_check(&(struct grade){.stage = GRADE_STAGE_COUNT, .quality = GRADE_TOP}, &err), ERR_BAD_INPUT);
}

static void it_is_written_as_the_lab_does(void **state)
{
	char text[GRADE_TEXT_SIZE];
	(void)state;
	grade_format(text, &(struct grade){.stage = GRADE_BLASTOCYST, .gardner = {5, 'B', 'C'}});
	assert_string_equal(text, "5BC");
	grade_format(text, &(struct grade){.stage = GRADE_BLASTOCYST, .gardner = {1, 0, 0}});
	assert_string_equal(text, "1");
	grade_format(text, &(struct grade){.stage = GRADE_CLEAVAGE, .quality = GRADE_INTERMEDIATE});
	assert_string_equal(text, "intermediate");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_go_both_ways),
	    cmocka_unit_test(a_grade_fits_its_stage),
	    cmocka_unit_test(it_is_written_as_the_lab_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
