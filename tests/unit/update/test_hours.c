/* Working hours: what is understood, what is refused, and each minute's answer. */
#include "unit/unit.h"

#include "update/hours.h"

#include <string.h>

static struct hours parse(const char *text)
{
	struct err err;
	struct hours hours;
	must(hours_parse(text, &hours, &err));
	return hours;
}

static int at(int day, int hour, int minute)
{
	return day * HOURS_DAY_MINUTES + hour * 60 + minute;
}

static void every_day(void **state)
{
	(void)state;
	struct hours hours = parse("mon-sun 05:00-20:00");
	for (int day = 0; day < 7; day++) {
		assert_false(hours_works(&hours, at(day, 4, 59), 0));
		assert_true(hours_works(&hours, at(day, 5, 0), 0));
		assert_true(hours_works(&hours, at(day, 19, 59), 0));
		assert_false(hours_works(&hours, at(day, 20, 0), 0));
		assert_false(hours_works(&hours, at(day, 3, 59), 60));
		assert_true(hours_works(&hours, at(day, 4, 0), 60));
	}
}

static void several_stretches(void **state)
{
	(void)state;
	struct hours hours = parse(" mon-fri 07:00-12:00 ,mon-fri 13:00-17:30, sat  08:00-24:00");
	assert_true(hours_works(&hours, at(4, 11, 59), 0));
	assert_false(hours_works(&hours, at(4, 12, 30), 0));
	assert_true(hours_works(&hours, at(4, 17, 29), 0));
	assert_false(hours_works(&hours, at(5, 7, 59), 0));
	assert_true(hours_works(&hours, at(5, 23, 59), 0));
	assert_false(hours_works(&hours, at(6, 0, 0), 0));
}

static void over_midnight_and_the_end_of_the_week(void **state)
{
	(void)state;
	struct hours hours = parse("sun-mon 22:00-02:00");
	assert_true(hours_works(&hours, at(6, 23, 0), 0));
	assert_true(hours_works(&hours, at(0, 1, 59), 0));
	assert_false(hours_works(&hours, at(0, 2, 0), 0));
	assert_true(hours_works(&hours, at(0, 22, 0), 0));
	assert_true(hours_works(&hours, at(1, 1, 0), 0));
	assert_false(hours_works(&hours, at(1, 22, 0), 0));
	/* The hour before Monday's first minute is Sunday's. */
	hours = parse("mon 00:00-01:00");
	assert_true(hours_works(&hours, at(6, 23, 30), 60));
	assert_false(hours_works(&hours, at(6, 22, 59), 60));
}

static void none(void **state)
{
	(void)state;
	struct hours hours = parse("");
	for (int minute = 0; minute < HOURS_WEEK_MINUTES; minute++)
		assert_false(hours_works(&hours, minute, 60));
}

static void what_is_not_understood_is_named(void **state)
{
	static const char *const wrong[] = {"always", "mon", "mon-fri", "mon 5:00-20:00", "mon 05:00-25:00", "mon 05:60-06:00",
	    "mon 24:00-06:00", "mon 06:00-06:00", "moo 05:00-06:00", "mon-moo 05:00-06:00", "mon 05:00-06:00,", ",",
	    "mon 05:00-06:00x", "mon 05:00 06:00", "mon 05:00-+6:00", "mon 05:00-06:00;tue 05:00-06:00", "mon 05-06"};
	struct err err;
	struct hours hours = {.count = 77};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		must_fail(hours_parse(wrong[i], &hours, &err), ERR_BAD_INPUT);
	assert_int_equal(hours.count, 77);
	char many[256] = "", longest[300];
	size_t used = 0;
	for (int i = 0; i < 15; i++)
		used += (size_t)snprintf(many + used, sizeof many - used, "%smon 05:00-06:00", i ? "," : "");
	must_fail(hours_parse(many, &hours, &err), ERR_BAD_INPUT);
	memset(longest, ' ', sizeof longest - 1);
	longest[sizeof longest - 1] = 0;
	must_fail(hours_parse(longest, &hours, &err), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_day), cmocka_unit_test(several_stretches),
	    cmocka_unit_test(over_midnight_and_the_end_of_the_week), cmocka_unit_test(none),
	    cmocka_unit_test(what_is_not_understood_is_named)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
