/* Jobs: none lost, none done twice at once, none tried for ever. */
#include "unit/store/fixture.h"

#include "store/cycles.h"
#include "store/dishes.h"
#include "store/jobs.h"

static bool take(struct fixture *f, struct job *ret_job)
{
	bool found;
	OK(jobs_take(f->store, 60, JOBS_ALL, ret_job, &found, &f->err));
	return found;
}

static struct job_counts counts_of(struct fixture *f)
{
	struct job_counts counts;
	OK(jobs_count(f->store, &counts, &f->err));
	return counts;
}

/* As if so many seconds had gone by. */
static void wait_s(struct fixture *f, int seconds)
{
	char sql[128];
	snprintf(sql, sizeof sql, "UPDATE jobs SET due_us = due_us - %d * 1000000", seconds);
	OK(db_exec(f->store->db, sql, &f->err));
}

static void the_urgent_one_goes_first(void **state)
{
	struct fixture *f = *state;
	struct job job;
	assert_false(take(f, &job));
	OK(jobs_add(f->store, JOB_READ, 1, 10, &f->err));
	OK(jobs_add(f->store, JOB_READ, 2, 10, &f->err));
	OK(jobs_add(f->store, JOB_RANK, 7, 30, &f->err));
	OK(jobs_add(f->store, JOB_READ, 2, 20, &f->err));
	assert_true(take(f, &job) && job.kind == JOB_RANK && job.subject == 7 && job.attempts == 1);
	assert_true(take(f, &job) && job.kind == JOB_READ && job.subject == 2);
	assert_true(take(f, &job) && job.subject == 1);
	assert_false(take(f, &job));
	assert_int_equal(counts_of(f).running, 3);
	assert_true(counts_of(f).next_due_us > clock_now_us());
}

static void all_slides_of_a_cycle_are_ranked_together(void **state)
{
	struct fixture *f = *state;
	struct job job;
	int64_t first = a_dish(f, "S1"), second = a_dish(f, "S2"), other = a_dish(f, "S3");
	int64_t cycle, embryo = an_embryo(f, first, 1);
	OK(cycles_add(f->store, 0, &(struct cycle){.patient_id = a_patient(f, "P1"), .label = "2026"}, &cycle, &f->err));
	an_embryo(f, other, 1);
	OK(dishes_assign(f->store, first, cycle, 0, &f->err));
	OK(dishes_assign(f->store, second, cycle, 0, &f->err));
	assert_true(take(f, &job) && job.kind == JOB_EVALUATE && job.subject == embryo);
	OK(jobs_done(f->store, &job, &f->err));
	for (int i = 0; i < 2; i++) {
		assert_true(take(f, &job) && job.kind == JOB_RANK && (job.subject == first || job.subject == second));
		OK(jobs_done(f->store, &job, &f->err));
	}
	assert_false(take(f, &job));
	OK(dishes_release(f->store, first, 0, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE kind = 'rank'"), 2);
}

static void one_step_queues_the_next(void **state)
{
	struct fixture *f = *state;
	struct job job;
	int64_t dish = a_dish(f, "S1"), embryo;
	an_embryo(f, dish, 1);
	embryo = an_embryo(f, dish, 2);
	OK(jobs_add(f->store, JOB_READ, embryo, 10, &f->err));
	assert_true(take(f, &job));
	OK(jobs_done(f->store, &job, &f->err));
	assert_true(take(f, &job) && job.kind == JOB_EVALUATE && job.subject == embryo);
	OK(jobs_done(f->store, &job, &f->err));
	assert_true(take(f, &job) && job.kind == JOB_RANK && job.subject == dish);
	OK(jobs_done(f->store, &job, &f->err));
	assert_false(take(f, &job));
	assert_int_equal(counts_of(f).pending, 0);
}

static void a_renewed_one_runs_again(void **state)
{
	struct fixture *f = *state;
	struct job job;
	OK(jobs_add(f->store, JOB_RANK, 1, 10, &f->err));
	assert_true(take(f, &job));
	OK(jobs_add(f->store, JOB_RANK, 1, 10, &f->err));
	struct job none;
	assert_false(take(f, &none));
	OK(jobs_done(f->store, &job, &f->err));
	assert_true(take(f, &job) && job.attempts == 1);
	OK(jobs_done(f->store, &job, &f->err));
	assert_false(take(f, &job));
}

static void a_dead_workers_job_comes_back(void **state)
{
	struct fixture *f = *state;
	struct job dead, job;
	OK(jobs_add(f->store, JOB_RANK, 1, 10, &f->err));
	assert_true(take(f, &dead));
	wait_s(f, 61);
	assert_true(take(f, &job) && job.attempts == 2 && job.lease != dead.lease);
	/* The dead one was only slow: its word does not count any more. */
	FAILS(ERR_CONFLICT, jobs_extend(f->store, &dead, 60, &f->err));
	OK(jobs_done(f->store, &dead, &f->err));
	OK(jobs_fail(f->store, &dead, "too late", &f->err));
	assert_int_equal(counts_of(f).running, 1);
	OK(jobs_extend(f->store, &job, 600, &f->err));
	wait_s(f, 61);
	struct job none;
	assert_false(take(f, &none));
	OK(jobs_done(f->store, &job, &f->err));
	assert_int_equal(counts_of(f).running, 0);
}

static bool check_failed(const struct job *job, const char *sentence, void *context)
{
	assert_int_equal(job->subject, 1);
	assert_string_equal(sentence, context);
	return true;
}

static void a_failing_one_waits_longer_and_is_set_aside(void **state)
{
	struct fixture *f = *state;
	struct job job;
	OK(jobs_add(f->store, JOB_RANK, 1, 10, &f->err));
	for (int i = 1; i <= JOB_ATTEMPTS_MAX; i++) {
		assert_true(take(f, &job) && job.attempts == i);
		OK(jobs_fail(f->store, &job, "the reader does not answer", &f->err));
		struct job none;
		assert_false(take(f, &none));
		wait_s(f, (1 << i) - 1);
		assert_false(take(f, &none));
		wait_s(f, 2);
	}
	assert_false(take(f, &job));
	assert_int_equal(counts_of(f).failed, 1);
	char sentence[] = "the reader does not answer";
	OK(jobs_failed_each(f->store, check_failed, sentence, &f->err));
	/* A new reason to do it gives it all its chances again. */
	OK(jobs_add(f->store, JOB_RANK, 1, 10, &f->err));
	assert_true(take(f, &job) && job.attempts == 1);
}

static void one_that_kills_its_workers_is_set_aside(void **state)
{
	struct fixture *f = *state;
	struct job job;
	OK(jobs_add(f->store, JOB_RANK, 1, 10, &f->err));
	OK(jobs_add(f->store, JOB_RANK, 2, 5, &f->err));
	for (int i = 0; i < JOB_ATTEMPTS_MAX; i++) {
		assert_true(take(f, &job) && job.subject == 1);
		wait_s(f, 61);
	}
	assert_true(take(f, &job) && job.subject == 2);
	assert_int_equal(counts_of(f).failed, 1);
}

static void a_stopped_worker_gives_it_back(void **state)
{
	struct fixture *f = *state;
	struct job job;
	OK(jobs_add(f->store, JOB_READ, 1, 10, &f->err));
	for (int i = 0; i < 2 * JOB_ATTEMPTS_MAX; i++) {
		assert_true(take(f, &job));
		assert_int_equal(job.attempts, 1);
		OK(jobs_release(f->store, &job, &f->err));
	}
}

static void progress_clears_the_attempts(void **state)
{
	struct fixture *f = *state;
	struct job job;
	OK(jobs_add(f->store, JOB_READ, 1, 10, &f->err));
	for (int i = 0; i < 2 * JOB_ATTEMPTS_MAX; i++) {
		assert_true(take(f, &job));
		OK(jobs_extend(f->store, &job, 60, &f->err));
		OK(jobs_recover(f->store, &f->err));
	}
}

static void a_new_daemon_waits_for_no_lease(void **state)
{
	struct fixture *f = *state;
	struct job job;
	OK(jobs_add(f->store, JOB_READ, 1, 10, &f->err));
	for (int i = 0; i < JOB_ATTEMPTS_MAX; i++) {
		assert_true(take(f, &job));
		assert_false(take(f, &job));
		OK(jobs_recover(f->store, &f->err));
	}
	assert_false(take(f, &job)); /* it took the daemon down each time */
	assert_int_equal(counts_of(f).failed, 1);
}

static void a_worker_that_cannot_read_leaves_reading_alone(void **state)
{
	struct fixture *f = *state;
	struct job job;
	bool found;
	OK(jobs_add(f->store, JOB_READ, 1, 100, &f->err));
	OK(jobs_take(f->store, 60, JOBS_WITHOUT_READING, &job, &found, &f->err));
	assert_false(found);
	OK(jobs_add(f->store, JOB_RANK, 1, 10, &f->err));
	assert_true(counts_of(f).pending == 2 && counts_of(f).reads == 1);
	OK(jobs_take(f->store, 60, JOBS_WITHOUT_READING, &job, &found, &f->err));
	assert_true(found && job.kind == JOB_RANK);
	assert_true(take(f, &job) && job.kind == JOB_READ);
	assert_int_equal(counts_of(f).reads, 0);
}

/* What a lane asks for: what takes a moment first, then what the planner chose, then anything. */
static void a_worker_asks_for_what_it_wants(void **state)
{
	struct fixture *f = *state;
	struct job job;
	bool found;
	int64_t first = an_embryo(f, a_dish(f, "S1"), 1), second = an_embryo(f, a_dish(f, "S2"), 1);
	int64_t third = an_embryo(f, 2, 2);
	add_plane(f, 1, first, 1, 0);
	add_plane(f, 2, second, 1, 0);
	add_plane(f, 2, third, 1, 0);
	OK(jobs_take(f->store, 60, JOBS_QUICK, &job, &found, &f->err));
	assert_false(found);
	OK(jobs_take(f->store, 60, 2, &job, &found, &f->err));
	assert_true(found && job.subject == second);
	/* Given back, it stands behind the others of its dish. */
	OK(jobs_release(f->store, &job, &f->err));
	OK(jobs_take(f->store, 60, 2, &job, &found, &f->err));
	assert_true(found && job.subject == third);
	OK(jobs_add(f->store, JOB_EVALUATE, 1, JOB_PRIORITY_EVALUATE, &f->err));
	OK(jobs_take(f->store, 60, JOBS_QUICK, &job, &found, &f->err));
	assert_true(found && job.kind == JOB_EVALUATE);
	/* An embryo that is read again on demand waits until there is nothing else. */
	OK(db_exec(f->store->db, "UPDATE embryos SET runs_read = runs_total; UPDATE jobs SET priority = 5", &f->err));
	OK(jobs_take(f->store, 60, JOBS_QUICK, &job, &found, &f->err));
	assert_false(found);
	OK(jobs_take(f->store, 60, JOBS_ALL, &job, &found, &f->err));
	assert_true(found && job.subject == first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_urgent_one_goes_first),
	    TEST(one_step_queues_the_next),
	    TEST(all_slides_of_a_cycle_are_ranked_together),
	    TEST(a_renewed_one_runs_again),
	    TEST(a_dead_workers_job_comes_back),
	    TEST(a_failing_one_waits_longer_and_is_set_aside),
	    TEST(one_that_kills_its_workers_is_set_aside),
	    TEST(a_stopped_worker_gives_it_back),
	    TEST(progress_clears_the_attempts),
	    TEST(a_new_daemon_waits_for_no_lease),
	    TEST(a_worker_that_cannot_read_leaves_reading_alone),
	    TEST(a_worker_asks_for_what_it_wants),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
