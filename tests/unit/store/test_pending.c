/* What the lab waits for: work of the machine, and embryos around their hour. */
#include "unit/store/fixture.h"

#include "store/cycles.h"
#include "store/decisions.h"
#include "store/imports.h"
#include "store/jobs.h"
#include "store/pending.h"

#define HOUR_US INT64_C(3600000000)
static const int64_t now_us = 1000 * HOUR_US;

static struct pending pending(struct fixture *f)
{
	struct pending pending;
	OK(pending_count(f->store, now_us, 4 * HOUR_US, &pending, &f->err));
	return pending;
}

static void work(void **state)
{
	struct fixture *f = *state;
	struct job job;
	bool found;
	int64_t id;
	struct pending none = {0}, now = pending(f);
	assert_memory_equal(&now, &none, sizeof now);
	OK(jobs_add(f->store, JOB_RANK, 1, 1, &f->err));
	OK(jobs_add(f->store, JOB_RANK, 2, 1, &f->err));
	OK(jobs_take(f->store, 60, JOBS_ALL, &job, &found, &f->err));
	assert_int_equal(pending(f).jobs, 2);
	/* One that has failed for good waits for a person, not for a moment. */
	OK(db_exec(f->store->db, "UPDATE jobs SET state = 'failed'", &f->err));
	assert_int_equal(pending(f).jobs, 0);
	OK(imports_begin(f->store, "slide", &id, &f->err));
	assert_int_equal(pending(f).imports, 1);
	OK(imports_update(f->store, &(struct import){.id = id, .state = IMPORT_DONE}, &f->err));
	assert_int_equal(pending(f).imports, 0);
}

static int64_t a_cycle(struct fixture *f, int64_t decision_us)
{
	char name[32];
	int64_t id, dish;
	snprintf(name, sizeof name, "P%lld", (long long)decision_us);
	OK(cycles_add(f->store, 0, &(struct cycle){.patient_id = a_patient(f, name), .label = "1", .decision_us = decision_us},
	    &id, &f->err));
	dish = a_dish(f, name);
	an_embryo(f, dish, 1);
	an_embryo(f, dish, 2);
	OK(dishes_assign(f->store, dish, id, 0, &f->err));
	OK(db_exec(f->store->db, "DELETE FROM jobs", &f->err));
	return id;
}

static void embryos_around_their_hour(void **state)
{
	struct fixture *f = *state;
	int64_t user = a_user(f, "eva"), id;
	a_cycle(f, 0);
	a_cycle(f, now_us - 5 * HOUR_US);
	a_cycle(f, now_us + 5 * HOUR_US);
	assert_int_equal(pending(f).embryos, 0);
	a_cycle(f, now_us + 4 * HOUR_US);
	a_cycle(f, now_us - 3 * HOUR_US);
	assert_int_equal(pending(f).embryos, 4);
	assert_int_equal(pending(f).decision_us, now_us - 3 * HOUR_US);
	OK(decisions_add(f->store, 9, user, DECISION_FREEZE, "", &id, &f->err));
	OK(decisions_add(f->store, 10, user, DECISION_FREEZE, "", &id, &f->err));
	assert_int_equal(pending(f).embryos, 2);
	assert_int_equal(pending(f).decision_us, now_us + 4 * HOUR_US);
	OK(decisions_withdraw(f->store, 10, id, user, &f->err));
	assert_int_equal(pending(f).embryos, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(work), TEST(embryos_around_their_hour)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
