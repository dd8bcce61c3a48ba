/* Embryos: one for each well. */
#include "unit/store/fixture.h"

static bool collect(const struct embryo *embryo, void *context)
{
	int **at = context;
	*(*at)++ = embryo->well;
	return true;
}

static void a_well_is_one_embryo(void **state)
{
	struct fixture *f = *state;
	struct embryo got;
	int64_t dish = a_dish(f, "S1"), other = a_dish(f, "S2"), id = an_embryo(f, dish, 7);
	int wells[4], *at = wells;
	assert_int_equal(an_embryo(f, dish, 7), id);
	assert_int_not_equal(an_embryo(f, other, 7), id);
	an_embryo(f, dish, 2);
	OK(embryos_get(f->store, id, &got, &f->err));
	assert_true(got.dish_id == dish && got.well == 7);
	OK(embryos_each(f->store, dish, collect, &at, &f->err));
	assert_true(at - wells == 2 && wells[0] == 2 && wells[1] == 7);
	FAILS(ERR_NOT_FOUND, embryos_get(f->store, 99, &got, &f->err));
}

static void a_bad_place_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), id;
	FAILS(ERR_BAD_INPUT, embryos_obtain(f->store, dish, 0, &id, &f->err));
	FAILS(ERR_BAD_INPUT, embryos_obtain(f->store, dish, LIMIT_WELLS + 1, &id, &f->err));
	FAILS(ERR_NOT_FOUND, embryos_obtain(f->store, 99, 1, &id, &f->err));
	OK(embryos_obtain(f->store, dish, LIMIT_WELLS, &id, &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(a_well_is_one_embryo), TEST(a_bad_place_is_refused)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
