#include "unit/unit.h"

#include "agent/breaker.h"

enum { MS = 1000, S = 1000000 };

static void test_backoff_grows_to_its_cap(void **state)
{
	(void)state;
	assert_int_equal(backoff_ms(0, 200, 8000, 0), 100);
	assert_int_equal(backoff_ms(0, 200, 8000, 0.999999), 199);
	static const int whole[] = {200, 400, 800, 1600, 3200, 6400, 8000, 8000};
	for (int tries = 0; tries < 8; tries++)
		for (int tenth = 0; tenth < 10; tenth++) {
			int64_t wait = backoff_ms(tries, 200, 8000, tenth / 10.0);
			assert_in_range(wait, whole[tries] / 2, whole[tries]);
		}
	assert_int_equal(backoff_ms(1 << 30, 200, 8000, 0), 4000);
	assert_int_equal(backoff_ms(-1, 200, 8000, 0), 100);
}

/* Fails until it opens; each failure a request of its own. Returns the time after. */
static int64_t fail_until_open(struct breaker *breaker, int64_t now)
{
	for (int i = 0; breaker->state != BREAKER_OPEN; i++) {
		assert_true(i < BREAKER_FAILURES);
		breaker_failed(breaker, now, now + 10 * MS, 0);
		now += 20 * MS;
	}
	return now;
}

static void test_opens_after_failures_in_a_row(void **state)
{
	(void)state;
	struct breaker breaker = {0};
	int64_t now = 5 * S;
	for (int i = 0; i < BREAKER_FAILURES - 1; i++, now += MS)
		breaker_failed(&breaker, now, now + 1, 0);
	breaker_passed(&breaker);
	assert_int_equal(breaker.in_row, 0);
	now = fail_until_open(&breaker, now);
	assert_int_equal(breaker.in_row, BREAKER_FAILURES);
	assert_int_equal(breaker_look(&breaker, breaker.until_us - 1), BREAKER_OPEN);
	assert_int_equal(breaker_look(&breaker, breaker.until_us), BREAKER_HALF_OPEN);
}

/* Eight streams of one connection that breaks are one failure, not eight. */
static void test_one_accident_counts_once(void **state)
{
	(void)state;
	struct breaker breaker = {0};
	for (int i = 0; i < 8; i++)
		breaker_failed(&breaker, S + i, 2 * S + i, 0);
	assert_int_equal(breaker.in_row, 1);
	assert_int_equal(breaker.state, BREAKER_CLOSED);
	breaker_failed(&breaker, 3 * S, 3 * S + 1, 0);
	assert_int_equal(breaker.in_row, 2);
}

static void test_stays_open_longer_each_time(void **state)
{
	(void)state;
	struct breaker breaker = {0};
	int64_t now = fail_until_open(&breaker, S), opened = breaker.until_us - BREAKER_BASE_MS * MS / 2;
	assert_true(opened > 0 && opened < now);
	for (int64_t expected = BREAKER_BASE_MS; expected < BREAKER_CAP_MS; expected *= 2) {
		now = breaker.until_us;
		assert_int_equal(breaker_look(&breaker, now), BREAKER_HALF_OPEN);
		breaker_failed(&breaker, now, now + MS, 0);
		assert_int_equal(breaker.state, BREAKER_OPEN);
		int64_t whole = 2 * expected < BREAKER_CAP_MS ? 2 * expected : BREAKER_CAP_MS;
		assert_int_equal(breaker.until_us, now + MS + whole * MS / 2);
	}
}

/* What passed was a small question; the next batch that fails opens it again, for longer. */
static void test_a_probe_gives_a_last_chance(void **state)
{
	(void)state;
	struct breaker breaker = {0};
	fail_until_open(&breaker, S);
	int64_t now = breaker.until_us;
	assert_int_equal(breaker_look(&breaker, now), BREAKER_HALF_OPEN);
	breaker_probed(&breaker);
	assert_int_equal(breaker_look(&breaker, now), BREAKER_CLOSED);
	breaker_failed(&breaker, now + 1, now + 2, 0);
	assert_int_equal(breaker.state, BREAKER_OPEN);
	assert_int_equal(breaker.until_us, now + 2 + BREAKER_BASE_MS * MS);
	now = breaker.until_us;
	breaker_look(&breaker, now);
	breaker_probed(&breaker);
	breaker_passed(&breaker);
	assert_int_equal(breaker.openings, 0);
	fail_until_open(&breaker, now + S);
	assert_int_equal(breaker.openings, 1);
}

static void test_trips_at_once(void **state)
{
	(void)state;
	struct breaker breaker = {0};
	breaker_trip(&breaker, S, 0.5);
	assert_int_equal(breaker.state, BREAKER_OPEN);
	int64_t until = breaker.until_us;
	breaker_trip(&breaker, S + 1, 0.5);
	assert_int_equal(breaker.until_us, until);
}

static void test_window_halves_and_recovers(void **state)
{
	(void)state;
	struct window window;
	window_open(&window, 8);
	assert_int_equal(window_size(&window), 8);
	window_throttled(&window, S, 2 * S);
	assert_int_equal(window_size(&window), 4);
	window_throttled(&window, 2 * S - 1, 2 * S + 1);
	assert_int_equal(window_size(&window), 4);
	for (int i = 0; i < 10; i++)
		window_throttled(&window, (3 + i) * (int64_t)S, (3 + i) * (int64_t)S + 1);
	assert_int_equal(window_size(&window), 1);
	for (int i = 0; i < 100; i++)
		window_passed(&window);
	assert_int_equal(window_size(&window), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_backoff_grows_to_its_cap),
	    cmocka_unit_test(test_opens_after_failures_in_a_row),
	    cmocka_unit_test(test_one_accident_counts_once),
	    cmocka_unit_test(test_stays_open_longer_each_time),
	    cmocka_unit_test(test_a_probe_gives_a_last_chance),
	    cmocka_unit_test(test_trips_at_once),
	    cmocka_unit_test(test_window_halves_and_recovers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
