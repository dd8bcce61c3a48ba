#include "unit/unit.h"

#include "base/clock.h"
#include "quality/period.h"

#include <string.h>
#include <time.h>

static int zone_setup(void **state)
{
	(void)state;
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	return 0;
}

/* Half an hour before midnight in Greenwich the next month has begun in Paris. */
static void test_clinic_time(void **state)
{
	(void)state;
	int64_t before, after;
	char text[PERIOD_TEXT_SIZE];
	assert_true(clock_parse("2026-01-31T22:30:00Z", &before));
	assert_true(clock_parse("2026-01-31T23:30:00Z", &after));
	period_format(text, period_month(before));
	assert_string_equal(text, "2026-01");
	period_format(text, period_month(after));
	assert_string_equal(text, "2026-02");
}

static void test_parse(void **state)
{
	(void)state;
	struct err err;
	struct period period;
	int64_t now;
	char from[PERIOD_TEXT_SIZE], to[PERIOD_TEXT_SIZE];
	assert_true(clock_parse("2026-11-21T06:30:00Z", &now));
	must(period_parse(NULL, NULL, now, &period, &err));
	period_format(from, period.from);
	period_format(to, period.to);
	assert_string_equal(from, "2025-12");
	assert_string_equal(to, "2026-11");
	must(period_parse("2026-02", "2026-02", now, &period, &err));
	assert_true(period_has(&period, period.from));
	assert_false(period_has(&period, period.from - 1));
	assert_false(period_has(&period, period.to + 1));
	static const struct {
		const char *from, *to;
	} wrong[] = {{"2026-02", "2026-01"}, {"2026-13", NULL}, {"2026-00", NULL}, {"2026-1", NULL}, {"26-01", NULL}, {"", NULL},
	    {"2026-01-01", NULL}, {"+026-01", NULL}, {NULL, "2026/01"}, {"2020-01", "2026-01"}};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		must_fail(period_parse(wrong[i].from, wrong[i].to, now, &period, &err), ERR_BAD_INPUT);
	must(period_parse("2021-12", NULL, now, &period, &err)); /* 60 months */
	must_fail(period_parse("2021-11", NULL, now, &period, &err), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_clinic_time), cmocka_unit_test(test_parse)};
	return cmocka_run_group_tests(tests, zone_setup, NULL);
}
