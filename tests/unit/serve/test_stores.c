#include "unit/unit.h"

#include "serve/stores.h"

static void test_the_last_is_lent_first(void **state)
{
	struct err err;
	char path[128];
	struct store *a, *b, *c;
	snprintf(path, sizeof path, "%s/store", (char *)*state);
	must(store_create(path, &err));
	OWN(stores_free) struct stores *stores = stores_new(path);
	must(stores_take(stores, &a, &err));
	must(stores_take(stores, &b, &err));
	assert_ptr_not_equal(a, b);
	stores_give(stores, a);
	stores_give(stores, b);
	stores_give(stores, NULL);
	must(stores_take(stores, &c, &err));
	assert_ptr_equal(c, b);
	stores_give(stores, c);
}

static void test_no_store_is_an_error(void **state)
{
	(void)state;
	struct err err;
	struct store *store;
	OWN(stores_free) struct stores *stores = stores_new("/nowhere");
	must_fail(stores_take(stores, &store, &err), ERR_NOT_FOUND);
}

/* More than are kept: the rest is closed. */
static void test_few_are_kept(void **state)
{
	struct err err;
	char path[128];
	struct store *lent[STORES_IDLE_MAX + 4];
	snprintf(path, sizeof path, "%s/store", (char *)*state);
	OWN(stores_free) struct stores *stores = stores_new(path);
	for (int i = 0; i < STORES_IDLE_MAX + 4; i++)
		must(stores_take(stores, &lent[i], &err));
	for (int i = 0; i < STORES_IDLE_MAX + 4; i++)
		stores_give(stores, lent[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_last_is_lent_first),
	    cmocka_unit_test(test_no_store_is_an_error),
	    cmocka_unit_test(test_few_are_kept),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
