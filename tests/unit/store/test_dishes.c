/* Dishes: found by slide, assigned with their key, corrected by way of the inbox. */
#include "unit/store/fixture.h"

#include "store/cycles.h"
#include "store/keys.h"

static int64_t a_cycle(struct fixture *f, const char *identifier)
{
	struct cycle cycle = {.patient_id = a_patient(f, identifier), .label = "first"};
	int64_t id;
	OK(cycles_add(f->store, 0, &cycle, &id, &f->err));
	return id;
}

static void a_slide_is_one_dish(void **state)
{
	struct fixture *f = *state;
	struct dish dish;
	int64_t id, same;
	OK(dishes_obtain(f->store, "D1", "pdb", TIME_UNKNOWN, &id, &f->err));
	OK(dishes_obtain(f->store, "D1", "folder", 500, &same, &f->err));
	assert_int_equal(id, same);
	OK(dishes_obtain(f->store, "D1", "folder", 900, &same, &f->err));
	OK(dishes_get(f->store, id, &dish, &f->err));
	assert_string_equal(dish.slide, "D1");
	assert_string_equal(dish.format, "pdb");
	assert_int_equal(dish.insemination_clock_s, 500);
	assert_int_equal(dish.cycle_id, 0);
	assert_true(dish.imported_us > 0);
	FAILS(ERR_BAD_INPUT, dishes_obtain(f->store, "", "pdb", 0, &id, &f->err));
	FAILS(ERR_BAD_INPUT, dishes_obtain(f->store, "a\nb", "pdb", 0, &id, &f->err));
}

/* The key is the same before and after; what wraps it is not. */
static void assigning_rewraps_the_key(void **state)
{
	struct fixture *f = *state;
	uint8_t before[CRYPTO_KEY_SIZE], after[CRYPTO_KEY_SIZE];
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1), cycle = a_cycle(f, "P-1");
	OWN(buf_done) struct buf got = BUF_INIT(LIMIT_FRAME_BYTES);
	add_plane(f, dish, embryo, 1, 0);
	OK(keys_dish(f->store, dish, before, &f->err));
	OK(dishes_assign(f->store, dish, cycle, 0, &f->err));
	OK(dishes_assign(f->store, dish, cycle, 0, &f->err));
	OK(keys_dish(f->store, dish, after, &f->err));
	assert_memory_equal(before, after, sizeof before);
	assert_int_equal(count_of(f, "SELECT count(*) FROM keys WHERE subject = 'dish' AND patient_id = 1"),
	    1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM keys WHERE subject = 'dish'"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'dish.assign'"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE kind = 'evaluate'"), 1);
	OK(frames_read(f->store, embryo, 1, 0, &got, NULL, &f->err));
	add_plane(f, dish, embryo, 2, 0);
	assert_int_equal(problems(f), 0);
	/* Without the patient's key the pictures are gone. */
	OK(db_exec(f->store->db, "UPDATE keys SET sealed = zeroblob(60) WHERE subject = 'patient'",
	    &f->err));
	FAILS(ERR_CRYPTO, frames_read(f->store, embryo, 1, 0, &got, NULL, &f->err));
}

static void the_box_wrapped_copy_is_gone_from_disk(void **state)
{
	struct fixture *f = *state;
	static const char *const files[] = {"daybreak.db", "daybreak.db-wal"};
	uint8_t wrapped[CRYPTO_KEY_SIZE + CRYPTO_SEAL_OVERHEAD];
	int64_t dish = a_dish(f, "S1"), cycle = a_cycle(f, "P-1");
	struct db_statement *s = db_prepare(f->store->db, "SELECT sealed FROM keys WHERE subject = 'dish'");
	size_t size;
	assert_true(db_step(s));
	memcpy(wrapped, db_column_blob(s, 0, &size), sizeof wrapped);
	OK(db_finish(s, &f->err));
	/* Also where it is part of something greater. */
	OK(store_begin(f->store, &f->err));
	OK(dishes_assign(f->store, dish, cycle, 0, &f->err));
	OK(store_commit(f->store, &f->err));
	for (int i = 0; i < 2; i++) {
		char path[LIMIT_PATH];
		OWN(buf_done) struct buf file = BUF_INIT(1 << 26);
		path_in(f, files[i], path);
		OK(file_read(path, &file, &f->err));
		assert_true(!file.size || !memmem(file.data, file.size, wrapped, sizeof wrapped));
	}
}

static void a_wrong_assignment_goes_by_way_of_the_inbox(void **state)
{
	struct fixture *f = *state;
	struct dish got;
	int64_t dish = a_dish(f, "S1"), wrong = a_cycle(f, "P-1"), right = a_cycle(f, "P-2");
	OK(dishes_assign(f->store, dish, wrong, 0, &f->err));
	FAILS(ERR_CONFLICT, dishes_assign(f->store, dish, right, 0, &f->err));
	FAILS(ERR_NOT_FOUND, dishes_assign(f->store, dish, 99, 0, &f->err));
	FAILS(ERR_NOT_FOUND, dishes_assign(f->store, 99, right, 0, &f->err));
	OK(dishes_release(f->store, dish, 0, &f->err));
	OK(dishes_get(f->store, dish, &got, &f->err));
	assert_int_equal(got.cycle_id, 0);
	assert_int_equal(problems(f), 0);
	OK(dishes_assign(f->store, dish, right, 0, &f->err));
	OK(dishes_get(f->store, dish, &got, &f->err));
	assert_int_equal(got.cycle_id, right);
	assert_int_equal(problems(f), 0);
}

static bool collect(const struct dish *dish, void *context)
{
	int64_t **at = context;
	*(*at)++ = dish->id;
	return true;
}

static void they_are_listed_by_place(void **state)
{
	struct fixture *f = *state;
	int64_t a = a_dish(f, "S1"), b = a_dish(f, "S2"), cycle = a_cycle(f, "P-1"), seen[4], *at = seen;
	OK(dishes_assign(f->store, a, cycle, 0, &f->err));
	OK(dishes_each(f->store, DISHES_ALL, collect, &at, &f->err));
	assert_int_equal(at - seen, 2);
	at = seen;
	OK(dishes_each(f->store, DISHES_INBOX, collect, &at, &f->err));
	assert_true(at - seen == 1 && seen[0] == b);
	at = seen;
	OK(dishes_each(f->store, cycle, collect, &at, &f->err));
	assert_true(at - seen == 1 && seen[0] == a);
}

/* From it and the time since the lab tells how old the embryos are now. */
static void the_first_and_the_newest_run_have_their_hours(void **state)
{
	struct fixture *f = *state;
	struct dish dish;
	struct dish_progress progress;
	int64_t id = a_dish(f, "S1"), a = an_embryo(f, id, 1), b = an_embryo(f, id, 2), first_s;
	OK(dishes_get(f->store, id, &dish, &f->err));
	assert_int_equal(dish.latest_us, dish.imported_us);
	OK(dishes_progress(f->store, id, &progress, &f->err));
	assert_true(progress.latest_clock_s == TIME_UNKNOWN);
	OK(dishes_first_clock(f->store, id, &first_s, &f->err));
	assert_true(first_s == TIME_UNKNOWN);
	add_plane(f, id, a, 5, 0);
	add_plane(f, id, b, 4, 0);
	OK(db_exec(f->store->db, "UPDATE dishes SET latest_us = 77", &f->err));
	/* A plane that comes late, or a run before the newest, is no news of the dish's age; nor is a known one. */
	add_plane(f, id, a, 5, 15);
	add_plane(f, id, a, 3, 0);
	add_plane(f, id, b, 4, 0);
	assert_int_equal(count_of(f, "SELECT latest_us FROM dishes"), 77);
	OK(dishes_progress(f->store, id, &progress, &f->err));
	assert_int_equal(progress.latest_clock_s, 1000 + 600 * 5);
	add_plane(f, id, b, 6, 0);
	OK(dishes_get(f->store, id, &dish, &f->err));
	assert_true(dish.latest_us > dish.imported_us);
	OK(dishes_progress(f->store, id, &progress, &f->err));
	assert_int_equal(progress.latest_clock_s, 1000 + 600 * 6);
	OK(dishes_first_clock(f->store, id, &first_s, &f->err));
	assert_int_equal(first_s, 1000 + 600 * 3);
}

static void a_person_sets_the_insemination(void **state)
{
	struct fixture *f = *state;
	struct dish dish;
	int64_t id = a_dish(f, "S1"), user = a_user(f, "eva");
	an_embryo(f, id, 1);
	OK(dishes_set_insemination(f->store, id, 4242, user, &f->err));
	OK(dishes_get(f->store, id, &dish, &f->err));
	assert_int_equal(dish.insemination_clock_s, 4242);
	OK(dishes_set_insemination(f->store, id, TIME_UNKNOWN, user, &f->err));
	OK(dishes_get(f->store, id, &dish, &f->err));
	assert_true(dish.insemination_clock_s == TIME_UNKNOWN);
	FAILS(ERR_NOT_FOUND, dishes_set_insemination(f->store, 99, 1, user, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE user_id > 0"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_slide_is_one_dish),
	    TEST(assigning_rewraps_the_key),
	    TEST(the_box_wrapped_copy_is_gone_from_disk),
	    TEST(a_wrong_assignment_goes_by_way_of_the_inbox),
	    TEST(they_are_listed_by_place),
	    TEST(the_first_and_the_newest_run_have_their_hours),
	    TEST(a_person_sets_the_insemination),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
