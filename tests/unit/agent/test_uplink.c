#include "unit/unit.h"

#include "agent/uplink.h"

enum { S = 1000000 };

static void test_no_cap_holds_nothing_back(void **state)
{
	(void)state;
	struct uplink uplink = {0};
	assert_int_equal(uplink_take(&uplink, 123456789, 0), 123456789);
	assert_int_equal(uplink_wait_us(&uplink, 123456789, 0), 0);
}

/* Whoever asks as fast as it may, in pieces of 16 KiB, gets the rate: not more than the burst above it, not
 * less. */
static void test_the_rate_holds(void **state)
{
	(void)state;
	static const double rates[] = {40e3, 625e3, 2.5e6, 125e6};
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		struct uplink uplink = {0};
		int64_t now = 7 * (int64_t)S, end = now + 20 * (int64_t)S;
		double gone = 0;
		uplink_set(&uplink, rates[i], now);
		while (now < end) {
			int64_t wait = uplink_wait_us(&uplink, 16384, now);
			if (wait > 0) {
				now += wait;
				continue;
			}
			gone += (double)uplink_take(&uplink, 16384, now);
		}
		double burst = rates[i] * UPLINK_BURST_MS / 1e3 > UPLINK_BURST_MIN
		    ? rates[i] * UPLINK_BURST_MS / 1e3
		    : UPLINK_BURST_MIN;
		assert_true(gone <= 20 * rates[i] + burst + 1);
		assert_true(gone >= 20 * rates[i] - 2 * 16384);
	}
}

static void test_a_new_rate_takes_hold_at_once(void **state)
{
	(void)state;
	struct uplink uplink = {0};
	uplink_set(&uplink, 100e6, 0);
	assert_true(uplink_take(&uplink, 1 << 30, 10 * (int64_t)S) == 25000000);
	uplink_set(&uplink, 100e6, 20 * (int64_t)S);
	uplink_set(&uplink, 1e6, 20 * (int64_t)S);
	assert_int_equal(uplink_take(&uplink, 1 << 30, 20 * (int64_t)S), 250000);
	uplink_set(&uplink, 0, 20 * (int64_t)S);
	assert_int_equal(uplink_take(&uplink, 1 << 30, 20 * (int64_t)S), 1 << 30);
}

/* A clock that seems to stand still or go back gives nothing away. */
static void test_time_that_does_not_pass(void **state)
{
	(void)state;
	struct uplink uplink = {0};
	uplink_set(&uplink, 1e6, 5 * (int64_t)S);
	uplink_take(&uplink, 1 << 30, 6 * (int64_t)S);
	assert_int_equal(uplink_take(&uplink, 1 << 30, 6 * (int64_t)S), 0);
	assert_int_equal(uplink_take(&uplink, 1 << 30, 3 * (int64_t)S), 0);
}

static void test_meter_forgets_by_busy_time(void **state)
{
	(void)state;
	struct meter meter = {0};
	assert_true(meter_rate(&meter) == 0);
	meter_add(&meter, 1000, 100000);
	assert_true(meter_rate(&meter) == 0);
	for (int i = 0; i < 600; i++)
		meter_add(&meter, 100000, S / 10);
	assert_true(meter_rate(&meter) > 0.99e6 && meter_rate(&meter) < 1.01e6);
	for (int i = 0; i < 2000; i++)
		meter_add(&meter, 10000, S / 10);
	assert_true(meter_rate(&meter) > 0.99e5 && meter_rate(&meter) < 1.02e5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_cap_holds_nothing_back),
	    cmocka_unit_test(test_the_rate_holds),
	    cmocka_unit_test(test_a_new_rate_takes_hold_at_once),
	    cmocka_unit_test(test_time_that_does_not_pass),
	    cmocka_unit_test(test_meter_forgets_by_busy_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
