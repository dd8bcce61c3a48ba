/* Other programs: what they say, how they end, and that nobody waits for them for ever. */
#include "unit/unit.h"

#include "base/clock.h"
#include "base/program.h"

#include <string.h>

static bool shell(const char *script, int patience_s, struct buf *output, struct err *err)
{
	const char *const arguments[] = {"sh", "-c", script, NULL};
	return program_run(arguments, patience_s, output, err);
}

static void output_and_status(void **state)
{
	struct err err;
	OWN(buf_done) struct buf output = BUF_INIT(1000);
	(void)state;
	must(shell("cat; echo said; echo aside >&2", 20, &output, &err)); /* its input is empty */
	assert_string_equal(buf_text(&output), "said\n");
	must(shell("true", 20, NULL, &err));
}

static void its_complaint_is_the_error(void **state)
{
	static const struct {
		const char *script, *complaint;
	} cases[] = {{"echo first >&2; echo 'the last '; echo 'it is broken' >&2; exit 7", "it is broken"},
	    {"echo only this; exit 1", "only this"}, {"echo 'sh: no' >&2; exit 1", "no"}, {"exit 9", "sh ended with status 9"},
	    {"kill -KILL $$", "sh ended with status 137"},
	    {"printf 'LastError: the reason\\nit failed\\n'; echo failed >&2; exit 1", "the reason"}};
	struct err err;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		must_fail(shell(cases[i].script, 20, NULL, &err), ERR_UNAVAILABLE);
		assert_string_equal(err.detail, cases[i].complaint);
	}
	const char *const nothing[] = {"/nowhere/at/all", NULL};
	must_fail(program_run(nothing, 20, NULL, &err), ERR_UNAVAILABLE);
}

static void too_much_is_dropped_and_hangs_nobody(void **state)
{
	struct err err;
	OWN(buf_done) struct buf output = BUF_INIT(8 << 20);
	(void)state;
	must(shell("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2", 60, &output, &err));
	assert_true(output.size <= 1 << 20);
}

static void it_is_not_waited_for_without_end(void **state)
{
	struct err err;
	int64_t begun_us = clock_monotonic_us();
	(void)state;
	must_fail(shell("exec sleep 60", 1, NULL, &err), ERR_UNAVAILABLE);
	assert_non_null(strstr(err.detail, "did not end within 1 s"));
	assert_true(clock_monotonic_us() - begun_us < 20 * 1000000);
}

static void one_that_serves(void **state)
{
	struct err err;
	struct program *program;
	const char *const arguments[] = {"sh", "-c", "trap 'exit 0' TERM; echo it is ready at; while :; do sleep 0.1; done", NULL};
	(void)state;
	must(program_start(arguments, &program, &err));
	assert_int_equal(program_wait(program, "is ready at", 60), PROGRAM_SAID);
	assert_int_equal(program_wait(program, "something else", 0), PROGRAM_LATE);
	program_stop(program, 20);
	/* One that does not listen is made to end; a child of it that holds its output keeps nobody. */
	const char *const deaf[] = {"sh", "-c", "trap '' TERM; echo ready; sleep 5 & while :; do sleep 0.1; done", NULL};
	must(program_start(deaf, &program, &err));
	assert_int_equal(program_wait(program, "ready", 60), PROGRAM_SAID);
	int64_t begun_us = clock_monotonic_us();
	program_stop(program, 1);
	assert_true(clock_monotonic_us() - begun_us < 4 * 1000000);
	program_stop(NULL, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(output_and_status), cmocka_unit_test(its_complaint_is_the_error),
	    cmocka_unit_test(too_much_is_dropped_and_hangs_nobody), cmocka_unit_test(it_is_not_waited_for_without_end),
	    cmocka_unit_test(one_that_serves)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
