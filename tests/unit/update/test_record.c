/* What the updater remembers: read again as it was written, whatever was there before. */
#include "unit/unit.h"

#include "base/text.h"
#include "update/record.h"

#include <string.h>

static void load(const char *folder, struct record *record)
{
	struct err err;
	must(record_load(folder, record, &err));
}

static void all_of_it_is_read_again(void **state)
{
	struct err err;
	struct record_confirmed confirmed;
	struct record_failure failure;
	OWN(record_done) struct record record = {0}, again = {0};
	load(*state, &record);
	assert_false(record.trial.there || record_any_confirmed(&record));
	assert_string_equal(record.floor, "0");
	record.trial = (struct record_trial){.there = true, .installed = true, .slot = "B", .from = "1.0", .to = "1.1",
	    .digest = "abc", .schema = 7, .boot = "boot", .why = "a \"reason\"", .reading = {"lab-1", "def", 2}};
	record_confirm(&record, "A", &(struct record_confirmed){"1.10.0 hash", "1.10.0", 5});
	record_confirm(&record, "B", &(struct record_confirmed){"1.9.0 hash", "1.9.0", 4});
	record_fail(&record, "abc", &(struct record_failure){.why = "first"});
	record_fail(&record, "abc", &(struct record_failure){.why = "second", .went_back = true, .anew = true});
	record_fail(&record, "", &(struct record_failure){.why = "of no bundle"});
	record_fail(&record, "def", &(struct record_failure){.why = "other"});
	record_forgive(&record, "def");
	must(record_save(&record, &err));

	load(*state, &again);
	assert_memory_equal(&again.trial, &record.trial, sizeof again.trial);
	/* The highest that was ever confirmed, whichever came last. */
	assert_string_equal(again.floor, "1.10.0");
	record_confirmed(&again, "A", &confirmed);
	assert_string_equal(confirmed.system, "1.10.0 hash");
	assert_int_equal(confirmed.schema, 5);
	assert_true(record_failure(&again, "abc", &failure));
	assert_true(failure.count == 2 && failure.went_back && failure.anew && strcmp(failure.why, "second") == 0);
	assert_false(record_failure(&again, "def", &failure) || record_failure(&again, "", &failure));
	record_forget(&again, "A");
	record_confirmed(&again, "A", &confirmed);
	assert_true(!confirmed.system[0] && !confirmed.version[0] && confirmed.schema == RECORD_SCHEMA_UNKNOWN);
	assert_true(record_any_confirmed(&again));
}

static void what_cannot_be_understood_confirms_nothing(void **state)
{
	static const char *const texts[] = {"", "{", "[]", "7", "{\"confirmed\":7,\"trial\":[],\"failed\":\"x\"}"};
	struct err err;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct record_failure failure;
		OWN(record_done) struct record record = {0};
		must(folder_write_text(*state, "state.json", texts[i], 0644, &err));
		must(folder_write_text(*state, "floor", "-1; rm\n", 0644, &err));
		load(*state, &record);
		assert_false(record.trial.there || record_any_confirmed(&record));
		assert_false(record_failure(&record, "abc", &failure));
		assert_string_equal(record.floor, "0");
		record_fail(&record, "abc", &(struct record_failure){.why = "why"});
		must(record_save(&record, &err));
	}
}

static void the_history_tells_its_last_line(void **state)
{
	struct err err;
	char path[LIMIT_PATH], why[RECORD_WHY_SIZE];
	OWN(record_done) struct record record = {0};
	load(*state, &record);
	assert_null(record_last(&record));
	memset(why, 'x', sizeof why - 1);
	why[sizeof why - 1] = 0;
	for (int i = 0; i < 100; i++)
		must(record_note(&record, RECORD_INSTALLED, "1.0", "1.1", "abc", why, &err));
	must(record_note(&record, RECORD_WENT_BACK, "1.0", "1.1", "abc", NULL, &err));
	OWN(json_decref) json_t *last = record_last(&record);
	assert_string_equal(json_text(last, "result", ""), "went-back");
	assert_true(json_is_null(json_object_get(last, "why")));

	/* A power cut in the middle of a line. */
	assert_true(path_join(path, sizeof path, *state, "history.jsonl"));
	FILE *file = fopen(path, "ae");
	assert_true(fputs("{\"at\":\"2026", file) >= 0 && fclose(file) == 0);
	OWN(json_decref) json_t *before = record_last(&record);
	assert_string_equal(json_text(before, "result", ""), "went-back");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(all_of_it_is_read_again, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(what_cannot_be_understood_confirms_nothing, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(the_history_tells_its_last_line, folder_setup, folder_teardown)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
