#include "unit/agent/ledgers.h"

static void test_a_row_is_there_before_and_ends_once(void **state)
{
	struct err err;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "ends.db");
	OWN(ledger_close) struct ledger *other = new_ledger(state, "ends.db");
	int64_t seq = add_egress(ledger, LEDGER_SEALED_BATCH, "frankfurt", "ab", 77);
	assert_int_equal(
	    count_of(other, "SELECT count(*) FROM egress WHERE outcome IS NULL AND bytes = 77"), 1);
	must(ledger_egress_end(ledger, seq, 99, "answered 200", &err));
	must(ledger_egress_end(ledger, seq, 1, "cancelled", &err));
	assert_int_equal(
	    count_of(other, "SELECT count(*) FROM egress WHERE outcome = 'answered 200' AND sent = 99"), 1);
}

static void price(void *context, struct ledger_invocation *lost)
{
	(*(int *)context)++;
	lost->cost_nano = strcmp(lost->endpoint, "frankfurt") == 0 ? 500 : 0;
}

/* Killed with batches on their way: each is booked once, as a failure that may have cost something. */
static void test_recovers_what_was_on_its_way(void **state)
{
	struct err err;
	int asked = 0;
	int64_t count;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "recover.db");
	int64_t done = add_egress(ledger, LEDGER_SEALED_BATCH, "frankfurt", "aa", 1);
	must(ledger_egress_end(ledger, done, 1, "answered 200", &err));
	add_egress(ledger, LEDGER_SEALED_BATCH, "frankfurt", "bb", 1);
	add_egress(ledger, LEDGER_VERSION_CHECK, "frankfurt", "", 0);
	add_egress(ledger, LEDGER_SEALED_BATCH, "gone", "cc", 1);
	must(ledger_recover(ledger, price, &asked, &count, &err));
	assert_int_equal(count, 3);
	assert_int_equal(asked, 2);
	assert_int_equal(count_of(ledger, "SELECT count(*) FROM egress WHERE outcome IS NULL"), 0);
	assert_int_equal(count_of(ledger, "SELECT count(*) FROM egress WHERE outcome = 'unknown'"), 3);
	assert_int_equal(count_of(ledger, "SELECT count(*) FROM invocations WHERE code = 'unavailable'"), 2);
	assert_int_equal(count_of(ledger, "SELECT sum(cost_nano) FROM invocations"), 500);
	must(ledger_recover(ledger, price, &asked, &count, &err));
	assert_int_equal(count, 0);
}

static void test_adds_up_what_was_spent(void **state)
{
	struct err err;
	int64_t nano;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "spent.db");
	add_invocation(ledger, 1000, (struct ledger_invocation){.cost_nano = 7});
	add_invocation(ledger, 2000, (struct ledger_invocation){.cost_nano = 30});
	add_invocation(ledger, 3000, (struct ledger_invocation){.cost_nano = 500});
	must(ledger_spent(ledger, 0, &nano, &err));
	assert_int_equal(nano, 537);
	must(ledger_spent(ledger, 2000, &nano, &err));
	assert_int_equal(nano, 530);
	must(ledger_spent(ledger, 3001, &nano, &err));
	assert_int_equal(nano, 0);
}

/* Two invocations of one row of egress would be paid for twice. */
static void test_an_invocation_is_booked_once(void **state)
{
	struct err err;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "once.db");
	int64_t seq = add_egress(ledger, LEDGER_SEALED_BATCH, "frankfurt", "aa", 1);
	const struct ledger_invocation row = {
	    .seq = seq, .endpoint = "frankfurt", .batch = "aa", .attempt = 1, .code = "none", .sentence = ""};
	must(ledger_invocation_add(ledger, &row, &err));
	must_fail(ledger_invocation_add(ledger, &row, &err), ERR_CONFLICT);
}

static void test_events_have_three_severities(void **state)
{
	struct err err;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "events.db");
	must(ledger_event(ledger, "sync.started", "info", "text", "", &err));
	must_fail(ledger_event(ledger, "sync.started", "dreadful", "text", "", &err), ERR_CONFLICT);
}

/* What begins and ends together is there whole or not at all. */
static void test_rows_of_a_turn_come_together(void **state)
{
	struct err err;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "turn.db");
	OWN(ledger_close) struct ledger *other = new_ledger(state, "turn.db");
	int64_t seq = add_egress(ledger, LEDGER_SEALED_BATCH, "frankfurt", "aa", 1);
	must(ledger_begin(ledger, &err));
	must(ledger_egress_end(ledger, seq, 1, "answered 200", &err));
	assert_int_equal(count_of(other, "SELECT count(*) FROM egress WHERE outcome IS NULL"), 1);
	must(ledger_commit(ledger, &err));
	assert_int_equal(count_of(other, "SELECT count(*) FROM egress WHERE outcome IS NULL"), 0);
}

/* What left is kept for ten years with its cost, checks and events for two; what is on its way stays, and a step is small. */
static void test_old_rows_go(void **state)
{
	static const int64_t year_us = 366 * 86400 * INT64_C(1000000), now_us = 60 * year_us;
	struct err err;
	int64_t removed;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "old.db");
	for (int years = 1; years <= 12; years += 3)
		add_invocation(ledger, now_us - years * year_us - 1, (struct ledger_invocation){.cost_nano = years});
	for (int years = 1; years <= 3; years++) {
		int64_t seq = add_egress(ledger, LEDGER_VERSION_CHECK, "frankfurt", "", 0);
		must(ledger_egress_end(ledger, seq, 9, "answered 200", &err));
		set_time(ledger, seq, now_us - years * year_us + 1);
	}
	set_time(ledger, add_egress(ledger, LEDGER_SEALED_BATCH, "frankfurt", "open", 1), now_us - 20 * year_us);
	must(ledger_event(ledger, "sync.started", "info", "", "", &err));
	must(db_exec(ledger_db(ledger), "UPDATE events SET at_us = 5", &err));
	must(ledger_prune(ledger, now_us, &removed, &err));
	/* An invocation and its row of ten years, a check of three, an event. */
	assert_int_equal(removed, 4);
	assert_int_equal(count_of(ledger, "SELECT sum(cost_nano) FROM invocations"), 1 + 4 + 7);
	assert_int_equal(count_of(ledger, "SELECT count(*) FROM egress WHERE class = 'sealed-batch'"), 4);
	assert_int_equal(count_of(ledger, "SELECT count(*) FROM egress WHERE class = 'version-check'"), 2);
	assert_int_equal(count_of(ledger, "SELECT count(*) FROM egress WHERE batch = 'open'"), 1);
	assert_int_equal(count_of(ledger, "SELECT count(*) FROM events"), 0);
	must(db_exec(ledger_db(ledger),
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
	    " INSERT INTO events (at_us, id, severity, text, next) SELECT i, 'old', 'info', '', '' FROM n",
	    &err));
	must(ledger_prune(ledger, now_us, &removed, &err));
	assert_int_equal(removed, LEDGER_PRUNE_MOST);
	must(ledger_prune(ledger, now_us, &removed, &err));
	assert_int_equal(removed, 500);
	must(ledger_prune(ledger, now_us, &removed, &err));
	assert_int_equal(removed, 0);
}

static void test_refuses_what_is_not_a_ledger(void **state)
{
	char path[LIMIT_PATH];
	struct err err;
	struct ledger *ledger;
	OWN(db_close) struct db *db = NULL;
	path_join(path, sizeof path, *state, "later.db");
	must(db_open(path, &db, &err));
	must(db_exec(db, "PRAGMA user_version = 9", &err));
	must_fail(ledger_open(path, &ledger, &err), ERR_UNSUPPORTED);
	path_join(path, sizeof path, *state, "text.db");
	must(file_write(path,
	    "this is not a database, and it is longer than a page's head is; nothing to see here at all, "
	    "nothing whatsoever",
	    110, 0600, &err));
	must_fail(ledger_open(path, &ledger, &err), ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_row_is_there_before_and_ends_once),
	    cmocka_unit_test(test_recovers_what_was_on_its_way),
	    cmocka_unit_test(test_adds_up_what_was_spent),
	    cmocka_unit_test(test_an_invocation_is_booked_once),
	    cmocka_unit_test(test_events_have_three_severities),
	    cmocka_unit_test(test_rows_of_a_turn_come_together),
	    cmocka_unit_test(test_old_rows_go),
	    cmocka_unit_test(test_refuses_what_is_not_a_ledger),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
