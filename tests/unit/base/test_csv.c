#include "unit/unit.h"

#include "base/csv.h"

/* What one cell of this text looks like in the file. */
static void shows(const char *text, const char *cell)
{
	OWN(buf_done) struct buf file = BUF_INIT(1 << 10);
	struct csv csv = {.to = &file};
	char line[300];
	csv_text(&csv, text);
	csv_end_line(&csv);
	snprintf(line, sizeof line, "%s\r\n", cell);
	assert_string_equal(buf_text(&file), line);
}

static void cells_are_as_rfc_4180_has_them(void **state)
{
	(void)state;
	OWN(buf_done) struct buf file = BUF_INIT(1 << 10);
	struct csv csv = {.to = &file};
	csv_mark(&csv);
	csv_text(&csv, "a");
	csv_text(&csv, "");
	csv_int(&csv, -7);
	csv_end_line(&csv);
	csv_text(&csv, "b");
	csv_end_line(&csv);
	assert_string_equal(buf_text(&file), "\xEF\xBB\xBF" "a,,-7\r\nb\r\n");
	shows("Dvořák", "Dvořák");
	shows("Doe, Jane", "\"Doe, Jane\"");
	shows("5\" dish", "\"5\"\" dish\"");
	shows("two\nlines", "\"two\nlines\"");
	shows("2026-11-21T06:30:00Z", "2026-11-21T06:30:00Z");
}

static void numbers_stay_numbers(void **state)
{
	(void)state;
	OWN(buf_done) struct buf file = BUF_INIT(1 << 10);
	OWN(json_decref) json_t *values = json_pack("{s:i, s:s, s:n, s:b}", "number", -7, "text", "-7",
	    "none", "yes", 1);
	struct csv csv = {.to = &file};
	assert_non_null(values);
	csv_line(&csv, (const char *const[]){"number", "text", "none", "yes", "missing"}, 5);
	csv_json(&csv, json_object_get(values, "number"));
	csv_json(&csv, json_object_get(values, "text"));
	csv_json(&csv, json_object_get(values, "none"));
	csv_json(&csv, json_object_get(values, "yes"));
	csv_json(&csv, json_object_get(values, "missing"));
	csv_end_line(&csv);
	assert_string_equal(buf_text(&file), "number,text,none,yes,missing\r\n-7,\"'-7\",,,\r\n");
}

static void no_name_is_a_formula(void **state)
{
	(void)state;
	shows("=1+1", "\"'=1+1\"");
	shows("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"");
	shows("  +49 30", "\"'  +49 30\"");
	shows("-Smith", "\"'-Smith\"");
	shows("@cmd", "\"'@cmd\"");
	shows("\t=1", "\"'\t=1\"");
	shows("＝1+1", "\"'＝1+1\"");
	shows("O'Brien-Smith", "O'Brien-Smith");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cells_are_as_rfc_4180_has_them),
	    cmocka_unit_test(numbers_stay_numbers),
	    cmocka_unit_test(no_name_is_a_formula),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
