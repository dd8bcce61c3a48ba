#include "unit/unit.h"

#include "intake/times.h"

#include <string.h>

static struct err err;
static struct times times;

static bool parse(const char *text)
{
	return times_parse(text, strlen(text), &times, &err);
}

static void hours_become_seconds(void **state)
{
	(void)state;
	must(parse("frame_index,time\r\n1,0.25\r\n2,0.5\r\n4,1.1\r\n"));
	assert_int_equal(times.count, 3);
	assert_int_equal(times.last, 4);
	assert_int_equal(times.rows_bad, 0);
	assert_int_equal(times.clock_s[1], 900);
	assert_int_equal(times.clock_s[2], 1800);
	assert_true(times.clock_s[3] == TIME_UNKNOWN);
	assert_int_equal(times.clock_s[4], 3960);
}

static void quotes_marks_and_bad_lines(void **state)
{
	(void)state;
	must(parse("\xEF\xBB\xBF\"frame_index\",\"time\"\n\"1\", 0.2\n\n2,soon\n-4,1\n99999,3\n3,0.7"));
	assert_int_equal(times.count, 2);
	assert_int_equal(times.rows_bad, 3);
	assert_int_equal(times.clock_s[3], 2520);
}

static void refused(void **state)
{
	(void)state;
	must_fail(parse(""), ERR_BAD_INPUT);
	must_fail(parse("frame_index,time\n"), ERR_BAD_INPUT);
	must_fail(parse("1,nan\n2,inf\n"), ERR_BAD_INPUT);
	must_fail(parse("1,5.0\n2,4.0\n"), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hours_become_seconds),
	    cmocka_unit_test(quotes_marks_and_bad_lines),
	    cmocka_unit_test(refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
