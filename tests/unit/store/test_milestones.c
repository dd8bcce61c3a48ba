/* Milestones: those of the last evaluation, unknown times stay unknown. */
#include "unit/store/fixture.h"

#include "store/milestones.h"

static bool collect(const struct milestone *milestone, void *context)
{
	((struct milestone *)context)[milestone->event] = *milestone;
	return true;
}

static void assert_same(const struct milestone *a, const struct milestone *b)
{
	assert_true(a->used_s == b->used_s && a->source == b->source && a->automatic_s == b->automatic_s &&
	    a->confidence == b->confidence);
}

static void they_replace_each_other(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	const struct milestone first[] = {{STAGE_2, 97200, MILESTONE_AUTOMATIC, 97200, 910},
	    {STAGE_3, TIME_UNKNOWN, MILESTONE_NONE, 130000, 300}};
	const struct milestone second[] = {{STAGE_2, 96000, MILESTONE_HUMAN, TIME_UNKNOWN, 0}};
	struct milestone seen[STAGE_COUNT] = {0};
	OK(milestones_put(f->store, embryo, first, 2, &f->err));
	OK(milestones_each(f->store, embryo, collect, seen, &f->err));
	assert_same(&seen[STAGE_2], &first[0]);
	assert_same(&seen[STAGE_3], &first[1]);
	OK(milestones_put(f->store, embryo, second, 1, &f->err));
	OK(milestones_each(f->store, embryo, collect, seen, &f->err));
	assert_same(&seen[STAGE_2], &second[0]);
	assert_int_equal(count_of(f, "SELECT count(*) FROM milestones"), 1);
	FAILS(ERR_NOT_FOUND, milestones_put(f->store, 99, second, 1, &f->err));
	RUN_INTS(f->store, "DELETE FROM dishes WHERE id = ?1", &f->err, dish);
	assert_int_equal(count_of(f, "SELECT count(*) FROM milestones"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(they_replace_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
