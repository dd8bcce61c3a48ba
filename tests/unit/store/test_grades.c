/* Grades: one an author and stage, the newest counts, none is lost. */
#include "unit/store/fixture.h"

#include "store/grades.h"

#include <pthread.h>

static const struct grade early = {.stage = GRADE_BLASTOCYST, .gardner = {2, 0, 0}};
static const struct grade late = {.stage = GRADE_BLASTOCYST, .gardner = {4, 'A', 'B'}};
static const struct grade cells = {.stage = GRADE_CLEAVAGE, .quality = GRADE_TOP};

static bool list(const struct grade *grade, void *context)
{
	char text[GRADE_TEXT_SIZE];
	grade_format(text, grade);
	buf_print(context, "%s %s;", grade->author, text);
	return true;
}

/* The current ones, newest first. */
static void assert_current(struct fixture *f, int64_t embryo, const char *expected)
{
	OWN(buf_done) struct buf text = BUF_INIT(4096);
	OK(grades_each(f->store, embryo, list, &text, &f->err));
	assert_string_equal(buf_text(&text), expected);
}

static void the_newest_of_a_blastocyst_counts(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), max = a_user(f, "max");
	struct grade grade;
	bool found;
	OK(grades_get(f->store, embryo, &grade, &found, &f->err));
	assert_false(found);
	OK(grades_add(f->store, embryo, eva, &early, &f->err));
	OK(grades_add(f->store, embryo, eva, &late, &f->err));
	OK(grades_add(f->store, embryo, max, &cells, &f->err));
	OK(grades_get(f->store, embryo, &grade, &found, &f->err));
	assert_true(found && grade.gardner.expansion == 4 && grade.gardner.icm == 'A' && grade.gardner.te == 'B');
	assert_string_equal(grade.author, "eva");
	assert_true(grade.user_id == eva && grade.made_us > 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM grades"), 3);
	assert_current(f, embryo, "max top;eva 4AB;");
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'grade.add' AND detail = 'blastocyst 4AB'"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE kind = 'evaluate'"), 1);
	assert_int_equal(problems(f), 0);
}

static void each_stage_has_its_own(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), max = a_user(f, "max");
	bool given;
	OK(grades_add(f->store, embryo, eva, &cells, &f->err));
	OK(grades_add(f->store, embryo, eva, &late, &f->err));
	assert_current(f, embryo, "eva 4AB;eva top;");
	OK(grades_withdraw(f->store, embryo, eva, GRADE_BLASTOCYST, &f->err));
	assert_current(f, embryo, "eva top;");
	OK(grades_given(f->store, embryo, eva, &given, &f->err));
	assert_true(given);
	OK(grades_given(f->store, embryo, max, &given, &f->err));
	assert_false(given);
	OK(grades_withdraw(f->store, embryo, eva, GRADE_CLEAVAGE, &f->err));
	OK(grades_given(f->store, embryo, eva, &given, &f->err));
	assert_false(given);
	FAILS(ERR_NOT_FOUND, grades_withdraw(f->store, embryo, eva, GRADE_CLEAVAGE, &f->err));
	FAILS(ERR_NOT_FOUND, grades_withdraw(f->store, embryo, max, GRADE_MORULA, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM grades"), 2);
}

static void the_same_again_is_no_news(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva");
	OK(grades_add(f->store, embryo, eva, &late, &f->err));
	OK(grades_add(f->store, embryo, eva, &late, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM grades"), 1);
	OK(grades_withdraw(f->store, embryo, eva, GRADE_BLASTOCYST, &f->err));
	OK(grades_add(f->store, embryo, eva, &late, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM grades"), 2);
}

static void an_unfit_one_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva");
	const struct grade bad = {.stage = GRADE_BLASTOCYST, .gardner = {7, 'A', 'B'}};
	FAILS(ERR_BAD_INPUT, grades_add(f->store, embryo, eva, &bad, &f->err));
	FAILS(ERR_NOT_FOUND, grades_add(f->store, 99, eva, &late, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM grades"), 0);
}

struct grader {
	const char *folder;
	int64_t embryo, user;
	bool ok;
};

enum { ROUNDS = 20 };

static void *grade_on(void *context)
{
	struct grader *grader = context;
	struct err err;
	OWN(store_close) struct store *store = NULL;
	grader->ok = store_open(grader->folder, &store, &err);
	for (int i = 0; grader->ok && i < ROUNDS; i++)
		grader->ok = grades_add(store, grader->embryo, grader->user, i % 2 ? &early : &late, &err);
	return NULL;
}

/* Two people at once lose nothing. */
static void two_at_once_lose_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1);
	struct grader graders[2] = {{f->folder, embryo, a_user(f, "eva"), false}, {f->folder, embryo, a_user(f, "max"), false}};
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, grade_on, &graders[i]), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_true(graders[0].ok && graders[1].ok);
	assert_int_equal(count_of(f, "SELECT count(*) FROM grades"), 2 * ROUNDS);
	assert_int_equal(count_of(f, "SELECT count(*) FROM grades WHERE replaced_by IS NULL"), 2);
	assert_int_equal(problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_newest_of_a_blastocyst_counts),
	    TEST(each_stage_has_its_own),
	    TEST(the_same_again_is_no_news),
	    TEST(an_unfit_one_is_refused),
	    TEST(two_at_once_lose_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
