/* Migrations: in order, once, copied before, never edited. */
#include "unit/store/fixture.h"

#include "store/cycles.h"
#include "store/decisions.h"
#include "store/evaluations.h"
#include "store/grades.h"
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

static bool list_grade(const struct grade *grade, void *context)
{
	char text[GRADE_TEXT_SIZE];
	grade_format(text, grade);
	buf_print(context, "%s %s;", grade->author, text);
	return true;
}

static bool reason_is_kept(const struct decision *decision, void *context)
{
	assert_string_equal(decision->reason, "the patient's wish");
	assert_true(decision->current && !decision->withdrawn_us);
	*(bool *)context = true;
	return true;
}

/* A store as the program before the lab's words left it, with everything it could hold of an embryo. */
static int64_t an_old_store(struct fixture *f)
{
	struct cycle cycle = {.patient_id = a_patient(f, "P-1"), .label = "first"};
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1), other = an_embryo(f, dish, 2), id;
	int64_t eva = a_user(f, "eva");
	a_user(f, "max");
	OK(cycles_add(f->store, 0, &cycle, &id, &f->err));
	OK(dishes_assign(f->store, dish, id, 0, &f->err));
	add_plane(f, dish, embryo, 1, 0);
	add_plane(f, dish, other, 1, 0);
	OK(evaluations_put(f->store, embryo, "{}", &f->err));
	OK(decisions_add(f->store, embryo, eva, DECISION_TRANSFER, "the patient's wish", &id, &f->err));
	OK(db_exec(f->store->db, take_back_lab_sql, &f->err));
	OK(db_exec(f->store->db, "INSERT INTO grades (embryo_id, expansion, icm, te, user_id, made_us) VALUES"
				 " (1, 2, '', '', 1, 10), (1, 3, 'B', 'B', 2, 20), (1, 4, 'A', 'B', 1, 30),"
				 " (2, 4, '', '', 1, 40); DELETE FROM jobs; UPDATE dishes SET imported_us = 55", &f->err));
	return embryo;
}

static void an_old_store_keeps_all_and_gains_the_labs_words(void **state)
{
	struct fixture *f = *state;
	char copy[LIMIT_PATH];
	OWN(buf_done) struct buf text = BUF_INIT(1024);
	bool seen = false;
	int64_t embryo = an_old_store(f);
	reopen(f);
	assert_int_equal(count_of(f, "SELECT count(*) FROM grades"), 4);
	assert_int_equal(count_of(f, "SELECT replaced_by FROM grades WHERE id = 1"), 3);
	OK(grades_each(f->store, embryo, list_grade, &text, &f->err));
	assert_string_equal(buf_text(&text), "eva 4AB;max 3BB;");
	OK(decisions_each(f->store, embryo, reason_is_kept, &seen, &f->err));
	assert_true(seen);
	assert_int_equal(count_of(f, "SELECT latest_us FROM dishes"), 55);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE kind = 'evaluate' AND subject = 1 AND state = 'pending'"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs"), 1);
	assert_int_equal(problems(f), 0);
	path_in(f, "copies/before-0004.db", copy);
	assert_true(file_exists(copy));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(they_are_applied_once_and_copied_before),
	    TEST(an_edited_one_is_refused),
	    TEST(a_newer_database_is_refused),
	    TEST(a_broken_one_leaves_the_version_before),
	    TEST(an_old_store_keeps_all_and_gains_the_labs_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
