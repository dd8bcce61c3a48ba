#include "unit/unit.h"

#include "serve/routes.h"

#include <stdio.h>
#include <string.h>

static const struct route *find(const char *method, const char *path, int64_t *numbers, enum err_code *ret_code)
{
	struct err err = {0};
	const struct route *route = routes_find(method, path, numbers, &err);
	*ret_code = err.code;
	return route;
}

static void test_numbers_of_a_path(void **state)
{
	(void)state;
	int64_t numbers[CALL_NUMBERS_MAX];
	enum err_code code;
	const struct route *route = find("GET", "/api/embryos/12/frames/345/-15", numbers, &code);
	assert_non_null(route);
	assert_string_equal(route->path, "/api/embryos/{id}/frames/{run}/{focal}");
	assert_int_equal(numbers[0], 12);
	assert_int_equal(numbers[1], 345);
	assert_int_equal(numbers[2], -15);
}

static void test_a_label_ends_a_path(void **state)
{
	(void)state;
	int64_t numbers[CALL_NUMBERS_MAX];
	enum err_code code;
	static const char *const labels[] = {"daybreak-1", "lab_net-2.0.1", "7"};
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		char path[64];
		snprintf(path, sizeof path, "/api/models/%s", labels[i]);
		const struct route *route = find("GET", path, numbers, &code);
		assert_non_null(route);
		assert_string_equal(route->path, "/api/models/{label}");
	}
}

static void test_what_is_no_route(void **state)
{
	(void)state;
	static const char *const paths[] = {"/", "/api", "/api/", "/api/embryos", "/api/embryos/", "/api/embryos/x",
	    "/api/embryos/1x", "/api/embryos/+1", "/api/embryos/01", "/api/embryos/-", "/api/embryos/1/",
	    "/api/embryos/99999999999999999999", "/api/embryos/1/frames/2", "/api/embryos/1/frames/2/3/4",
	    "/api/boards", "/API/board", "/api/models/", "/api/models/..", "/api/models/a/b", "/api/models/a b",
	    "/api/models/.x"};
	int64_t numbers[CALL_NUMBERS_MAX];
	enum err_code code;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		assert_null(find("GET", paths[i], numbers, &code));
		assert_int_equal(code, ERR_NOT_FOUND);
	}
}

static void test_wrong_method(void **state)
{
	(void)state;
	int64_t numbers[CALL_NUMBERS_MAX];
	enum err_code code;
	assert_null(find("PATCH", "/api/board", numbers, &code));
	assert_int_equal(code, ERR_WRONG_METHOD);
	assert_null(find("get", "/api/board", numbers, &code));
	assert_int_equal(code, ERR_WRONG_METHOD);
}

/* What the way through the table relies on. */
static void test_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < routes_count(); i++) {
		const struct route *route = routes_at(i);
		bool reads = strcmp(route->method, "GET") == 0;
		assert_int_equal(strncmp(route->path, "/api/", 5), 0);
		assert_true(!reads || route->body == BODY_NONE);
		/* Whoever changes the clinic's data is at least an embryologist; session, password and preferences are one's own. */
		bool own = strncmp(route->path, "/api/session", 12) == 0 || strcmp(route->path, "/api/preferences") == 0;
		if (!reads && !own)
			assert_true(route->access >= ACCESS_EMBRYOLOGIST);
		for (size_t j = 0; j < i; j++)
			assert_true(strcmp(route->path, routes_at(j)->path) != 0 ||
			    strcmp(route->method, routes_at(j)->method) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numbers_of_a_path),
	    cmocka_unit_test(test_a_label_ends_a_path),
	    cmocka_unit_test(test_what_is_no_route),
	    cmocka_unit_test(test_wrong_method),
	    cmocka_unit_test(test_the_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
