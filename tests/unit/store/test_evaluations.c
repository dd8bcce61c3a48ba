/* Evaluations and rankings: the last text of each. */
#include "unit/store/fixture.h"

#include "store/cycles.h"
#include "store/dishes.h"
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

static void siblings_are_those_of_the_cycle(void **state)
{
	struct fixture *f = *state;
	int64_t first = a_dish(f, "S1"), second = a_dish(f, "S2"), other = a_dish(f, "S3"), cycle;
	OWN(json_decref) json_t *alone = NULL;
	OWN(json_decref) json_t *together = NULL;
	an_embryo(f, first, 1); /* without an evaluation */
	OK(evaluations_put(f->store, an_embryo(f, first, 2), "{\"a\":1}", &f->err));
	OK(evaluations_put(f->store, an_embryo(f, second, 1), "{}", &f->err));
	OK(evaluations_put(f->store, an_embryo(f, other, 1), "{}", &f->err));
	OK(evaluations_siblings(f->store, first, &alone, &f->err));
	assert_int_equal(json_array_size(alone), 1);
	assert_string_equal(json_text(json_array_get(alone, 0), "slide", ""), "S1");
	assert_int_equal(json_int(json_object_get(json_array_get(alone, 0), "evaluation"), "a", 0), 1);
	OK(cycles_add(f->store, 0, &(struct cycle){.patient_id = a_patient(f, "P1"), .label = "2026"}, &cycle, &f->err));
	OK(dishes_assign(f->store, first, cycle, 0, &f->err));
	OK(dishes_assign(f->store, second, cycle, 0, &f->err));
	OK(evaluations_siblings(f->store, second, &together, &f->err));
	assert_int_equal(json_array_size(together), 2);
	assert_int_equal(json_int(json_array_get(together, 0), "well", 0), 2);
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
	    TEST(the_last_text_is_kept), TEST(siblings_are_those_of_the_cycle),
	    TEST(a_buffer_that_is_too_small_is_told)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
