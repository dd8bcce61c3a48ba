#include "unit/unit.h"

#include "serve/pages.h"

#include <string.h>

static void test_folder_is_read_whole(void **state)
{
	struct err err;
	char path[128];
	size_t count;
	snprintf(path, sizeof path, "%s/web/assets", (char *)*state);
	must(folder_make(path, &err));
	snprintf(path, sizeof path, "%s/web/index.html", (char *)*state);
	must(file_write(path, "<!doctype html>", 15, 0600, &err));
	snprintf(path, sizeof path, "%s/web/assets/index-1.js", (char *)*state);
	must(file_write(path, "", 0, 0600, &err));
	snprintf(path, sizeof path, "%s/web", (char *)*state);
	struct pages *pages;
	must(pages_load(path, &pages, &count, &err));
	assert_int_equal(count, 2);
	pages_free(pages);
}

static void test_no_folder_is_no_pages(void **state)
{
	(void)state;
	struct err err;
	struct pages *pages;
	size_t count = 7;
	must(pages_load("/nowhere", &pages, &count, &err));
	assert_int_equal(count, 0);
	pages_free(pages);
	must(pages_load("", &pages, &count, &err));
	pages_free(pages);
}

static void test_types(void **state)
{
	(void)state;
	assert_string_equal(pages_type("/index.html"), "text/html; charset=utf-8");
	assert_string_equal(pages_type("/assets/a.js"), "text/javascript; charset=utf-8");
	assert_string_equal(pages_type("/assets/a.svg"), "image/svg+xml");
	assert_string_equal(pages_type("/assets/a.woff2"), "font/woff2");
	assert_string_equal(pages_type("/x"), "application/octet-stream");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_folder_is_read_whole),
	    cmocka_unit_test(test_no_folder_is_no_pages),
	    cmocka_unit_test(test_types),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
