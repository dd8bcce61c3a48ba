/* Evaluations and rankings: the last text of each. */
#include "unit/store/fixture.h"

#include "store/evaluations.h"
#include "store/rankings.h"

static void the_last_text_is_kept(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1), made_us;
	OWN(buf_done) struct buf got = BUF_INIT(100);
	bool found;
	OK(evaluations_get(f->store, embryo, &got, NULL, &found, &f->err));
	assert_false(found);
	OK(evaluations_put(f->store, embryo, "{}", &f->err));
	OK(evaluations_put(f->store, embryo, "{\"a\":1}", &f->err));
	OK(evaluations_get(f->store, embryo, &got, &made_us, &found, &f->err));
	assert_true(found && made_us > 0);
	assert_string_equal(buf_text(&got), "{\"a\":1}");
	buf_clear(&got);
	OK(rankings_get(f->store, dish, &got, NULL, &found, &f->err));
	assert_false(found);
	OK(rankings_put(f->store, dish, "[]", &f->err));
	OK(rankings_get(f->store, dish, &got, NULL, &found, &f->err));
	assert_true(found);
	assert_string_equal(buf_text(&got), "[]");
	FAILS(ERR_NOT_FOUND, evaluations_put(f->store, 99, "{}", &f->err));
	FAILS(ERR_NOT_FOUND, rankings_put(f->store, 99, "[]", &f->err));
}

static void a_buffer_that_is_too_small_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1);
	OWN(buf_done) struct buf small = BUF_INIT(4);
	bool found;
	OK(evaluations_put(f->store, embryo, "{\"a\":1}", &f->err));
	FAILS(ERR_TOO_LARGE, evaluations_get(f->store, embryo, &small, NULL, &found, &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_last_text_is_kept), TEST(a_buffer_that_is_too_small_is_told)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
