/* Imports: what came of each. */
#include "unit/store/fixture.h"

#include "store/imports.h"

static void what_came_of_it_is_kept(void **state)
{
	struct fixture *f = *state;
	static struct import got;
	static struct import ended = {.state = IMPORT_DONE,
	    .sentence = "12 wells",
	    .notes = "[\"one\"]",
	    .wells = 12,
	    .frames_seen = 10,
	    .frames_added = 5,
	    .frames_known = 3,
	    .frames_conflict = 1,
	    .frames_damaged = 1};
	OK(imports_begin(f->store, "Smith, Jane.pdb", &ended.id, &f->err));
	OK(imports_get(f->store, ended.id, &got, &f->err));
	assert_true(got.state == IMPORT_RUNNING && got.started_us > 0 && got.ended_us == 0);
	assert_string_equal(got.name, "Smith, Jane.pdb");
	assert_string_equal(got.notes, "[]");
	OK(imports_update(f->store, &ended, &f->err));
	OK(imports_get(f->store, ended.id, &got, &f->err));
	assert_true(got.state == IMPORT_DONE && got.ended_us >= got.started_us);
	assert_string_equal(got.name, "Smith, Jane.pdb");
	assert_string_equal(got.sentence, "12 wells");
	assert_string_equal(got.notes, "[\"one\"]");
	assert_true(got.wells == 12 && got.frames_seen == 10 && got.frames_added == 5 &&
	    got.frames_known == 3 && got.frames_conflict == 1 && got.frames_damaged == 1);
	ended.id = 99;
	FAILS(ERR_NOT_FOUND, imports_update(f->store, &ended, &f->err));
	FAILS(ERR_NOT_FOUND, imports_get(f->store, 99, &got, &f->err));
	assert_string_equal(import_state_name(IMPORT_QUARANTINED), "quarantined");
	assert_int_equal(count_of(f, "SELECT sum(instr(name, CAST('Smith' AS BLOB))) FROM imports"), 0);
}

static bool collect(const struct import *import, void *context)
{
	int64_t **at = context;
	*(*at)++ = import->id;
	return true;
}

static void the_newest_come_first(void **state)
{
	struct fixture *f = *state;
	int64_t id, seen[4], *at = seen;
	for (int i = 0; i < 3; i++)
		OK(imports_begin(f->store, "x", &id, &f->err));
	OK(imports_each(f->store, 2, collect, &at, &f->err));
	assert_true(at - seen == 2 && seen[0] == 3 && seen[1] == 2);
}

static void one_that_was_cut_off_is_told(void **state)
{
	struct fixture *f = *state;
	static struct import got;
	static struct import done = {.state = IMPORT_DONE, .sentence = "fine"};
	int64_t id;
	OK(imports_begin(f->store, "a", &done.id, &f->err));
	OK(imports_update(f->store, &done, &f->err));
	OK(imports_begin(f->store, "b", &id, &f->err));
	OK(imports_recover(f->store, &f->err));
	OK(imports_get(f->store, id, &got, &f->err));
	assert_true(got.state == IMPORT_QUARANTINED && got.ended_us > 0 && got.sentence[0]);
	OK(imports_get(f->store, done.id, &got, &f->err));
	assert_string_equal(got.sentence, "fine");
}

static void what_was_taken_is_known_by_its_mark(void **state)
{
	struct fixture *f = *state;
	const uint8_t mark[CRYPTO_DIGEST_SIZE] = {1, 2, 3}, other[CRYPTO_DIGEST_SIZE] = {1, 2, 4};
	int64_t id;
	bool seen;
	OK(imports_begin(f->store, "a", &id, &f->err));
	OK(imports_seen(f->store, mark, &seen, &f->err));
	assert_false(seen);
	OK(imports_mark(f->store, id, mark, &f->err));
	OK(imports_seen(f->store, mark, &seen, &f->err));
	assert_true(seen);
	OK(imports_seen(f->store, other, &seen, &f->err));
	assert_false(seen);
	FAILS(ERR_NOT_FOUND, imports_mark(f->store, 99, mark, &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_came_of_it_is_kept),
	    TEST(the_newest_come_first),
	    TEST(one_that_was_cut_off_is_told),
	    TEST(what_was_taken_is_known_by_its_mark),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
