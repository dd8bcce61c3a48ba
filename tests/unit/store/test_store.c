/* Making and opening a store, and what is said when one does not open. */
#include "unit/store/fixture.h"

#include <sys/stat.h>

static int mode_of(const char *path)
{
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 0777;
}

static void a_new_store_is_private(void **state)
{
	struct fixture *f = *state;
	char path[LIMIT_PATH];
	path_in(f, "box.key", path);
	assert_int_equal(mode_of(path), 0600);
	path_in(f, "daybreak.db", path);
	assert_int_equal(mode_of(path), 0600);
	path_in(f, "blobs", path);
	assert_int_equal(mode_of(path), 0700);
	assert_int_equal(problems(f), 0);
}

static void a_second_creation_is_refused(void **state)
{
	struct fixture *f = *state;
	FAILS(ERR_CONFLICT, store_create(f->folder, &f->err));
	reopen(f);
}

static void a_missing_store_is_told(void **state)
{
	struct fixture *f = *state;
	char path[LIMIT_PATH];
	struct store *none;
	path_in(f, "nothing here", path);
	FAILS(ERR_NOT_FOUND, store_open(path, &none, &f->err));
}

/* As a creation that was cut off after the key: it goes on with that key. */
static void a_cut_off_creation_is_finished(void **state)
{
	struct fixture *f = *state;
	char path[LIMIT_PATH], key[LIMIT_PATH];
	OWN(buf_done) struct buf before = BUF_INIT(64), after = BUF_INIT(64);
	store_close(TAKE(f->store));
	path_in(f, "box.key", key);
	path_in(f, "daybreak.db", path);
	OK(file_read(key, &before, &f->err));
	assert_int_equal(unlink(path), 0);
	path_in(f, "daybreak.db.new", path);
	OK(file_write(path, "half", 4, 0600, &f->err));
	OK(store_create(f->folder, &f->err));
	OK(store_open(f->folder, &f->store, &f->err));
	OK(file_read(key, &after, &f->err));
	assert_int_equal(before.size, CRYPTO_KEY_SIZE);
	assert_memory_equal(before.data, after.data, CRYPTO_KEY_SIZE);
	buf_done(&after);
}

static void a_wrong_or_lost_key_is_told(void **state)
{
	struct fixture *f = *state;
	char path[LIMIT_PATH];
	uint8_t other[CRYPTO_KEY_SIZE] = {1, 2, 3};
	a_patient(f, "P-1");
	store_close(TAKE(f->store));
	path_in(f, "box.key", path);
	OK(file_write(path, other, sizeof other, 0600, &f->err));
	FAILS(ERR_CRYPTO, store_open(f->folder, &f->store, &f->err));
	OK(file_write(path, other, 31, 0600, &f->err));
	FAILS(ERR_CRYPTO, store_open(f->folder, &f->store, &f->err));
	assert_int_equal(unlink(path), 0);
	FAILS(ERR_CRYPTO, store_open(f->folder, &f->store, &f->err));
	/* And no new key is made for a database that has lost its own. */
	FAILS(ERR_CONFLICT, store_create(f->folder, &f->err));
	assert_false(file_exists(path));
}

static void a_newer_database_is_refused(void **state)
{
	struct fixture *f = *state;
	OK(db_exec(f->store->db, "INSERT INTO migrations VALUES (999, '0999_future.sql', x'00', 0)",
	    &f->err));
	store_close(TAKE(f->store));
	FAILS(ERR_UNSUPPORTED, store_open(f->folder, &f->store, &f->err));
	assert_non_null(strstr(f->err.detail, "newer"));
}

static void garbage_is_no_database(void **state)
{
	struct fixture *f = *state;
	char path[LIMIT_PATH], garbage[8192];
	store_close(TAKE(f->store));
	memset(garbage, 'x', sizeof garbage);
	path_in(f, "daybreak.db", path);
	OK(file_write(path, garbage, sizeof garbage, 0600, &f->err));
	FAILS(ERR_DAMAGED, store_open(f->folder, &f->store, &f->err));
}

static void calls_join_into_one_transaction(void **state)
{
	struct fixture *f = *state;
	OK(store_begin(f->store, &f->err));
	a_patient(f, "P-1");
	a_dish(f, "S1");
	store_rollback(f->store);
	assert_int_equal(count_of(f, "SELECT count(*) FROM patients"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM dishes"), 0);
	OK(store_begin(f->store, &f->err));
	a_patient(f, "P-1");
	OK(store_commit(f->store, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM patients"), 1);
}

/* After a failure inside, nothing more may slip into the database one by one. */
static void a_failure_inside_undoes_and_ends_all(void **state)
{
	struct fixture *f = *state;
	int64_t id;
	OK(store_begin(f->store, &f->err));
	a_patient(f, "P-1");
	FAILS(ERR_NOT_FOUND, embryos_obtain(f->store, 999, 1, &id, &f->err));
	FAILS(ERR_INTERNAL, dishes_obtain(f->store, "S1", "test", 0, &id, &f->err));
	FAILS(ERR_INTERNAL, store_commit(f->store, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM patients"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM dishes"), 0);
	a_patient(f, "P-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_new_store_is_private),
	    TEST(a_second_creation_is_refused),
	    TEST(a_missing_store_is_told),
	    TEST(a_cut_off_creation_is_finished),
	    TEST(a_wrong_or_lost_key_is_told),
	    TEST(a_newer_database_is_refused),
	    TEST(garbage_is_no_database),
	    TEST(calls_join_into_one_transaction),
	    TEST(a_failure_inside_undoes_and_ends_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
