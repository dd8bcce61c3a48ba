/* The plan is the last one put; batches are listed newest first, end once, and grow to no end. */
#include "unit/store/fixture.h"

#include "store/bursts.h"

static void add(struct fixture *f, const char *id, bool hedge)
{
	struct burst_batch batch = {.cuts = 64, .embryos = 7, .made_us = 1000, .hedge = hedge};
	text_copy(batch.id, sizeof batch.id, id);
	text_copy(batch.lane, sizeof batch.lane, "frankfurt");
	text_copy(batch.why, sizeof batch.why, hedge ? "hedge" : "spill");
	OK(bursts_batch_add(f->store, &batch, &f->err));
}

struct listed {
	struct burst_batch batches[4];
	int count;
};

static bool keep(const struct burst_batch *batch, void *context)
{
	struct listed *listed = context;
	listed->batches[listed->count++] = *batch;
	return listed->count < 4;
}

static void the_last_plan_is_kept(void **state)
{
	struct fixture *f = *state;
	OWN(buf_done) struct buf text = BUF_INIT(BURST_PLAN_MAX);
	bool found;
	OK(bursts_plan_get(f->store, &text, &found, &f->err));
	assert_false(found);
	OK(bursts_plan_put(f->store, "{\"state\":\"home\"}", &f->err));
	OK(bursts_plan_put(f->store, "{\"state\":\"spilling\"}", &f->err));
	OK(bursts_plan_get(f->store, &text, &found, &f->err));
	assert_true(found);
	assert_string_equal(buf_text(&text), "{\"state\":\"spilling\"}");
}

static void a_batch_ends_once(void **state)
{
	struct fixture *f = *state;
	struct listed listed = {0};
	add(f, "aa", false);
	add(f, "bb", true);
	add(f, "cc", false);
	FAILS(ERR_CONFLICT, bursts_batch_add(f->store, &(struct burst_batch){.id = "aa"}, &f->err));
	OK(bursts_batch_end(f->store, "aa", BATCH_ANSWERED, "", &f->err));
	OK(bursts_batch_end(f->store, "aa", BATCH_FAILED, "too late", &f->err));
	OK(bursts_batch_end(f->store, "bb", BATCH_HOME, "it fails anywhere", &f->err));
	OK(bursts_recover(f->store, &f->err));
	OK(bursts_batches_each(f->store, 10, keep, &listed, &f->err));
	assert_int_equal(listed.count, 3);
	assert_string_equal(listed.batches[0].id, "cc");
	assert_true(listed.batches[0].state == BATCH_FAILED && strstr(listed.batches[0].sentence, "stopped"));
	assert_true(listed.batches[1].state == BATCH_HOME && listed.batches[1].hedge && listed.batches[1].ended_us > 0);
	assert_true(listed.batches[2].state == BATCH_ANSWERED && listed.batches[2].cuts == 64);
	assert_string_equal(listed.batches[2].lane, "frankfurt");
	assert_string_equal(batch_state_name(BATCH_HOME), "home");
}

static void old_batches_are_dropped(void **state)
{
	struct fixture *f = *state;
	char sql[128];
	add(f, "aa", false);
	add(f, "bb", false);
	snprintf(sql, sizeof sql, "UPDATE batches SET seq = %d WHERE id = 'bb'", BATCHES_KEPT + 1);
	OK(db_exec(f->store->db, sql, &f->err));
	snprintf(sql, sizeof sql, "UPDATE sqlite_sequence SET seq = %d WHERE name = 'batches'", BATCHES_KEPT + 1);
	OK(db_exec(f->store->db, sql, &f->err));
	add(f, "cc", false);
	assert_int_equal(count_of(f, "SELECT count(*) FROM batches WHERE id = 'aa'"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM batches"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_last_plan_is_kept),
	    TEST(a_batch_ends_once),
	    TEST(old_batches_are_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
