/* Requests that were carried out: one sent again is answered as it was. */
#include "unit/store/fixture.h"

#include "store/acts.h"
#include "store/comments.h"

/* As the server does it: find; else do it and remember the answer, all in one transaction. */
static int64_t say_once(struct fixture *f, const char *key, int64_t embryo, int64_t user)
{
	OWN(buf_done) struct buf result = BUF_INIT(100);
	bool found;
	int64_t id = 0;
	OK(store_begin(f->store, &f->err));
	OK(acts_find(f->store, key, user, &result, &found, &f->err));
	if (found) {
		id = strtoll(buf_text(&result), NULL, 10);
	} else {
		OK(comments_add(f->store, embryo, user, "hm", -1, &id, &f->err));
		buf_print(&result, "%lld", (long long)id);
		OK(acts_add(f->store, key, user, buf_text(&result), &f->err));
	}
	OK(store_commit(f->store, &f->err));
	return id;
}

static void one_sent_again_adds_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva");
	assert_int_equal(say_once(f, "a-1", embryo, eva), 1);
	assert_int_equal(say_once(f, "a-1", embryo, eva), 1);
	assert_int_equal(say_once(f, "a-2", embryo, eva), 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM comments"), 2);
}

static void what_failed_is_no_act(void **state)
{
	struct fixture *f = *state;
	int64_t eva = a_user(f, "eva"), id;
	OWN(buf_done) struct buf result = BUF_INIT(100);
	bool found;
	OK(store_begin(f->store, &f->err));
	OK(acts_add(f->store, "a-1", eva, "", &f->err));
	FAILS(ERR_NOT_FOUND, comments_add(f->store, 99, eva, "hm", -1, &id, &f->err));
	store_rollback(f->store);
	OK(acts_find(f->store, "a-1", eva, &result, &found, &f->err));
	assert_false(found);
}

static void keys_are_checked(void **state)
{
	struct fixture *f = *state;
	int64_t eva = a_user(f, "eva"), max = a_user(f, "max");
	char longest[ACT_KEY_MAX + 2];
	OWN(buf_done) struct buf result = BUF_INIT(100);
	bool found;
	memset(longest, 'x', ACT_KEY_MAX + 1);
	longest[ACT_KEY_MAX + 1] = 0;
	FAILS(ERR_BAD_INPUT, acts_find(f->store, "", eva, &result, &found, &f->err));
	FAILS(ERR_BAD_INPUT, acts_find(f->store, "a b", eva, &result, &found, &f->err));
	FAILS(ERR_BAD_INPUT, acts_add(f->store, longest, eva, "", &f->err));
	longest[ACT_KEY_MAX] = 0;
	OK(acts_add(f->store, longest, eva, "{}", &f->err));
	FAILS(ERR_CONFLICT, acts_find(f->store, longest, max, &result, &found, &f->err));
	FAILS(ERR_CONFLICT, acts_add(f->store, longest, eva, "{}", &f->err));
}

static void they_are_forgotten_after_a_month(void **state)
{
	struct fixture *f = *state;
	int64_t eva = a_user(f, "eva");
	OWN(buf_done) struct buf result = BUF_INIT(100);
	bool found;
	OK(acts_add(f->store, "old", eva, "1", &f->err));
	OK(db_exec(f->store->db, "UPDATE acts SET made_us = made_us - 30 * 86400000000 - 1", &f->err));
	OK(acts_find(f->store, "old", eva, &result, &found, &f->err));
	assert_false(found);
	OK(acts_add(f->store, "new", eva, "2", &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM acts"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_sent_again_adds_nothing),
	    TEST(what_failed_is_no_act),
	    TEST(keys_are_checked),
	    TEST(they_are_forgotten_after_a_month),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
