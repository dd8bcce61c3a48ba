/* Cycles of patients. */
#include "unit/store/fixture.h"

#include "store/cycles.h"

static int64_t a_cycle(struct fixture *f, int64_t patient_id, int64_t decision_us)
{
	struct cycle cycle = {.patient_id = patient_id,
	    .method = INSEMINATION_IVF,
	    .decision_us = decision_us};
	int64_t id;
	snprintf(cycle.label, sizeof cycle.label, "2026-11 %d", (int)decision_us);
	OK(cycles_add(f->store, 0, &cycle, &id, &f->err));
	return id;
}

static void they_come_back_and_change(void **state)
{
	struct fixture *f = *state;
	struct cycle got;
	int64_t patient = a_patient(f, "P-1"), id = a_cycle(f, patient, 77);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'cycle.add'"), 1);
	OK(cycles_get(f->store, id, &got, &f->err));
	assert_string_equal(got.label, "2026-11 77");
	assert_int_equal(got.method, INSEMINATION_IVF);
	assert_int_equal(got.decision_us, 77);
	got.method = INSEMINATION_ICSI;
	got.patient_id = 99; /* not looked at */
	text_copy(got.label, sizeof got.label, "second");
	OK(cycles_update(f->store, 7, &got, &f->err));
	OK(cycles_get(f->store, id, &got, &f->err));
	assert_string_equal(got.label, "second");
	assert_int_equal(got.method, INSEMINATION_ICSI);
	assert_int_equal(got.patient_id, patient);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'cycle.update' AND user_id = 7"
				     " AND detail = 'label method'"), 1);
	FAILS(ERR_NOT_FOUND, cycles_get(f->store, 99, &got, &f->err));
}

/* The method decides which profiles apply. */
static void a_new_method_evaluates_again(void **state)
{
	struct fixture *f = *state;
	struct cycle cycle;
	int64_t id = a_cycle(f, a_patient(f, "P-1"), 0), dish = a_dish(f, "S1");
	an_embryo(f, dish, 1);
	an_embryo(f, dish, 2);
	OK(dishes_assign(f->store, dish, id, 0, &f->err));
	OK(db_exec(f->store->db, "DELETE FROM jobs", &f->err));
	OK(cycles_get(f->store, id, &cycle, &f->err));
	OK(cycles_update(f->store, 0, &cycle, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE kind = 'evaluate'"), 2);
}

static void a_bad_one_is_refused(void **state)
{
	struct fixture *f = *state;
	struct cycle cycle = {.patient_id = 99, .label = "x"};
	int64_t id;
	FAILS(ERR_NOT_FOUND, cycles_add(f->store, 0, &cycle, &id, &f->err));
	cycle = (struct cycle){.patient_id = a_patient(f, "P-1")};
	FAILS(ERR_BAD_INPUT, cycles_add(f->store, 0, &cycle, &id, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM cycles"), 0);
}

static bool collect(const struct cycle *cycle, void *context)
{
	int64_t **at = context;
	*(*at)++ = cycle->decision_us;
	return true;
}

static void they_are_listed_by_decision(void **state)
{
	struct fixture *f = *state;
	int64_t a = a_patient(f, "P-1"), b = a_patient(f, "P-2"), seen[4] = {0}, *at = seen;
	a_cycle(f, a, 0);
	a_cycle(f, b, 20);
	a_cycle(f, a, 10);
	OK(cycles_each(f->store, 0, collect, &at, &f->err));
	assert_memory_equal(seen, ((int64_t[]){10, 20, 0, 0}), sizeof seen);
	at = seen;
	OK(cycles_each(f->store, a, collect, &at, &f->err));
	assert_memory_equal(seen, ((int64_t[]){10, 0}), 2 * sizeof *seen);
}

/* A used name would put two treatments into one. */
static void a_label_is_not_used_twice(void **state)
{
	struct fixture *f = *state;
	int64_t a = a_patient(f, "P-1"), b = a_patient(f, "P-2"), id;
	struct cycle cycle = {.patient_id = a, .label = "Été 2026  ICSI"}, found;
	bool known;
	OK(cycles_add(f->store, 0, &cycle, &id, &f->err));
	text_copy(cycle.label, sizeof cycle.label, " été 2026 icsi ");
	FAILS(ERR_CONFLICT, cycles_add(f->store, 0, &cycle, &id, &f->err));
	OK(cycles_find(f->store, a, cycle.label, &found, &known, &f->err));
	assert_true(known);
	assert_string_equal(found.label, "Été 2026  ICSI");
	OK(cycles_find(f->store, b, cycle.label, &found, &known, &f->err));
	assert_false(known);
	cycle.patient_id = b;
	OK(cycles_add(f->store, 0, &cycle, &id, &f->err));
	/* Its own label in other letters is no conflict; another cycle's is. */
	cycle.id = id;
	text_copy(cycle.label, sizeof cycle.label, "ÉTÉ 2026 ICSI");
	OK(cycles_update(f->store, 0, &cycle, &f->err));
	text_copy(cycle.label, sizeof cycle.label, "2026 ICSI");
	OK(cycles_add(f->store, 0, &cycle, &id, &f->err));
	FAILS(ERR_CONFLICT,
	    cycles_update(f->store, 0, &(struct cycle){.id = id, .label = "été 2026 ICSI"}, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM cycles"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(they_come_back_and_change),
	    TEST(a_new_method_evaluates_again),
	    TEST(a_bad_one_is_refused),
	    TEST(they_are_listed_by_decision),
	    TEST(a_label_is_not_used_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
