/* The copy for a trial, and the way back across a migration, cut off at every step. */
#include "unit/store/fixture.h"

#include "store/copies.h"
#include "store/jobs.h"

#include <limits.h>

static int schema_of(struct fixture *f)
{
	int number;
	OK(copies_schema(f->folder, &number, &f->err));
	return number;
}

/* The database as a newer program left it, with the copy from before. */
static int a_newer_store(struct fixture *f)
{
	int number = copies_schema_known();
	char copies[LIMIT_PATH], copy[LIMIT_PATH], name[64], sql[160];
	path_in(f, "copies", copies);
	OK(folder_make(copies, &f->err));
	snprintf(name, sizeof name, "copies/before-%04d.db", number + 1);
	path_in(f, name, copy);
	OK(db_backup(f->store->db, copy, &f->err));
	snprintf(sql, sizeof sql, "CREATE TABLE newer (x); INSERT INTO migrations VALUES (%d, 'n', x'00', 1)", number + 1);
	OK(db_exec(f->store->db, sql, &f->err));
	store_close(TAKE(f->store));
	assert_int_equal(schema_of(f), number + 1);
	return number;
}

static void opens_as_before(struct fixture *f)
{
	char back[LIMIT_PATH];
	store_close(TAKE(f->store));
	OK(store_open(f->folder, &f->store, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM sqlite_schema WHERE name = 'newer'"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM dishes"), 1);
	assert_int_equal(problems(f), 0);
	path_in(f, "daybreak.db.back", back);
	assert_false(file_exists(back));
}

static void the_schema_is_told_without_a_migration(void **state)
{
	struct fixture *f = *state;
	int number;
	assert_int_equal(schema_of(f), copies_schema_known());
	OK(db_exec(f->store->db, take_back_lab_sql, &f->err));
	store_close(TAKE(f->store));
	assert_int_equal(schema_of(f), 3);
	assert_int_equal(schema_of(f), 3);
	FAILS(ERR_NOT_FOUND, copies_schema("/nowhere", &number, &f->err));
	OK(store_open(f->folder, &f->store, &f->err));
	assert_int_equal(schema_of(f), copies_schema_known());
}

static void a_trial_is_a_store_of_its_own(void **state)
{
	struct fixture *f = *state;
	char trial[LIMIT_PATH], blobs[LIMIT_PATH];
	int64_t needed, left, dish = a_dish(f, "S1");
	add_plane(f, dish, an_embryo(f, dish, 1), 1, 0);
	OK(jobs_add(f->store, JOB_RANK, dish, 1, &f->err));
	OK(db_exec(f->store->db, "INSERT INTO leftovers VALUES ('1.frames')", &f->err));
	OK(copies_room(f->folder, &needed, &left, &f->err));
	assert_true(needed > 64 << 20 && left > 0);
	for (int again = 0; again < 2; again++) {
		OWN(store_close) struct store *copy = NULL;
		OK(copies_make_trial(f->folder, trial, &f->err));
		OK(store_open(trial, &copy, &f->err));
		dish = a_dish(f, again ? "S3" : "S2"); /* in the real one, which is not the copy */
		struct store *real = f->store;
		f->store = copy;
		assert_int_equal(count_of(f, "SELECT count(*) FROM dishes"), 1 + again);
		assert_int_equal(count_of(f, "SELECT count(*) FROM jobs"), 0);
		f->store = real;
	}
	path_in(f, "blobs/1.frames", blobs);
	assert_true(file_exists(blobs));
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE kind = 'rank'"), 1);
	OK(copies_remove_trial(f->folder, &f->err));
	OK(copies_remove_trial(f->folder, &f->err));
	assert_false(file_exists(trial));
}

static void a_newer_database_is_put_back(void **state)
{
	struct fixture *f = *state;
	bool done;
	a_dish(f, "S1");
	int number = a_newer_store(f);
	OK(copies_put_back(f->folder, number, &done, &f->err));
	assert_true(done);
	OK(copies_put_back(f->folder, number, &done, &f->err));
	assert_false(done);
	opens_as_before(f);
}

static void one_that_is_not_newer_is_left_alone(void **state)
{
	struct fixture *f = *state;
	bool done = true;
	a_dish(f, "S1");
	OK(copies_put_back(f->folder, copies_schema_known(), &done, &f->err));
	assert_false(done);
	OK(copies_put_back(f->folder, INT_MAX, &done, &f->err));
	assert_false(done);
	opens_as_before(f);
}

static void without_a_whole_copy_nothing_changes(void **state)
{
	struct fixture *f = *state;
	char copy[LIMIT_PATH], name[64];
	bool done;
	int number = a_newer_store(f);
	FAILS(ERR_NOT_FOUND, copies_put_back(f->folder, number - 1, &done, &f->err));
	snprintf(name, sizeof name, "copies/before-%04d.db", number + 1);
	path_in(f, name, copy);
	assert_int_equal(truncate(copy, 9000), 0);
	FAILS(ERR_DAMAGED, copies_put_back(f->folder, number, &done, &f->err));
	assert_int_equal(unlink(copy), 0);
	FAILS(ERR_NOT_FOUND, copies_put_back(f->folder, number, &done, &f->err));
	assert_int_equal(schema_of(f), number + 1);
}

/* Power cuts: the copy is half written; whole; the log of the newer database is gone, then its index. */
static void what_was_cut_off_is_ended(void **state)
{
	struct fixture *f = *state;
	char copy[LIMIT_PATH], back[LIMIT_PATH], part[LIMIT_PATH], database[LIMIT_PATH], wal[LIMIT_PATH], name[64];
	bool done;
	a_dish(f, "S1");
	int number = a_newer_store(f);
	snprintf(name, sizeof name, "copies/before-%04d.db", number + 1);
	path_in(f, name, copy);
	path_in(f, "daybreak.db", database);
	path_in(f, "daybreak.db-wal", wal);
	path_in(f, "daybreak.db.back", back);
	path_in(f, "daybreak.db.back.part", part);
	OWN(buf_done) struct buf kept = BUF_INIT(64 << 20);
	OK(file_read(copy, &kept, &f->err));

	OK(file_write(part, kept.data, kept.size / 2, 0600, &f->err));
	OK(copies_put_back(f->folder, INT_MAX, &done, &f->err));
	assert_false(done); /* nothing was promised yet */
	assert_int_equal(schema_of(f), number + 1);

	OK(file_write(back, kept.data, kept.size, 0600, &f->err));
	OK(file_write(wal, "the newer one's", 15, 0600, &f->err));
	OK(file_write(database, "half", 4, 0600, &f->err));
	OK(copies_put_back(f->folder, INT_MAX, &done, &f->err));
	assert_true(done);
	assert_int_equal(schema_of(f), number);
	opens_as_before(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(the_schema_is_told_without_a_migration), TEST(a_trial_is_a_store_of_its_own),
	    TEST(a_newer_database_is_put_back), TEST(one_that_is_not_newer_is_left_alone),
	    TEST(without_a_whole_copy_nothing_changes), TEST(what_was_cut_off_is_ended)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
