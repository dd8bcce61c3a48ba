#include "unit/unit.h"

#include "work/plan.h"

#include <string.h>

enum { DISHES = 4, LANES = 2 };
#define SECOND 1000000ll
#define NOW    (1795000000ll * SECOND)

/* A box of two slots that cuts in 20 ms and reads in 180 ms, ten time points a second; a cloud of eight
 * slots that reads in 100 ms; one dish of 24,000 time points due in 20 minutes: twice what the home can do
 * until then. */
struct scene {
	struct plan_dish dishes[DISHES];
	struct plan_lane lanes[LANES];
	struct plan_batch batches[2];
	struct plan_input input;
	struct plan plan;
};

static void set_scene(struct scene *s)
{
	memset(s, 0, sizeof *s);
	plan_defaults(&s->input);
	s->dishes[0] = (struct plan_dish){.id = 1, .deadline_us = NOW + 1200 * SECOND, .to_cut = 24000};
	s->lanes[0] = (struct plan_lane){.name = "near",
	    .allowed = true,
	    .healthy = true,
	    .slots = 8,
	    .latency_us = 200e3,
	    .read_us = 100e3,
	    .spread = 1.5,
	    .price_nano = 3000};
	s->lanes[1] = s->lanes[0];
	s->lanes[1].name = "far";
	s->lanes[1].price_nano = 5000;
	s->input.now_us = NOW;
	s->input.dishes = s->dishes;
	s->input.dishes_count = 1;
	s->input.home = (struct plan_home){.slots = 2, .cut_us = 20e3, .read_us = 180e3, .slow = 1};
	s->input.lanes = s->lanes;
	s->input.lanes_count = 1;
	s->input.batches = s->batches;
	s->input.bytes_per_cut = 40e3;
	s->input.budget_left_nano = 1000000000;
}

static void test_quiet(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.dishes[0].to_cut = 4000;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.state, PLAN_AT_HOME);
	assert_int_equal(s.plan.spill, 0);
	assert_int_equal(s.plan.dishes[0].why, PLAN_WHY_IN_TIME);
	assert_false(s.plan.dishes[0].late);
	/* 4,000 x 200 ms / 2 slots, and what settling takes. */
	assert_int_equal(s.plan.ready_us, NOW + 400 * SECOND + s.input.settle_us);
	assert_int_equal(s.plan.ready_local_us, s.plan.ready_us);
	struct plan_task task = plan_next_home(&s.input, &s.plan);
	assert_int_equal(task.kind, PLAN_TASK_TRIP);
	assert_int_equal(task.count, 16);
	assert_int_equal(plan_next_cloud(&s.input, &s.plan, 0).kind, PLAN_SEND_WAIT);
	/* Nothing at all. */
	s.input.dishes_count = 0;
	plan_make(&s.input, &s.plan);
	assert_int_equal(plan_next_home(&s.input, &s.plan).kind, PLAN_TASK_NOTHING);
	assert_int_equal(s.plan.ready_us, NOW);
}

/* 24,000 x 0.2 s is 4,800 s of slot time and 2,380 s are there: what is over, in readings of 0.18 s. */
static void test_spills_just_enough(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	plan_make(&s.input, &s.plan);
	int least = (int)((24000 * 0.2 - 2 * (1200 - 10)) / 0.18);
	assert_int_equal(s.plan.state, PLAN_SPILLING);
	assert_true(s.plan.spill > least && s.plan.spill < least * 1.08);
	assert_true(s.plan.now <= s.plan.spill && s.plan.now > 0);
	assert_int_equal(s.plan.dishes[0].why, PLAN_WHY_SPILL);
	assert_false(s.plan.dishes[0].late);
	assert_true(s.plan.dishes[0].ready_local_us > s.dishes[0].deadline_us);
	assert_int_equal(s.plan.money_nano, s.plan.spill * 3000ll);
	/* Home feeds the cloud first; then there is something to send; no slot more than it takes. */
	assert_int_equal(plan_next_home(&s.input, &s.plan).kind, PLAN_TASK_CUT);
	assert_string_equal(plan_next_cloud(&s.input, &s.plan, 0).why, "home is cutting for it");
	s.dishes[0].to_cut -= 200;
	s.dishes[0].to_read = 200;
	plan_make(&s.input, &s.plan);
	struct plan_send send = plan_next_cloud(&s.input, &s.plan, 0);
	assert_int_equal(send.kind, PLAN_SEND_BATCH);
	assert_int_equal(send.count, 64);
	assert_int_equal(send.shares_count, 1);
	s.lanes[0].busy = s.plan.slots_wanted[0];
	assert_int_equal(plan_next_cloud(&s.input, &s.plan, 0).kind, PLAN_SEND_WAIT);
}

/* Little is over and much time is left: it is known, and not sent yet; when time is short, it is. */
static void test_insurance_waits(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.dishes[0].to_cut = 12000;
	plan_make(&s.input, &s.plan);
	assert_true(s.plan.spill > 0);
	assert_int_equal(s.plan.now, 0);
	assert_int_equal(s.plan.dishes[0].why, PLAN_WHY_INSURANCE);
	assert_int_equal(s.plan.state, PLAN_AT_HOME);
	s.dishes[0].to_cut = 2400;
	s.dishes[0].deadline_us = NOW + 240 * SECOND;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.now, s.plan.spill);
	assert_true(s.plan.now > 0);
}

/* Two deadlines: only what is due by the first is in danger, so the second dish stays at home. */
static void test_earliest_deadline_first(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.dishes[1] = s.dishes[0];
	s.dishes[0] = (struct plan_dish){.id = 7, .deadline_us = NOW + 7200 * SECOND, .to_cut = 3000};
	s.input.dishes_count = 2;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.order[0], 1);
	assert_int_equal(s.plan.order[1], 0);
	assert_true(s.plan.dishes[1].now > 0);
	assert_int_equal(s.plan.dishes[0].spill, 0);
	/* One without a deadline is last and never sent. */
	s.dishes[2] =
	    (struct plan_dish){.id = 3, .deadline_us = PLAN_NO_DEADLINE, .priority = 99, .to_cut = 100000};
	s.input.dishes_count = 3;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.order[2], 2);
	assert_int_equal(s.plan.dishes[2].spill, 0);
	assert_int_equal(s.plan.dishes[2].why, PLAN_WHY_NO_DEADLINE);
	assert_false(s.plan.dishes[2].late);
	/* Among equals priority, then number. */
	s.dishes[0].deadline_us = s.dishes[1].deadline_us;
	s.dishes[0].priority = 1;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.order[0], 0);
}

/* A dish that cannot be in time goes behind one that it would make late, and before one that it would not. */
static void test_late_last(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.dishes[0].deadline_us = NOW + 60 * SECOND;
	s.dishes[1] = (struct plan_dish){.id = 2, .deadline_us = NOW + 300 * SECOND, .to_cut = 2000};
	s.dishes[2] = (struct plan_dish){.id = 3, .deadline_us = NOW + 90000 * SECOND, .to_cut = 10};
	s.input.dishes_count = 3;
	s.lanes[0].slots = 4;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.order[0], 1);
	assert_int_equal(s.plan.order[1], 0);
	assert_int_equal(s.plan.order[2], 2);
	assert_true(s.plan.dishes[0].late);
	assert_int_equal(s.plan.dishes[0].why, PLAN_WHY_LATE);
	assert_false(s.plan.dishes[1].late);
	assert_int_equal(s.plan.state, PLAN_SPILLING);
	assert_non_null(strstr(s.plan.reason, "1 dish will be late"));
	/* Both lanes of work end about together: neither more nor less is worth sending. */
	double home = (26000 * 0.2 - s.plan.spill * 0.18) / 2;
	double cloud = s.plan.spill / (4 * 64 / 6.6);
	assert_true(home / cloud > 0.9 && home / cloud < 1.1);
}

static void test_hard_limits(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.input.budget_left_nano = 3000 * 100;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.spill, 100);
	s.input.budget_left_nano = 0;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.spill, 0);
	assert_int_equal(s.plan.state, PLAN_STALLED);
	assert_int_equal(s.plan.dishes[0].why, PLAN_WHY_BUDGET);
	assert_non_null(strstr(s.plan.reason, "budget is spent"));
	assert_int_equal(plan_next_home(&s.input, &s.plan).kind, PLAN_TASK_TRIP);

	set_scene(&s);
	s.lanes[0].healthy = false;
	s.dishes[0].to_cut -= 100;
	s.dishes[0].to_read = 100;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.state, PLAN_STALLED);
	assert_int_equal(s.plan.dishes[0].why, PLAN_WHY_NO_CLOUD);
	assert_int_equal(plan_next_cloud(&s.input, &s.plan, 0).kind, PLAN_SEND_WAIT);
	/* Work goes on with what was kept for the cloud. */
	assert_int_equal(plan_next_home(&s.input, &s.plan).kind, PLAN_TASK_READ);

	set_scene(&s);
	s.lanes[0].allowed = false;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.state, PLAN_OFF);
	assert_non_null(strstr(s.plan.reason, "region"));
	assert_non_null(strstr(plan_next_cloud(&s.input, &s.plan, 0).why, "region"));
	s.input.lanes_count = 0;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.state, PLAN_OFF);
	assert_int_equal(s.plan.spill, 0);
}

static void test_cheapest_lane_first(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.input.lanes_count = 2;
	s.lanes[0].price_nano = 9000;
	plan_make(&s.input, &s.plan);
	assert_true(s.plan.slots_wanted[1] > 0);
	assert_int_equal(s.plan.slots_wanted[0], 0);
	assert_int_equal(plan_next_cloud(&s.input, &s.plan, 0).kind, PLAN_SEND_WAIT);
}

static void test_uplink(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.input.uplink_bytes_s = 10 * 40e3; /* ten cuts a second */
	s.dishes[0].to_cut = 20000;
	s.dishes[0].to_read = 3000;
	plan_make(&s.input, &s.plan);
	assert_true(s.plan.dishes[0].late);
	assert_true(s.plan.spill < 10 * 2000);
	assert_int_equal(plan_next_cloud(&s.input, &s.plan, 0).kind, PLAN_SEND_BATCH);
	s.dishes[0].to_read -= 512;
	s.dishes[0].in_flight = 512;
	plan_make(&s.input, &s.plan);
	s.plan.slots_wanted[0] = 8;
	assert_string_equal(plan_next_cloud(&s.input, &s.plan, 0).why, "the uplink is full");
}

/* The pace is a guess: a first step is read at home, and nothing is sent that can wait for it. */
static void test_guess(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.input.home.guessed = true;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.now, 0);
	assert_int_equal(plan_next_home(&s.input, &s.plan).kind, PLAN_TASK_TRIP);
}

/* A tight morning: all that is due is cut before any of it is read; what is due later is not. */
static void test_cuts_first(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.dishes[0].to_cut = 8000;
	s.dishes[1] = (struct plan_dish){.id = 2, .deadline_us = NOW + 4000 * SECOND, .to_cut = 100};
	s.input.dishes_count = 2;
	plan_make(&s.input, &s.plan);
	assert_true(s.plan.tight);
	assert_int_equal(s.plan.spill, 0);
	struct plan_task task = plan_next_home(&s.input, &s.plan);
	assert_int_equal(task.kind, PLAN_TASK_CUT);
	assert_int_equal(task.dish, 0);
	s.dishes[0].to_cut = 0;
	s.dishes[0].to_read = 8000;
	plan_make(&s.input, &s.plan);
	task = plan_next_home(&s.input, &s.plan);
	assert_int_equal(task.kind, PLAN_TASK_READ);
	assert_int_equal(task.dish, 0);
}

/* The tail: home reads what is in flight when it has nothing else; the cloud is asked twice only for what
 * is overdue, due soon and within the share. */
static void test_hedges(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.dishes[0].to_cut = 0;
	s.dishes[0].in_flight = 20;
	s.dishes[0].deadline_us = NOW + 8 * SECOND;
	s.batches[0] = (struct plan_batch){
	    .lane = 0, .cuts = 20, .age_us = 9 * SECOND, .deadline_us = s.dishes[0].deadline_us};
	s.input.batches_count = 1;
	s.input.sent_cuts = 1000;
	s.lanes[0].busy = 1;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.state, PLAN_DRAINING);
	struct plan_task task = plan_next_home(&s.input, &s.plan);
	assert_int_equal(task.kind, PLAN_TASK_HEDGE);
	assert_int_equal(task.count, 20);
	struct plan_send send = plan_next_cloud(&s.input, &s.plan, 0);
	assert_int_equal(send.kind, PLAN_SEND_HEDGE);
	assert_int_equal(send.batch, 0);
	s.input.hedged_cuts = 40;
	assert_int_equal(plan_next_cloud(&s.input, &s.plan, 0).kind, PLAN_SEND_WAIT);
	s.input.hedged_cuts = 0;
	s.batches[0].age_us = SECOND;
	assert_int_equal(plan_next_cloud(&s.input, &s.plan, 0).kind, PLAN_SEND_WAIT);
	s.batches[0].at_home = true;
	assert_int_equal(plan_next_home(&s.input, &s.plan).kind, PLAN_TASK_NOTHING);
}

/* On a late morning home and cloud end together: what is in flight is half done, so that more is worth sending than
 * a full batch behind all of it would allow, and the last batches are small. */
static void test_ends_together(void **state)
{
	(void)state;
	struct scene s;
	set_scene(&s);
	s.input.home.slots = 1;
	s.dishes[0] = (struct plan_dish){.id = 1, .deadline_us = NOW - SECOND, .to_read = 120, .in_flight = 128};
	s.lanes[0].busy = 7;
	for (int i = 0; i < 2; i++)
		s.batches[i] = (struct plan_batch){
		    .lane = 0, .cuts = 64, .age_us = 33 * SECOND / 10, .deadline_us = s.dishes[0].deadline_us};
	s.input.batches_count = 2;
	plan_make(&s.input, &s.plan);
	assert_int_equal(s.plan.slots_wanted[0], 8);
	/* In a second home reads 5.6 and the cloud some 78, but the last small batch is away for 1.5 s and half of
	 * what is in flight takes 0.8 s: (120 x 0.18 - 1.5 - 0.8) / (0.18 + 1 / 78) = 100. */
	assert_in_range(s.plan.now, 90, 110);
	struct plan_send send = plan_next_cloud(&s.input, &s.plan, 0);
	assert_int_equal(send.kind, PLAN_SEND_BATCH);
	assert_int_equal(send.count, (s.plan.now + 7) / 8);
	/* One that is overdue has something left to do. */
	int before = s.plan.now;
	s.batches[0].age_us = s.batches[1].age_us = 3600 * SECOND;
	plan_make(&s.input, &s.plan);
	assert_in_range(s.plan.now, before, 110);
}

/* Whatever the clock says and however odd the figures, no count leaves its bounds and home does not idle. */
static void test_odd_figures(void **state)
{
	(void)state;
	static const int64_t clocks[] = {
	    NOW, 0, NOW + 86400 * SECOND, NOW - 86400 * SECOND * 365, INT64_MAX / 2};
	static const double times[] = {0, 1, 180e3, 1e12};
	for (size_t c = 0; c < sizeof clocks / sizeof *clocks; c++)
		for (size_t t = 0; t < 4 * 4 * 4; t++) {
			struct scene s;
			set_scene(&s);
			s.input.now_us = clocks[c];
			s.input.home.cut_us = times[t % 4];
			s.input.home.read_us = times[t / 4 % 4];
			s.lanes[0].read_us = times[t / 16];
			s.lanes[0].failure_share = t % 2 ? 1 : 0;
			s.input.uplink_bytes_s = t % 3 ? 0 : 1;
			s.dishes[0].to_read = 10;
			plan_make(&s.input, &s.plan);
			assert_in_range(s.plan.spill, 0, 24010);
			assert_in_range(s.plan.now, 0, s.plan.spill);
			assert_true(s.plan.money_nano >= 0);
			struct plan_task task = plan_next_home(&s.input, &s.plan);
			assert_true(task.kind != PLAN_TASK_NOTHING && task.count > 0);
			struct plan_send send = plan_next_cloud(&s.input, &s.plan, 0);
			assert_true(send.kind == PLAN_SEND_WAIT || send.count > 0);
		}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(plan_state_name(PLAN_AT_HOME), "home");
	for (int why = PLAN_WHY_IN_TIME; why <= PLAN_WHY_BUDGET; why++)
		assert_true(strlen(plan_why_sentence((enum plan_why)why)) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_quiet),
	    cmocka_unit_test(test_spills_just_enough),
	    cmocka_unit_test(test_insurance_waits),
	    cmocka_unit_test(test_earliest_deadline_first),
	    cmocka_unit_test(test_late_last),
	    cmocka_unit_test(test_hard_limits),
	    cmocka_unit_test(test_cheapest_lane_first),
	    cmocka_unit_test(test_uplink),
	    cmocka_unit_test(test_guess),
	    cmocka_unit_test(test_cuts_first),
	    cmocka_unit_test(test_hedges),
	    cmocka_unit_test(test_ends_together),
	    cmocka_unit_test(test_odd_figures),
	    cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
