/* A cut waits and is not read until somebody answers; the first answer counts, and only one to this very cut; with the
 * last one the embryo goes on as if all had been read at once. */
#include "unit/store/fixture.h"

#include "store/cycles.h"
#include "store/jobs.h"
#include "store/tracks.h"
#include "store/waiting.h"

enum { WAITING_MAX = 16 };

struct listed {
	struct waiting list[WAITING_MAX];
	size_t count;
};

static bool keep(const struct waiting *waiting, void *context)
{
	struct listed *listed = context;
	listed->list[listed->count++] = *waiting;
	return listed->count < WAITING_MAX;
}

static struct listed waiting_now(struct fixture *f)
{
	struct listed listed = {0};
	int64_t count;
	OK(waiting_each(f->store, keep, &listed, &f->err));
	OK(waiting_count(f->store, &count, &f->err));
	assert_true((size_t)count >= listed.count);
	return listed;
}

static void cut_only(struct fixture *f, int64_t embryo, int run, int seed)
{
	static struct cut cut;
	memset(&cut, 0, sizeof cut);
	cut.planes = 1;
	cut.radius_permille = 300;
	memset(cut.pixels[0], seed, sizeof cut.pixels[0]);
	const struct reading_new new = {.row = {.run = run, .planes = 1, .made = true, .radius_permille = 300,
	    .waiting = true, .motion = (uint16_t)(10 * run)}, .cut = &cut};
	OK(readings_store(f->store, embryo, "made-1", "abc", &new, 1, &f->err));
}

static struct waiting_answer answer_to(struct waiting waiting, uint16_t cells)
{
	struct waiting_answer answer = {.waiting = waiting, .reading = {.cells = cells}};
	answer.reading.stage[STAGE_4] = PROBABILITY_ONE;
	return answer;
}

static size_t answer(struct fixture *f, const struct waiting_answer *answers, size_t count)
{
	size_t stored;
	OK(waiting_answer(f->store, "made-1", "abc", answers, count, &stored, &f->err));
	return stored;
}

static int64_t embryo_with_runs(struct fixture *f, const char *slide, int runs)
{
	int64_t dish = a_dish(f, slide), embryo = an_embryo(f, dish, 1);
	for (int run = 1; run <= runs; run++)
		add_plane(f, dish, embryo, run, 0);
	return embryo;
}

static struct job take_read(struct fixture *f)
{
	struct job job;
	bool found;
	OK(jobs_take(f->store, 60, JOBS_ALL, &job, &found, &f->err));
	assert_true(found && job.kind == JOB_READ);
	return job;
}

static void a_waiting_cut_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct dish_progress progress;
	struct track track;
	int runs[4];
	size_t count;
	int64_t embryo = embryo_with_runs(f, "S1", 2);
	cut_only(f, embryo, 1, 1);
	OK(dishes_progress(f->store, 1, &progress, &f->err));
	assert_true(progress.runs_read == 0 && progress.runs_total == 2);
	OK(frames_runs_unread(f->store, embryo, runs, 4, &count, &f->err));
	assert_true(count == 1 && runs[0] == 2);
	OK(tracks_load(f->store, embryo, &track, &f->err));
	assert_false(track.points[0].read);
	track_done(&track);
	struct listed listed = waiting_now(f);
	assert_int_equal(listed.count, 1);
	assert_true(listed.list[0].embryo_id == embryo && listed.list[0].run == 1 && listed.list[0].dish_id == 1);
	/* As late as the dish came, not as late as it was cut. */
	assert_int_equal(listed.list[0].since_us, count_of(f, "SELECT added_us FROM jobs"));
	static struct cut cut;
	bool found;
	OK(waiting_read(f->store, &listed.list[0], &cut, &found, &f->err));
	assert_true(found && cut.pixels[0][77] == 1);
	assert_int_equal(problems(f), 0);
}

static void the_first_answer_counts(void **state)
{
	struct fixture *f = *state;
	struct track track;
	int64_t embryo = embryo_with_runs(f, "S1", 2);
	cut_only(f, embryo, 1, 1);
	cut_only(f, embryo, 2, 2);
	struct listed listed = waiting_now(f);
	struct waiting_answer answers[] = {answer_to(listed.list[0], 4), answer_to(listed.list[1], 5)};
	assert_int_equal(answer(f, answers, 1), 1);
	answers[0].reading.cells = 8;
	assert_int_equal(answer(f, answers, 2), 1);
	assert_int_equal(answer(f, answers, 2), 0);
	OK(tracks_load(f->store, embryo, &track, &f->err));
	assert_true(track.points[0].reading.cells == 4 && track.points[1].reading.cells == 5);
	assert_true(track.points[0].motion == 10 && track.points[1].motion == 20);
	track_done(&track);
	assert_int_equal(waiting_now(f).count, 0);
	assert_int_equal(problems(f), 0);
}

static void the_last_answer_lets_the_embryo_go_on(void **state)
{
	struct fixture *f = *state;
	struct job job = {0};
	bool found;
	int64_t embryo = embryo_with_runs(f, "S1", 2);
	job = take_read(f);
	cut_only(f, embryo, 1, 1);
	cut_only(f, embryo, 2, 2);
	/* All is cut, nothing is read: the job ends and nothing follows. */
	OK(jobs_done(f->store, &job, &f->err));
	OK(jobs_take(f->store, 60, JOBS_ALL, &job, &found, &f->err));
	assert_false(found);
	struct listed listed = waiting_now(f);
	const struct waiting_answer answers[] = {answer_to(listed.list[0], 4), answer_to(listed.list[1], 5)};
	answer(f, answers, 1);
	OK(jobs_take(f->store, 60, JOBS_QUICK, &job, &found, &f->err));
	assert_false(found);
	answer(f, answers + 1, 1);
	OK(jobs_take(f->store, 60, JOBS_QUICK, &job, &found, &f->err));
	assert_true(found && job.kind == JOB_READ && job.subject == embryo);
	OK(jobs_done(f->store, &job, &f->err));
	OK(jobs_take(f->store, 60, JOBS_QUICK, &job, &found, &f->err));
	assert_true(found && job.kind == JOB_EVALUATE && job.subject == embryo);
}

static void an_answer_to_another_cut_does_not_count(void **state)
{
	struct fixture *f = *state;
	int runs[4];
	size_t count;
	int64_t embryo = embryo_with_runs(f, "S1", 1);
	cut_only(f, embryo, 1, 1);
	struct listed before = waiting_now(f);
	struct waiting_answer late = answer_to(before.list[0], 4);
	/* A plane comes: the run is to be cut again, and nobody is to read the old cut. */
	add_plane(f, 1, embryo, 1, 15);
	OK(frames_runs_unread(f->store, embryo, runs, 4, &count, &f->err));
	assert_int_equal(count, 1);
	assert_int_equal(waiting_now(f).count, 0);
	assert_int_equal(answer(f, &late, 1), 0);
	static struct cut cut;
	cut.planes = 1;
	memset(cut.pixels[0], 9, sizeof cut.pixels[0]);
	const struct reading_new again = {
	    .row = {.run = 1, .planes = 2, .made = true, .waiting = true}, .cut = &cut};
	OK(readings_store(f->store, embryo, "made-1", "abc", &again, 1, &f->err));
	assert_int_equal(waiting_now(f).count, 1);
	assert_int_equal(answer(f, &late, 1), 0);
	assert_true(waiting_now(f).list[0].cut_id != before.list[0].cut_id);
	assert_int_equal(problems(f), 0);
}

static void answers_to_what_was_erased_leave_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = embryo_with_runs(f, "S1", 1), other = embryo_with_runs(f, "S2", 1);
	cut_only(f, embryo, 1, 1);
	cut_only(f, other, 1, 2);
	struct listed listed = waiting_now(f);
	const struct waiting_answer answers[] = {answer_to(listed.list[0], 4), answer_to(listed.list[1], 5)};
	OK(db_exec(f->store->db, "DELETE FROM dishes WHERE id = 1; DELETE FROM jobs", &f->err));
	assert_int_equal(answer(f, answers, 2), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM readings"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs"), 1);
	static struct cut cut;
	bool found;
	OK(waiting_read(f->store, &listed.list[0], &cut, &found, &f->err));
	assert_false(found);
}

static void a_cut_that_kills_readers_is_set_aside(void **state)
{
	struct fixture *f = *state;
	struct cut_row row;
	bool found;
	int64_t embryo = embryo_with_runs(f, "S1", 1);
	cut_only(f, embryo, 1, 1);
	struct listed listed = waiting_now(f);
	const struct waiting_answer deadly = {.waiting = listed.list[0], .damaged = true};
	assert_int_equal(answer(f, &deadly, 1), 1);
	OK(cuts_get(f->store, embryo, 1, &row, &found, &f->err));
	assert_true(found && row.damaged && !row.made && !row.waiting && row.planes_damaged == 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM runs WHERE state = 2"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM readings"), 0);
	assert_int_equal(problems(f), 0);
}

static void a_cut_that_is_lost_is_made_again(void **state)
{
	struct fixture *f = *state;
	int runs[4];
	size_t count;
	int64_t embryo = embryo_with_runs(f, "S1", 2);
	cut_only(f, embryo, 1, 1);
	OK(db_exec(f->store->db, "DELETE FROM jobs", &f->err));
	struct listed listed = waiting_now(f);
	OK(waiting_cut_again(f->store, &listed.list[0], &f->err));
	assert_int_equal(waiting_now(f).count, 0);
	assert_int_equal(take_read(f).subject, embryo);
	OK(frames_runs_unread(f->store, embryo, runs, 4, &count, &f->err));
	assert_int_equal(count, 2);
	assert_int_equal(problems(f), 0);
}

static bool keep_dish(const struct waiting_dish *dish, void *context)
{
	((struct waiting_dish *)context)[dish->id] = *dish;
	return true;
}

static void what_is_left_is_told_by_dish(void **state)
{
	struct fixture *f = *state;
	struct waiting_dish dishes[8] = {{0}};
	struct cycle cycle = {.patient_id = a_patient(f, "A1"), .label = "c", .decision_us = 123456789};
	int64_t cycle_id;
	embryo_with_runs(f, "S1", 2);
	int64_t embryo = embryo_with_runs(f, "S2", 3);
	OK(cycles_add(f->store, 0, &cycle, &cycle_id, &f->err));
	OK(dishes_assign(f->store, 2, cycle_id, 0, &f->err));
	cut_only(f, embryo, 1, 1);
	OK(waiting_dishes(f->store, keep_dish, dishes, &f->err));
	assert_true(dishes[1].unread == 2 && dishes[1].decision_us == 0 && dishes[1].since_us > 0);
	assert_true(dishes[2].unread == 3 && dishes[2].decision_us == 123456789);
	assert_int_equal(dishes[2].priority, JOB_PRIORITY_READ);
	OK(db_exec(f->store->db, "UPDATE jobs SET state = 'failed' WHERE subject = 1", &f->err));
	memset(dishes, 0, sizeof dishes);
	OK(waiting_dishes(f->store, keep_dish, dishes, &f->err));
	assert_true(dishes[1].unread == 0 && dishes[2].unread == 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_waiting_cut_is_not_read),
	    TEST(the_first_answer_counts),
	    TEST(the_last_answer_lets_the_embryo_go_on),
	    TEST(an_answer_to_another_cut_does_not_count),
	    TEST(answers_to_what_was_erased_leave_nothing),
	    TEST(a_cut_that_kills_readers_is_set_aside),
	    TEST(a_cut_that_is_lost_is_made_again),
	    TEST(what_is_left_is_told_by_dish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
