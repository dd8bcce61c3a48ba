#include "unit/unit.h"

#include "serve/throttle.h"

enum { S = 1000000 };

static void test_waits_grow_and_end(void **state)
{
	(void)state;
	struct throttle *throttle = throttle_new();
	int64_t now = 1000 * S;
	for (int i = 0; i < THROTTLE_FREE - 1; i++) {
		throttle_failed(throttle, "10.0.0.1", now);
		assert_int_equal(throttle_wait_s(throttle, "10.0.0.1", now), 0);
	}
	static const int expected[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		throttle_failed(throttle, "10.0.0.1", now);
		assert_int_equal(throttle_wait_s(throttle, "10.0.0.1", now), expected[i]);
		now += (int64_t)expected[i] * S - 1;
		assert_int_equal(throttle_wait_s(throttle, "10.0.0.1", now), 1);
		now++;
		assert_int_equal(throttle_wait_s(throttle, "10.0.0.1", now), 0);
	}
	assert_int_equal(throttle_wait_s(throttle, "10.0.0.2", now), 0);
	throttle_free(throttle);
}

static void test_success_and_time_forgive(void **state)
{
	(void)state;
	struct throttle *throttle = throttle_new();
	int64_t now = 1000 * S;
	for (int i = 0; i < THROTTLE_FREE; i++)
		throttle_failed(throttle, "a", now);
	assert_int_equal(throttle_wait_s(throttle, "a", now), 1);
	throttle_passed(throttle, "a");
	assert_int_equal(throttle_wait_s(throttle, "a", now), 0);
	for (int i = 0; i < THROTTLE_FREE; i++)
		throttle_failed(throttle, "a", now);
	now += (int64_t)(THROTTLE_FORGET_S + 1) * S;
	throttle_failed(throttle, "a", now);
	assert_int_equal(throttle_wait_s(throttle, "a", now), 0);
	throttle_free(throttle);
}

/* Many addresses push out the oldest, never the one that is at it. */
static void test_room_for_the_newest(void **state)
{
	(void)state;
	struct throttle *throttle = throttle_new();
	int64_t now = 1000 * S;
	char address[80];
	for (int i = 0; i < 4 * THROTTLE_ADDRESSES; i++) {
		snprintf(address, sizeof address, "10.0.%d.%d", i / 256, i % 256);
		throttle_failed(throttle, address, now++);
		throttle_failed(throttle, "guesser", now++);
	}
	assert_int_equal(throttle_wait_s(throttle, "guesser", now), THROTTLE_WAIT_MAX_S);
	/* A name longer than what is kept counts as what is kept of it. */
	for (int i = 0; i < THROTTLE_FREE; i++)
		throttle_failed(throttle, "0123456789012345678901234567890123456789012345678901234567890123456789", now);
	assert_int_equal(throttle_wait_s(throttle,
	                     "0123456789012345678901234567890123456789012345678901234567890123456789", now), 1);
	throttle_free(throttle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_waits_grow_and_end),
	    cmocka_unit_test(test_success_and_time_forgive),
	    cmocka_unit_test(test_room_for_the_newest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
