#include "unit/agent/ledgers.h"

#include "agent/budget.h"
#include "base/clock.h"

#include <time.h>

static const int64_t hour_us = 3600 * INT64_C(1000000);

static int64_t at(const char *text)
{
	int64_t us = 0;
	assert_true(clock_parse(text, &us));
	return us;
}

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void test_counts_the_day_and_the_month(void **state)
{
	struct err err;
	struct budget budget;
	const struct cloud cloud = {.budget_day = 2, .budget_month = 20};
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "day.db");
	set_zone("UTC");
	add_invocation(ledger, at("2026-10-31T23:59:59Z"), (struct ledger_invocation){.cost_nano = 1000});
	add_invocation(ledger, at("2026-11-01T00:00:00Z"), (struct ledger_invocation){.cost_nano = 200});
	add_invocation(ledger, at("2026-11-21T00:00:00Z"), (struct ledger_invocation){.cost_nano = 30});
	add_invocation(ledger, at("2026-11-21T05:00:00Z"), (struct ledger_invocation){.cost_nano = 4});
	must(budget_open(&budget, &cloud, ledger, at("2026-11-21T06:30:00Z"), &err));
	assert_int_equal(budget.spent_day_nano, 34);
	assert_int_equal(budget.spent_month_nano, 234);
	assert_int_equal(budget_left(&budget), 2000000000 - 34);
}

/* A clinic's day begins at its own midnight. */
static void test_the_day_is_local(void **state)
{
	struct err err;
	struct budget budget;
	const struct cloud cloud = {.budget_day = 2, .budget_month = 20};
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "zone.db");
	set_zone("EAST-10");
	add_invocation(ledger, at("2026-11-20T13:59:59Z"), (struct ledger_invocation){.cost_nano = 100});
	add_invocation(ledger, at("2026-11-20T14:00:00Z"), (struct ledger_invocation){.cost_nano = 5});
	must(budget_open(&budget, &cloud, ledger, at("2026-11-20T21:30:00Z"), &err));
	assert_int_equal(budget.spent_day_nano, 5);
	assert_int_equal(budget.day_us, at("2026-11-20T14:00:00Z"));
	assert_int_equal(budget.next_day_us, at("2026-11-21T14:00:00Z"));
	/* 25 hours: the clocks go back. */
	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	must(budget_open(&budget, &cloud, ledger, at("2026-10-25T06:30:00Z"), &err));
	assert_int_equal(budget.next_day_us - budget.day_us, 25 * hour_us);
	set_zone("UTC");
}

static void test_never_promises_more_than_there_is(void **state)
{
	struct err err;
	struct budget budget;
	const struct cloud cloud = {.budget_day = 100e-9, .budget_month = 20};
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "left.db");
	must(budget_open(&budget, &cloud, ledger, at("2026-11-21T06:30:00Z"), &err));
	must(budget_reserve(&budget, 60, &err));
	must_fail(budget_reserve(&budget, 41, &err), ERR_FORBIDDEN);
	assert_non_null(strstr(err.detail, "the day"));
	must(budget_reserve(&budget, 40, &err));
	assert_int_equal(budget_left(&budget), 0);
	budget_settle(&budget, 60, 20);
	assert_int_equal(budget_left(&budget), 40);
	/* It cost more than was thought: no more is left than nothing. */
	budget_settle(&budget, 40, 500);
	assert_int_equal(budget_left(&budget), 0);
	must_fail(budget_reserve(&budget, 1, &err), ERR_FORBIDDEN);
}

static void test_the_month_holds_too(void **state)
{
	struct err err;
	struct budget budget;
	const struct cloud cloud = {.budget_day = 2, .budget_month = 50e-9};
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "month.db");
	add_invocation(ledger, at("2026-11-03T06:00:00Z"), (struct ledger_invocation){.cost_nano = 45});
	must(budget_open(&budget, &cloud, ledger, at("2026-11-21T06:30:00Z"), &err));
	assert_int_equal(budget_left(&budget), 5);
	must_fail(budget_reserve(&budget, 6, &err), ERR_FORBIDDEN);
	assert_non_null(strstr(err.detail, "the month"));
}

static void test_midnight_and_clocks_that_are_set(void **state)
{
	struct err err;
	struct budget budget;
	const struct cloud cloud = {.budget_day = 2, .budget_month = 20};
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "midnight.db");
	add_invocation(ledger, at("2026-11-21T05:00:00Z"), (struct ledger_invocation){.cost_nano = 9});
	must(budget_open(&budget, &cloud, ledger, at("2026-11-21T23:59:00Z"), &err));
	must(budget_reserve(&budget, 100, &err));
	must(budget_look(&budget, at("2026-11-21T23:59:59Z"), &err));
	assert_int_equal(budget.spent_day_nano, 9);
	must(budget_look(&budget, at("2026-11-22T00:00:00Z"), &err));
	assert_int_equal(budget.spent_day_nano, 0);
	assert_int_equal(budget.spent_month_nano, 9);
	assert_int_equal(budget_left(&budget), 2000000000 - 100);
	must(budget_look(&budget, at("2026-11-20T12:00:00Z"), &err));
	assert_int_equal(budget.day_us, at("2026-11-20T00:00:00Z"));
	must(budget_look(&budget, at("2026-12-01T00:00:01Z"), &err));
	assert_int_equal(budget.spent_month_nano, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counts_the_day_and_the_month),
	    cmocka_unit_test(test_the_day_is_local),
	    cmocka_unit_test(test_never_promises_more_than_there_is),
	    cmocka_unit_test(test_the_month_holds_too),
	    cmocka_unit_test(test_midnight_and_clocks_that_are_set),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
