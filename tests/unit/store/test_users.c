/* Users and sessions: who may come in, and how long. */
#include "unit/store/fixture.h"

#include "store/sessions.h"

static int64_t somebody(struct fixture *f, const char *name)
{
	int64_t id;
	OK(users_add(f->store, 0, name, "correct horse", ROLE_EMBRYOLOGIST, &id, &f->err));
	return id;
}

static void the_right_password_lets_in(void **state)
{
	struct fixture *f = *state;
	struct user user;
	int64_t id = somebody(f, "eva"), other;
	OK(users_check(f->store, "EVA", "correct horse", &user, &f->err));
	assert_true(user.id == id && user.role == ROLE_EMBRYOLOGIST && !user.disabled);
	assert_string_equal(user.name, "eva");
	FAILS(ERR_CONFLICT, users_add(f->store, 0, "Eva", "another one", ROLE_ADMIN, &other, &f->err));
	FAILS(ERR_BAD_INPUT, users_add(f->store, 0, "max", "short", ROLE_ADMIN, &other, &f->err));
	FAILS(ERR_BAD_INPUT, users_add(f->store, 0, "", "long enough", ROLE_ADMIN, &other, &f->err));
	assert_int_equal(count_of(f, "SELECT password GLOB '$argon2id$v=19$m=65536,t=3,p=1$*' FROM users"),
	    1);
}

static void strangers_and_wrong_passwords_look_alike(void **state)
{
	struct fixture *f = *state;
	struct user user;
	char sentence[ERR_DETAIL_MAX];
	int64_t id = somebody(f, "eva");
	FAILS(ERR_UNAUTHENTICATED, users_check(f->store, "eva", "wrong", &user, &f->err));
	text_copy(sentence, sizeof sentence, f->err.detail);
	int64_t start_us = clock_monotonic_us();
	FAILS(ERR_UNAUTHENTICATED, users_check(f->store, "nobody", "wrong", &user, &f->err));
	/* Far more than a look into a table. */
	assert_true(clock_monotonic_us() - start_us > 20000);
	assert_string_equal(f->err.detail, sentence);
	OK(users_set_role(f->store, 0, id, ROLE_ADMIN, true, &f->err));
	FAILS(ERR_UNAUTHENTICATED, users_check(f->store, "eva", "correct horse", &user, &f->err));
	assert_string_equal(f->err.detail, sentence);
}

static void too_many_failures_close_the_name(void **state)
{
	struct fixture *f = *state;
	struct user user;
	somebody(f, "eva");
	somebody(f, "max");
	FAILS(ERR_UNAUTHENTICATED, users_check(f->store, "eva", "wrong", &user, &f->err));
	/* A success forgives what was before. */
	OK(users_check(f->store, "eva", "correct horse", &user, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM attempts"), 0);
	for (int i = 0; i < USER_FAILURES_MAX; i++)
		FAILS(ERR_UNAUTHENTICATED, users_check(f->store, "eva", "wrong", &user, &f->err));
	FAILS(ERR_UNAUTHENTICATED, users_check(f->store, "Eva", "correct horse", &user, &f->err));
	assert_non_null(strstr(f->err.detail, "too many"));
	OK(users_check(f->store, "max", "correct horse", &user, &f->err));
	/* Ten minutes later. */
	OK(db_exec(f->store->db, "UPDATE attempts SET since_us = since_us - 601000000", &f->err));
	OK(users_check(f->store, "eva", "correct horse", &user, &f->err));
}

static bool collect(const struct user *user, void *context)
{
	text_copy(context, 8, user->name);
	return false;
}

static void they_are_listed_and_changed(void **state)
{
	struct fixture *f = *state;
	struct user user;
	char first[8];
	int64_t id = somebody(f, "max");
	somebody(f, "eva");
	OK(users_each(f->store, collect, first, &f->err));
	assert_string_equal(first, "eva");
	OK(users_set_password(f->store, 9, id, "battery staple", &f->err));
	FAILS(ERR_UNAUTHENTICATED, users_check(f->store, "max", "correct horse", &user, &f->err));
	OK(users_check(f->store, "max", "battery staple", &user, &f->err));
	OK(users_set_role(f->store, 0, id, ROLE_VIEWER, false, &f->err));
	OK(users_get(f->store, id, &user, &f->err));
	assert_int_equal(user.role, ROLE_VIEWER);
	/* Somebody administers the box, always. */
	int64_t other = somebody(f, "tom");
	OK(users_set_role(f->store, 0, id, ROLE_ADMIN, false, &f->err));
	FAILS(ERR_CONFLICT, users_set_role(f->store, 0, id, ROLE_VIEWER, false, &f->err));
	FAILS(ERR_CONFLICT, users_set_role(f->store, 0, id, ROLE_ADMIN, true, &f->err));
	OK(users_set_role(f->store, 0, other, ROLE_ADMIN, false, &f->err));
	OK(users_set_role(f->store, 0, id, ROLE_VIEWER, false, &f->err));
	FAILS(ERR_NOT_FOUND, users_get(f->store, 99, &user, &f->err));
	FAILS(ERR_NOT_FOUND, users_set_password(f->store, 0, 99, "battery staple", &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'user.add' AND user_id = 0"), 3);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'user.password' AND user_id = 9"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'user.role' AND detail = 'viewer'"), 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"), 8);
}

static void a_session_lasts_until_closed(void **state)
{
	struct fixture *f = *state;
	struct user user;
	char token[SESSION_TOKEN_SIZE];
	int64_t id = somebody(f, "eva");
	OK(sessions_open(f->store, id, token, &f->err));
	assert_int_equal(strlen(token), 64);
	reopen(f);
	OK(sessions_find(f->store, token, &user, &f->err));
	assert_int_equal(user.id, id);
	OK(sessions_close(f->store, token, &f->err));
	OK(sessions_close(f->store, token, &f->err));
	OK(sessions_close(f->store, "nonsense", &f->err));
	FAILS(ERR_UNAUTHENTICATED, sessions_find(f->store, token, &user, &f->err));
	FAILS(ERR_UNAUTHENTICATED, sessions_find(f->store, "nonsense", &user, &f->err));
	FAILS(ERR_NOT_FOUND, sessions_open(f->store, 99, token, &f->err));
}

static void a_session_ends_by_itself(void **state)
{
	struct fixture *f = *state;
	struct user user;
	char token[SESSION_TOKEN_SIZE];
	int64_t id = somebody(f, "eva");
	OK(sessions_open(f->store, id, token, &f->err));
	OK(db_exec(f->store->db, "UPDATE sessions SET seen_us = seen_us - 120000000", &f->err));
	OK(sessions_find(f->store, token, &user, &f->err));
	/* Being used keeps it. */
	assert_int_equal(count_of(f, "SELECT seen_us >= made_us FROM sessions"), 1);
	OK(db_exec(f->store->db, "UPDATE sessions SET seen_us = seen_us - 3601000000", &f->err));
	FAILS(ERR_UNAUTHENTICATED, sessions_find(f->store, token, &user, &f->err));
	OK(sessions_open(f->store, id, token, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM sessions"), 1);
	OK(db_exec(f->store->db, "UPDATE sessions SET made_us = made_us - 43201000000", &f->err));
	FAILS(ERR_UNAUTHENTICATED, sessions_find(f->store, token, &user, &f->err));
}

static void a_new_role_signs_out(void **state)
{
	struct fixture *f = *state;
	struct user user;
	char token[SESSION_TOKEN_SIZE];
	int64_t id = somebody(f, "eva");
	OK(sessions_open(f->store, id, token, &f->err));
	OK(users_set_role(f->store, 0, id, ROLE_VIEWER, false, &f->err));
	FAILS(ERR_UNAUTHENTICATED, sessions_find(f->store, token, &user, &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_right_password_lets_in),
	    TEST(strangers_and_wrong_passwords_look_alike),
	    TEST(too_many_failures_close_the_name),
	    TEST(they_are_listed_and_changed),
	    TEST(a_session_lasts_until_closed),
	    TEST(a_session_ends_by_itself),
	    TEST(a_new_role_signs_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
