/* The audit log: rows stay, and a broken chain is told. */
#include "unit/store/fixture.h"

#include "store/audit.h"

static void setup_rows(struct fixture *f)
{
	for (int i = 1; i <= 5; i++)
		OK(audit_add(f->store, i, "test.row", 10 * i, "detail", &f->err));
}

/* Somebody with the file and SQLite, but without the key. */
static void tamper(struct fixture *f, const char *sql)
{
	OK(db_exec(f->store->db, "DROP TRIGGER audit_stays; DROP TRIGGER audit_keeps", &f->err));
	OK(db_exec(f->store->db, sql, &f->err));
}

static bool check_row(const struct audit_row *row, void *context)
{
	int *seen = context;
	(*seen)++;
	assert_int_equal(row->user_id, row->id);
	assert_int_equal(row->subject, 10 * row->id);
	assert_string_equal(row->action, "test.row");
	assert_string_equal(row->detail, "detail");
	return true;
}

static void rows_come_back_and_stay(void **state)
{
	struct fixture *f = *state;
	int64_t rows;
	int seen = 0;
	OK(audit_check(f->store, &rows, &f->err));
	assert_int_equal(rows, 0);
	setup_rows(f);
	OK(audit_each(f->store, 2, check_row, &seen, &f->err));
	assert_int_equal(seen, 3);
	OK(audit_check(f->store, &rows, &f->err));
	assert_int_equal(rows, 5);
	FAILS(ERR_CONFLICT, db_exec(f->store->db, "DELETE FROM audit WHERE id = 5", &f->err));
	FAILS(ERR_CONFLICT, db_exec(f->store->db, "UPDATE audit SET user_id = 1", &f->err));
}

static void a_broken_chain_is_told(void **state)
{
	static const struct {
		const char *sql;
		int rows;
	} cases[] = {
	    {"UPDATE audit SET user_id = 9 WHERE id = 3", 2},
	    {"UPDATE audit SET detail = 'x' WHERE id = 1", 0},
	    {"DELETE FROM audit WHERE id = 4", 3},
	    {"DELETE FROM audit WHERE id = 5", 4},
	    {"DELETE FROM audit", 0},
	    {"UPDATE audit SET action = 'test.rowd', detail = 'etail' WHERE id = 2", 1},
	    {"INSERT INTO audit SELECT 6, made_us, user_id, action, subject, detail, chain FROM audit"
	     " WHERE id = 5",
		5},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		void *own = NULL;
		assert_int_equal(fixture_setup(&own), 0);
		struct fixture *f = own;
		int64_t rows;
		setup_rows(f);
		tamper(f, cases[i].sql);
		FAILS(ERR_DAMAGED, audit_check(f->store, &rows, &f->err));
		assert_int_equal(rows, cases[i].rows);
		assert_int_equal(problems(f), 1);
		assert_int_equal(fixture_teardown(&own), 0);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_come_back_and_stay), cmocka_unit_test(a_broken_chain_is_told)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
