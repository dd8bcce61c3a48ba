/* Who reads which cut: each is in one flight at a time, the first answer settles it, what nobody answered waits again,
 * and what failed in the cloud three times is read at home. */
#include "unit/unit.h"

#include "base/clock.h"
#include "base/json.h"
#include "store/bursts.h"
#include "work/burst.h"

#include <pthread.h>
#include <string.h>

static struct err err;

enum { SLOTS = 4 };

static struct cloud *make_cloud(const char *folder)
{
	char private[CRYPTO_PEM_SIZE], public[CRYPTO_PEM_SIZE], path[160], text[1024];
	struct cloud *cloud;
	snprintf(path, sizeof path, "%s/function.pem", folder);
	must(crypto_pair_make(private, public, &err));
	must(file_write(path, public, strlen(public), 0600, &err));
	snprintf(text, sizeof text,
	    "{\"site\":\"clinic-7f3a\",\"regions\":[\"eu-central-1\"],\"budget\":{\"day\":2.0,\"month\":20.0},"
	    "\"endpoints\":[{\"name\":\"near\",\"url\":\"https://near.example\",\"region\":\"eu-central-1\",\"ca\":\"ca.pem\","
	    "\"key\":\"function.pem\",\"slots\":%d,\"memory_mb\":1769,\"price_gb_s\":0.0000166667,\"price_request\":0.0000002}]}",
	    SLOTS);
	must(cloud_parse(text, strlen(text), folder, &cloud, &err));
	return cloud;
}

/* A store without a dish: what waits is given by burst_add, and nothing looks at it. */
struct scene {
	struct cloud *cloud;
	struct burst *burst;
	struct store *store;
};

/* home_slots 0: the home is as slow as can be, so that all goes to the cloud. */
static struct scene scene_begin(void **state, const char *name, int home_slots, int cuts)
{
	char folder[128];
	struct scene scene = {.cloud = make_cloud(*state)};
	path_join(folder, sizeof folder, *state, name);
	must(store_create(folder, &err));
	must(store_open(folder, &scene.store, &err));
	must(burst_new(scene.cloud, home_slots, &scene.burst, &err));
	const struct burst_health health = {.healthy = true};
	const struct burst_money money = {.day = 2, .month = 20, .left_nano = 2000000000};
	burst_tell_health(scene.burst, 0, &health);
	burst_tell_money(scene.burst, &money);
	for (int i = 0; i < cuts; i++) {
		/* Cut a minute after the decision hour of yesterday: late whatever happens. */
		const struct waiting waiting = {.dish_id = 1 + i % 2, .embryo_id = 1 + i % 8, .run = i, .cut_id = 1000 + i,
		    .since_us = 1};
		burst_add(scene.burst, &waiting, NULL);
	}
	must(burst_refresh(scene.burst, scene.store, 0, &err));
	return scene;
}

static void scene_end(struct scene *scene)
{
	burst_free(scene->burst);
	cloud_free(scene->cloud);
	store_close(scene->store);
}

static struct burst_view view_of(struct scene *scene)
{
	struct burst_view view;
	burst_view(scene->burst, &view);
	return view;
}

static int in_flight(struct scene *scene)
{
	struct burst_view view = view_of(scene);
	int count = 0;
	for (int i = 0; i < view.input.dishes_count; i++)
		count += view.dishes[i].in_flight;
	return count;
}

static struct flight *take(struct scene *scene)
{
	struct flight *flight;
	bool hedge;
	return burst_next_cloud(scene->burst, 0, 2000, &flight, &hedge) ? flight : NULL;
}

static void each_cut_is_in_one_flight(void **state)
{
	enum { CUTS = 100 };
	struct scene scene = scene_begin(state, "once", 0, CUTS);
	bool seen[CUTS] = {false};
	int total = 0;
	struct flight *hand[2] = {NULL};
	for (int turn = 0; total < CUTS && turn < CUTS; turn++) {
		struct flight **mine = &hand[turn % 2];
		if (*mine)
			burst_settle(scene.burst, *mine, 0);
		*mine = take(&scene);
		for (size_t i = 0; *mine && i < (*mine)->count; i++) {
			assert_false(seen[(*mine)->cuts[i].run]);
			seen[(*mine)->cuts[i].run] = true;
			total++;
		}
		size_t carried = (hand[0] ? hand[0]->count : 0) + (hand[1] ? hand[1]->count : 0);
		assert_int_equal(in_flight(&scene), carried);
	}
	assert_int_equal(total, CUTS);
	for (int i = 0; i < 2; i++)
		if (hand[i])
			burst_settle(scene.burst, hand[i], 0);
	assert_int_equal(in_flight(&scene), 0);
	assert_int_equal(view_of(&scene).lanes[0].busy, 0);
	assert_true(view_of(&scene).lanes[0].rate_per_min >= CUTS);
	scene_end(&scene);
}

/* A batch tells nothing by its order, and is of several embryos. */
static void a_flight_is_mixed(void **state)
{
	struct scene scene = scene_begin(state, "mixed", 0, 400);
	struct flight *flight = take(&scene);
	assert_non_null(flight);
	assert_int_equal(flight->count, LIMIT_BATCH_ITEMS);
	int embryos = 0, in_order = 0;
	bool seen[9] = {false};
	for (size_t i = 0; i < flight->count; i++) {
		embryos += !seen[flight->cuts[i].embryo_id];
		seen[flight->cuts[i].embryo_id] = true;
		in_order += i && flight->cuts[i].run > flight->cuts[i - 1].run;
	}
	assert_true(embryos >= 2);
	assert_true(in_order > 12 && in_order < 52); /* of 63: neither rising nor falling */
	burst_give_back(scene.burst, flight, 0, false);
	scene_end(&scene);
}

static void what_nobody_answers_waits_again(void **state)
{
	enum { CUTS = 20 };
	struct scene scene = scene_begin(state, "again", 0, CUTS);
	struct burst_task task;
	int given[CUTS] = {0}, read = 0;
	for (struct flight *flight; (flight = take(&scene)) != NULL;) {
		for (size_t i = 0; i < flight->count; i++)
			assert_int_equal(flight->tries[i], given[flight->cuts[i].run]++);
		burst_give_back(scene.burst, flight, 0, false);
		assert_int_equal(in_flight(&scene), 0);
	}
	/* The cloud has had its chances. */
	for (int i = 0; i < CUTS; i++)
		assert_int_equal(given[i], BURST_TRIES_MAX);
	for (burst_next_home(scene.burst, &task); task.kind == PLAN_TASK_READ; burst_next_home(scene.burst, &task)) {
		read += (int)task.flight->count;
		burst_settle(scene.burst, task.flight, BURST_HOME);
	}
	assert_int_equal(read, CUTS);
	scene_end(&scene);
}

/* The agent says that it would fail anywhere: the home has it at once. */
static void what_fails_anywhere_goes_home(void **state)
{
	struct scene scene = scene_begin(state, "home", 0, 20);
	struct burst_task task;
	struct flight *flight = take(&scene);
	assert_non_null(flight);
	int run = flight->cuts[0].run;
	burst_give_back(scene.burst, flight, 0, true);
	burst_next_home(scene.burst, &task);
	assert_int_equal(task.kind, PLAN_TASK_READ);
	bool there = false;
	for (size_t i = 0; i < task.flight->count; i++)
		there = there || task.flight->cuts[i].run == run;
	assert_true(there);
	burst_give_back(scene.burst, task.flight, BURST_HOME, false);
	scene_end(&scene);
}

/* An idle home reads what a slot is late with; whoever answers first settles it, and the other changes nothing. */
static void the_first_answer_settles(void **state)
{
	struct scene scene = scene_begin(state, "first", 1, 600);
	struct flight *flight = take(&scene);
	assert_non_null(flight);
	const struct burst_measured slow = {.cuts = 64, .wall_us = 3000000000, .read_us = 1000, .cost_nano = 30, .bytes = 900000};
	burst_measure_home(scene.burst, 1000, 1000, 1, 1);
	burst_measure_cloud(scene.burst, 0, &slow);
	struct burst_task task;
	for (burst_next_home(scene.burst, &task); task.kind == PLAN_TASK_READ; burst_next_home(scene.burst, &task))
		burst_settle(scene.burst, task.flight, BURST_HOME);
	assert_true(task.kind == PLAN_TASK_HEDGE && task.flight == flight);
	assert_false(burst_is_settled(scene.burst, flight));
	burst_settle(scene.burst, task.flight, BURST_HOME);
	assert_true(burst_is_settled(scene.burst, flight));
	assert_int_equal(in_flight(&scene), 0);
	/* The late one fails: nothing waits again. */
	burst_give_back(scene.burst, flight, 0, false);
	burst_next_home(scene.burst, &task);
	assert_int_equal(task.kind, PLAN_TASK_NOTHING);
	scene_end(&scene);
}

static void a_lane_that_fails_each_time_is_left_alone(void **state)
{
	struct scene scene = scene_begin(state, "breaker", 0, 20);
	for (int i = 0; i < 3; i++)
		burst_lane_failed(scene.burst, 0, 0, "its answer is not believed");
	assert_true(view_of(&scene).lanes[0].health.healthy);
	burst_lane_failed(scene.burst, 0, 0, "its answer is not believed");
	struct burst_view view = view_of(&scene);
	assert_false(view.lanes[0].health.healthy);
	assert_true(view.lanes[0].health.closed_us > 0 && view.lanes[0].health.closed_us <= 1000000);
	assert_string_equal(view.lanes[0].health.reason, "its answer is not believed");
	struct flight *flight;
	bool hedge;
	assert_false(burst_next_cloud(scene.burst, 0, 0, &flight, &hedge));
	/* After that while it is tried again, without anybody's word. */
	assert_true(burst_next_cloud(scene.burst, 0, 5000, &flight, &hedge));
	burst_settle(scene.burst, flight, 0);
	scene_end(&scene);
}

static void without_budget_or_agent_nothing_leaves(void **state)
{
	struct scene scene = scene_begin(state, "poor", 0, 20);
	struct flight *flight;
	bool hedge;
	const struct burst_money spent = {.day = 2, .month = 20, .spent_today_nano = 2000000000};
	burst_tell_money(scene.burst, &spent);
	assert_false(burst_next_cloud(scene.burst, 0, 0, &flight, &hedge));
	const struct burst_money money = {.day = 2, .month = 20, .left_nano = 2000000000};
	const struct burst_health away = {.reason = "the agent does not answer"};
	burst_tell_money(scene.burst, &money);
	burst_tell_health(scene.burst, 0, &away);
	assert_false(burst_next_cloud(scene.burst, 0, 0, &flight, &hedge));
	assert_int_equal(view_of(&scene).plan.state, PLAN_STALLED);
	scene_end(&scene);
}

static void *wait_for_flight(void *context)
{
	struct flight *flight;
	bool hedge;
	burst_next_cloud(context, 0, 60000, &flight, &hedge);
	return NULL;
}

static void a_stop_wakes_who_waits(void **state)
{
	struct scene scene = scene_begin(state, "stop", 1, 0);
	pthread_t threads[SLOTS];
	int64_t began_us = clock_monotonic_us();
	for (int i = 0; i < SLOTS; i++)
		pthread_create(&threads[i], NULL, wait_for_flight, scene.burst);
	clock_sleep_ms(50);
	burst_stop(scene.burst);
	for (int i = 0; i < SLOTS; i++)
		pthread_join(threads[i], NULL);
	assert_true(clock_monotonic_us() - began_us < 20000000);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_cut_is_in_one_flight),
	    cmocka_unit_test(a_flight_is_mixed),
	    cmocka_unit_test(what_nobody_answers_waits_again),
	    cmocka_unit_test(what_fails_anywhere_goes_home),
	    cmocka_unit_test(the_first_answer_settles),
	    cmocka_unit_test(a_lane_that_fails_each_time_is_left_alone),
	    cmocka_unit_test(without_budget_or_agent_nothing_leaves),
	    cmocka_unit_test(a_stop_wakes_who_waits),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
