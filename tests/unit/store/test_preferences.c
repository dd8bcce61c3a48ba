/* What each user likes: kept as it came, each one's own. */
#include "unit/store/fixture.h"

#include "store/preferences.h"

static void each_has_their_own(void **state)
{
	struct fixture *f = *state;
	int64_t eva = a_user(f, "eva"), max = a_user(f, "max");
	OWN(buf_done) struct buf text = BUF_INIT(LIMIT_PREFERENCES + 1);
	bool found;
	OK(preferences_put(f->store, eva, "{\"theme\":\"dark\"}", &f->err));
	OK(preferences_put(f->store, eva, "{\"theme\":\"light\"}", &f->err));
	OK(preferences_get(f->store, max, &text, &found, &f->err));
	assert_false(found);
	OK(preferences_get(f->store, eva, &text, &found, &f->err));
	assert_true(found);
	assert_string_equal(buf_text(&text), "{\"theme\":\"light\"}");
}

static void too_much_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t eva = a_user(f, "eva");
	static char longest[LIMIT_PREFERENCES + 2];
	OWN(buf_done) struct buf text = BUF_INIT(LIMIT_PREFERENCES + 1);
	bool found;
	memset(longest, ' ', LIMIT_PREFERENCES + 1);
	FAILS(ERR_TOO_LARGE, preferences_put(f->store, eva, longest, &f->err));
	longest[LIMIT_PREFERENCES] = 0;
	OK(preferences_put(f->store, eva, longest, &f->err));
	OK(preferences_get(f->store, eva, &text, &found, &f->err));
	assert_true(found && text.size == LIMIT_PREFERENCES);
	FAILS(ERR_NOT_FOUND, preferences_put(f->store, 99, "{}", &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_has_their_own),
	    TEST(too_much_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
