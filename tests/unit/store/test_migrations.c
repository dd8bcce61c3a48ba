/* Migrations: in order, once, copied before, never edited. */
#include "unit/store/fixture.h"

#include "store/migrations.h"

static const struct migration two[] = {
    {1, "0001_a.sql", "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7);"},
    {2, "0002_b.sql", "CREATE TABLE b (y INTEGER); INSERT INTO b SELECT x FROM a;"},
};
static const struct migration edited[] = {
    {1, "0001_a.sql", "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (8);"},
};
static const struct migration broken[] = {
    {1, "0001_a.sql", "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7);"},
    {2, "0002_b.sql", "CREATE TABLE b (y INTEGER); INSERT INTO nowhere VALUES (1);"},
};

static struct db *open_db(struct fixture *f, const char *name)
{
	char path[LIMIT_PATH];
	struct db *db;
	path_in(f, name, path);
	OK(db_open(path, &db, &f->err));
	return db;
}

static int64_t number(struct fixture *f, struct db *db, const char *sql)
{
	struct db_statement *s = db_prepare(db, sql);
	int64_t value = db_step(s) ? db_column_int(s, 0) : -1;
	OK(db_finish(s, &f->err));
	return value;
}

static void they_are_applied_once_and_copied_before(void **state)
{
	struct fixture *f = *state;
	char copies[LIMIT_PATH], copy[LIMIT_PATH];
	OWN(db_close) struct db *db = open_db(f, "m.db");
	path_in(f, "copies", copies);
	OK(migrations_apply(db, two, 1, copies, &f->err));
	assert_false(file_exists(copies));
	OK(migrations_apply(db, two, 2, copies, &f->err));
	OK(migrations_apply(db, two, 2, copies, &f->err));
	assert_int_equal(number(f, db, "SELECT y FROM b"), 7);
	assert_int_equal(number(f, db, "SELECT count(*) FROM migrations"), 2);
	path_in(f, "copies/before-0002.db", copy);
	assert_true(file_exists(copy));
	OWN(db_close) struct db *old = open_db(f, "copies/before-0002.db");
	assert_int_equal(number(f, old, "SELECT count(*) FROM migrations"), 1);
	assert_int_equal(number(f, old, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
}

static void an_edited_one_is_refused(void **state)
{
	struct fixture *f = *state;
	OWN(db_close) struct db *db = open_db(f, "m.db");
	OK(migrations_apply(db, two, 1, f->folder, &f->err));
	FAILS(ERR_DAMAGED, migrations_apply(db, edited, 1, f->folder, &f->err));
	assert_non_null(strstr(f->err.detail, "0001_a.sql"));
}

static void a_newer_database_is_refused(void **state)
{
	struct fixture *f = *state;
	OWN(db_close) struct db *db = open_db(f, "m.db");
	OK(migrations_apply(db, two, 2, f->folder, &f->err));
	FAILS(ERR_UNSUPPORTED, migrations_apply(db, two, 1, f->folder, &f->err));
}

static void a_broken_one_leaves_the_version_before(void **state)
{
	struct fixture *f = *state;
	OWN(db_close) struct db *db = open_db(f, "m.db");
	OK(migrations_apply(db, broken, 1, f->folder, &f->err));
	FAILS(ERR_DATABASE, migrations_apply(db, broken, 2, f->folder, &f->err));
	assert_int_equal(number(f, db, "SELECT count(*) FROM migrations"), 1);
	assert_int_equal(number(f, db, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
	OK(migrations_apply(db, two, 2, f->folder, &f->err));
	assert_int_equal(number(f, db, "SELECT y FROM b"), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(they_are_applied_once_and_copied_before),
	    TEST(an_edited_one_is_refused),
	    TEST(a_newer_database_is_refused),
	    TEST(a_broken_one_leaves_the_version_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
