/* The feed of changes. */
#include "unit/store/fixture.h"

#include "store/changes.h"

struct listed {
	struct change changes[16];
	int count;
};

static bool list(const struct change *change, void *context)
{
	struct listed *listed = context;
	listed->changes[listed->count++] = *change;
	return true;
}

static void changes_are_told_in_order(void **state)
{
	struct fixture *f = *state;
	struct listed listed = {0};
	int64_t last;
	OK(changes_last(f->store, &last, &f->err));
	assert_int_equal(last, 0);
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	add_plane(f, dish, embryo, 1, 0);
	OK(changes_each(f->store, 0, list, &listed, &f->err));
	assert_int_equal(listed.count, 3);
	assert_true(listed.changes[0].kind == CHANGE_DISH && listed.changes[0].subject == dish);
	assert_true(listed.changes[2].kind == CHANGE_EMBRYO && listed.changes[2].subject == embryo);
	OK(changes_last(f->store, &last, &f->err));
	assert_int_equal(last, listed.changes[2].seq);
	listed.count = 0;
	OK(changes_each(f->store, last - 1, list, &listed, &f->err));
	assert_int_equal(listed.count, 1);
	/* What is undone was never told. */
	OK(store_begin(f->store, &f->err));
	a_patient(f, "P-1");
	store_rollback(f->store);
	OK(changes_each(f->store, last, list, &listed, &f->err));
	assert_int_equal(listed.count, 1);
	assert_string_equal(change_kind_name(CHANGE_READING), "reading");
}

/* The feed does not grow for ever, and who missed something is told so. */
static void old_changes_go(void **state)
{
	struct fixture *f = *state;
	struct listed listed = {0};
	int64_t last;
	OK(changes_add(f->store, CHANGE_DISH, 1, &f->err));
	OK(changes_add(f->store, CHANGE_DISH, 2, &f->err));
	char sql[128];
	snprintf(sql, sizeof sql, "UPDATE changes SET seq = %d WHERE subject = 2", CHANGES_KEPT);
	OK(db_exec(f->store->db, sql, &f->err));
	OK(changes_each(f->store, 0, list, &listed, &f->err));
	assert_int_equal(listed.count, 2);
	OK(changes_add(f->store, CHANGE_DISH, 3, &f->err));
	assert_false(changes_each(f->store, 0, list, &listed, &f->err));
	assert_int_equal(f->err.code, ERR_NOT_FOUND);
	OK(changes_last(f->store, &last, &f->err));
	assert_int_equal(last, CHANGES_KEPT + 1);
	listed.count = 0;
	OK(changes_each(f->store, CHANGES_KEPT - 1, list, &listed, &f->err));
	assert_int_equal(listed.count, 2);
	OK(changes_each(f->store, last, list, &listed, &f->err));
	assert_int_equal(listed.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(changes_are_told_in_order), TEST(old_changes_go)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
