#include "unit/unit.h"

#include "intake/phases.h"

#include <string.h>

static struct err err;
static struct phases phases;

static bool parse(const char *text)
{
	return phases_parse(text, strlen(text), &phases, &err);
}

static void phases_in_order(void **state)
{
	(void)state;
	must(parse("tPB2,5,24\r\ntPNa,25,88\r\nt9+,89,120\r\n"));
	assert_int_equal(phases.count, 3);
	assert_int_equal(phases.list[0].stage, STAGE_PB2);
	assert_int_equal(phases.list[1].first, 25);
	assert_int_equal(phases.list[2].stage, STAGE_9);
	assert_int_equal(phases.last, 120);
}

static void bad_lines_are_counted(void **state)
{
	(void)state;
	must(parse("phase,first,last\ntPB2,5,24\nt77,25,30\nt2,40,31\nt2,41\nt2,50,60\n"));
	assert_int_equal(phases.count, 2);
	assert_int_equal(phases.rows_bad, 4);
}

static void refused(void **state)
{
	(void)state;
	must_fail(parse(""), ERR_BAD_INPUT);
	must_fail(parse("nothing\n"), ERR_BAD_INPUT);
	must_fail(parse("t2,50,60\ntPNa,10,20\n"), ERR_BAD_INPUT);
}

static void the_clocks_agree_or_not(void **state)
{
	(void)state;
	must(parse("tPNa,5,24\nt2,25,285\n"));
	assert_true(phases_check(&phases, 285));
	assert_true(phases_check(&phases, 400)); /* annotated only in part */
	assert_true(phases_check(&phases, 284));
	assert_false(phases_check(&phases, 230));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(phases_in_order),
	    cmocka_unit_test(bad_lines_are_counted),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(the_clocks_agree_or_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
