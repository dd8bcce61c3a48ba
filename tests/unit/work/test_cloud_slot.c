/* A cloud slot brings home the readings that this box's own reader would give, of each cut once; whatever else comes
 * back is not believed, and the cuts wait on or are left to the lanes at home. */
#include "unit/work/models_made.h"
#include "unit/work/region_made.h"

#include "store/bursts.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/frames.h"
#include "store/patients.h"
#include "store/tracks.h"
#include "store/waiting.h"
#include "work/cloud_slot.h"
#include "work/lane.h"

enum { EMBRYOS = 3, RUNS = 30, CUTS = EMBRYOS * RUNS };

static struct err err;

/* A store with cuts that wait, a box without lanes, and a region. */
struct scene {
	char folder[128];
	struct store *store;
	struct region *region;
	struct work *work;
	int64_t embryos[EMBRYOS];
};

static void fill_cut(struct cut *cut, int embryo, int run)
{
	memset(cut, 0, sizeof *cut);
	cut->planes = (uint8_t)(1 + run % 3);
	cut->radius_permille = 321;
	for (int p = 0; p < cut->planes; p++)
		for (int i = 0; i < CUT_SIDE * CUT_SIDE; i++)
			cut->pixels[p][i] = (uint8_t)(100 + (i * (run + p + 3) >> 5) % 60 + embryo);
}

static void add_waiting_runs(struct store *store, int64_t dish, int64_t embryo)
{
	static struct cut cuts[RUNS];
	static uint8_t pictures[RUNS][64];
	struct frame_new frames[RUNS];
	struct reading_new news[RUNS] = {0};
	enum frame_outcome outcomes[RUNS];
	for (int i = 0; i < RUNS; i++) {
		int run = i + 1;
		snprintf((char *)pictures[i], sizeof pictures[i], "embryo %lld run %d", (long long)embryo, run);
		frames[i] = (struct frame_new){.embryo_id = embryo, .run = run, .width = 100, .height = 100,
		    .data = pictures[i], .size = sizeof pictures[i]};
		fill_cut(&cuts[i], (int)embryo, run);
		news[i].row = (struct cut_row){
		    .run = run, .planes = 1, .made = true, .waiting = true, .motion = (uint16_t)run};
		news[i].cut = &cuts[i];
	}
	must(frames_add(store, dish, frames, RUNS, outcomes, &err));
	must(readings_store(store, embryo, "made-1", "none", news, RUNS, &err));
}

/* The decision is just past: whatever can be read elsewhere goes there. */
static void fill_store(struct scene *scene)
{
	int64_t dish;
	struct cycle cycle = {.label = "c", .decision_us = clock_now_us() - 60000000};
	const struct patient patient = {.name = "A", .identifier = "A1"};
	must(dishes_obtain(scene->store, "S1", "test", 0, &dish, &err));
	must(patients_add(scene->store, 0, &patient, &cycle.patient_id, &err));
	must(cycles_add(scene->store, 0, &cycle, &cycle.id, &err));
	must(dishes_assign(scene->store, dish, cycle.id, 0, &err));
	for (int e = 0; e < EMBRYOS; e++) {
		must(embryos_obtain(scene->store, dish, e + 1, &scene->embryos[e], &err));
		add_waiting_runs(scene->store, dish, scene->embryos[e]);
	}
}

static struct scene *scene_begin(void **state, const char *name)
{
	struct scene *scene = calloc(1, sizeof *scene);
	path_join(scene->folder, sizeof scene->folder, *state, name);
	must(store_create(scene->folder, &err));
	must(store_open(scene->folder, &scene->store, &err));
	model_made(scene->folder, "made", "1", 1);
	scene->region = region_start(scene->folder, 1, 2);
	fill_store(scene);
	struct work *work = scene->work = calloc(1, sizeof *work);
	pthread_mutex_init(&work->lock, NULL);
	work->options = (struct work_options){.store_folder = scene->folder, .sync_socket = scene->region->socket};
	work->cloud = scene->region->cloud;
	must(current_new(scene->folder, false, &work->current, &err));
	must(burst_new(work->cloud, 0, &work->burst, &err));
	must(burst_load(work->burst, scene->store, &err));
	must(burst_refresh(work->burst, scene->store, 0, &err));
	const struct burst_health health = {.healthy = true};
	const struct burst_money money = {.day = 2, .month = 20, .left_nano = 2000000000};
	burst_tell_health(work->burst, 0, &health);
	burst_tell_money(work->burst, &money);
	return scene;
}

static void start(struct scene *scene)
{
	must(cloud_slots_start(scene->work, &scene->work->slots, &err));
}

static void stop(struct scene *scene)
{
	struct work *work = scene->work;
	pthread_mutex_lock(&work->lock);
	work->stopping = true;
	pthread_mutex_unlock(&work->lock);
	burst_stop(work->burst);
	cloud_slots_stop(work->slots);
	work->slots = NULL;
}

static void scene_end(struct scene *scene)
{
	stop(scene);
	burst_free(scene->work->burst);
	current_free(scene->work->current);
	pthread_mutex_destroy(&scene->work->lock);
	free(scene->work);
	region_stop(scene->region);
	store_close(scene->store);
	free(scene);
}

static int64_t waiting_now(struct scene *scene)
{
	int64_t count;
	must(waiting_count(scene->store, &count, &err));
	return count;
}

/* As the outlook does it, which asks an agent that hung up until it answers. */
static void tell_of_agent(struct scene *scene)
{
	const struct burst_health health = {.healthy = true};
	if (burst_agent_there(scene->work->burst))
		return;
	burst_tell_health(scene->work->burst, 0, &health);
	burst_tell_agent(scene->work->burst, true, "");
}

static bool waits_until_read(struct scene *scene, int64_t left)
{
	for (int i = 0; i < 3000 && waiting_now(scene) > left; i++) {
		clock_sleep_ms(10);
		tell_of_agent(scene);
	}
	return waiting_now(scene) == left;
}

struct tally {
	int states[BATCH_STATES], hedges;
	char sentences[4 * ERR_DETAIL_MAX]; /* of those that failed */
};

static bool count_batch(const struct burst_batch *batch, void *context)
{
	struct tally *tally = context;
	tally->states[batch->state]++;
	tally->hedges += batch->hedge;
	size_t used = strlen(tally->sentences);
	if (batch->state == BATCH_FAILED)
		snprintf(tally->sentences + used, sizeof tally->sentences - used, "%s; ", batch->sentence);
	return true;
}

static struct tally tally_of(struct scene *scene)
{
	struct tally tally = {0};
	must(bursts_batches_each(scene->store, 1000, count_batch, &tally, &err));
	return tally;
}

/* All readings are those that this box's reader gives of the very cut, with the motion measured when it was cut. */
static void assert_all_read(struct scene *scene)
{
	static struct cut cut;
	struct reading expected;
	for (int e = 0; e < EMBRYOS; e++) {
		OWN(track_done) struct track track = {0};
		must(tracks_load(scene->store, scene->embryos[e], &track, &err));
		assert_int_equal(track.count, RUNS);
		for (int i = 0; i < RUNS; i++) {
			fill_cut(&cut, (int)scene->embryos[e], i + 1);
			read_cut(scene->region->network.network, scene->region->network.scratch, &cut, &expected);
			assert_true(track.points[i].read);
			assert_memory_equal(&track.points[i].reading, &expected, sizeof expected);
			assert_int_equal(track.points[i].motion, i + 1);
		}
	}
}

static void the_readings_are_our_own(void **state)
{
	struct scene *scene = scene_begin(state, "good");
	start(scene);
	assert_true(waits_until_read(scene, 0));
	stop(scene);
	assert_all_read(scene);
	struct tally tally = tally_of(scene);
	assert_true(tally.states[BATCH_ANSWERED] >= 2 && tally.states[BATCH_FAILED] == 0 && tally.states[BATCH_HOME] == 0);
	assert_int_equal(scene->work->runs_done, CUTS);
	/* The agent is told no more than it needs; the function sees pixels and digests only. */
	OWN(json_decref) json_t *text = NULL;
	must(json_parse(scene->region->last_text, strlen(scene->region->last_text), &text, &err));
	assert_int_equal(json_object_size(text), 5);
	assert_string_equal(json_text(text, "why", ""), "spill");
	assert_string_equal(json_text(text, "endpoint", ""), "near");
	scene_end(scene);
}

/* Two of these come back in place of answers; then all goes well. */
static void what_is_not_the_answer_is_not_believed(void **state)
{
	static const struct {
		enum region_fate fates[2];
		const char *words[2];
	} cases[] = {
	    {{REGION_FLIPS_A_BIT, REGION_ANSWERS_ANOTHER_BATCH}, {"the seal does not open", "another batch"}},
	    {{REGION_READS_WITH_ANOTHER_READER, REGION_REFUSES_SEALED}, {"another reader", "not the one it is named as"}},
	    {{REGION_FAILS, REGION_HANGS_UP}, {"made to fail", "hung up"}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char name[32];
		snprintf(name, sizeof name, "wrong-%zu", i);
		struct scene *scene = scene_begin(state, name);
		/* Another batch's answer needs one before it. */
		const enum region_fate fates[] = {REGION_ANSWERS, cases[i].fates[0], cases[i].fates[1], REGION_ANSWERS};
		memcpy(scene->region->fates, fates, sizeof fates);
		scene->region->fates_count = 4;
		start(scene);
		assert_true(waits_until_read(scene, 0));
		stop(scene);
		assert_all_read(scene);
		struct tally tally = tally_of(scene);
		assert_true(tally.states[BATCH_FAILED] == 2 && tally.states[BATCH_SENT] == 0);
		for (int k = 0; k < 2; k++)
			assert_non_null(strstr(tally.sentences, cases[i].words[k]));
		scene_end(scene);
	}
}

/* The agent says that no endpoint can do better: nobody asks again, a lane at home gets the cuts. */
static void what_fails_anywhere_is_left_to_the_home(void **state)
{
	struct scene *scene = scene_begin(state, "anywhere");
	struct burst_task task;
	scene->region->fates[0] = REGION_FAILS_ANYWHERE;
	start(scene);
	for (int i = 0; i < 1000 && tally_of(scene).states[BATCH_HOME] < 2; i++)
		clock_sleep_ms(10);
	stop(scene);
	assert_int_equal(waiting_now(scene), CUTS);
	size_t given = 0;
	for (burst_next_home(scene->work->burst, &task); task.kind == PLAN_TASK_READ && given < CUTS;
	     burst_next_home(scene->work->burst, &task))
		given += task.flight->count;
	assert_int_equal(given, CUTS);
	scene_end(scene);
}

static void a_stop_waits_for_no_answer(void **state)
{
	struct scene *scene = scene_begin(state, "silent");
	scene->region->fates[0] = REGION_KEEPS_SILENT;
	start(scene);
	for (int i = 0; i < 1000 && scene->region->silent_open < 2; i++)
		clock_sleep_ms(10);
	assert_int_equal(scene->region->silent_open, 2);
	int64_t began_us = clock_monotonic_us();
	stop(scene);
	assert_true(clock_monotonic_us() - began_us < 10000000);
	assert_int_equal(waiting_now(scene), CUTS);
	assert_int_equal(tally_of(scene).states[BATCH_FAILED], 2);
	scene_end(scene);
}

static void without_an_agent_the_cuts_wait(void **state)
{
	struct scene *scene = scene_begin(state, "away");
	scene->work->options.sync_socket = "/nowhere/sync.sock";
	start(scene);
	struct tally tally = {0};
	for (int i = 0; i < 1000 && tally.states[BATCH_FAILED] == 0; i++) {
		clock_sleep_ms(10);
		tally = tally_of(scene);
	}
	assert_non_null(strstr(tally.sentences, "does not answer"));
	assert_int_equal(waiting_now(scene), CUTS);
	scene_end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_readings_are_our_own),
	    cmocka_unit_test(what_is_not_the_answer_is_not_believed),
	    cmocka_unit_test(what_fails_anywhere_is_left_to_the_home),
	    cmocka_unit_test(a_stop_waits_for_no_answer),
	    cmocka_unit_test(without_an_agent_the_cuts_wait),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
