#include "unit/unit.h"

#include "serve/glances.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/evaluations.h"

#include "model/time.h"

static struct store *make_store(void **state, int64_t *ret_embryo_id)
{
	struct err err;
	char path[128];
	struct store *store;
	int64_t dish_id;
	snprintf(path, sizeof path, "%s/store", (char *)*state);
	must(store_create(path, &err));
	must(store_open(path, &store, &err));
	must(dishes_obtain(store, "S1", "test", TIME_UNKNOWN, &dish_id, &err));
	must(embryos_obtain(store, dish_id, 1, ret_embryo_id, &err));
	return store;
}

static json_t *glance(struct glances *glances, struct store *store, int64_t embryo_id)
{
	struct err err;
	json_t *value;
	must(glances_get(glances, store, embryo_id, &value, &err));
	return value;
}

static void test_what_a_board_shows(void **state)
{
	struct err err;
	int64_t id;
	OWN(store_close) struct store *store = make_store(state, &id);
	OWN(glances_free) struct glances *glances = glances_new();
	assert_true(json_is_null(glance(glances, store, id)));

	must(evaluations_put(store, id,
	    "{\"stage\":\"tB\",\"stage_group\":\"blastocyst\",\"group_confidence\":910,\"flags\":[{\"flag\":\"a\",\"state\":\"yes\"},"
	    "{\"flag\":\"b\",\"state\":\"no\"},{\"flag\":\"c\",\"state\":\"suspected\"},"
	    "{\"flag\":\"d\",\"state\":\"not computable\"}],\"anomalies\":[{\"kind\":\"gap\",\"text\":\"A gap.\"}],"
	    "\"events\":[{\"event\":\"t2\",\"automatic\":{\"confidence\":900},\"used\":{\"source\":\"automatic\"}},"
	    "{\"event\":\"t3\",\"automatic\":{\"confidence\":510},\"used\":{\"source\":\"automatic\"}},"
	    "{\"event\":\"t4\",\"automatic\":{\"confidence\":510},\"used\":{\"source\":\"human\"}},"
	    "{\"event\":\"t5\",\"automatic\":null,\"used\":null}]}",
	    &err));
	/* Twice: once taken apart, once kept. */
	for (int i = 0; i < 2; i++) {
		OWN(json_decref) json_t *value = glance(glances, store, id);
		OWN(free) char *text = json_dumps(value, JSON_COMPACT);
		assert_string_equal(text, "{\"stage\":\"tB\",\"stage_group\":\"blastocyst\",\"confidence\":910,"
					  "\"flags\":[\"a\",\"c\"],\"attention\":[\"A gap.\"],\"unsure\":[\"t3\"]}");
	}

	/* A newer evaluation is seen at once. */
	must(evaluations_put(store, id, "{\"stage\":\"tHB\",\"stage_group\":\"blastocyst\"}", &err));
	OWN(json_decref) json_t *newer = glance(glances, store, id);
	assert_string_equal(json_text(newer, "stage", ""), "tHB");
	assert_int_equal(json_array_size(json_object_get(newer, "flags")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_a_board_shows),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
