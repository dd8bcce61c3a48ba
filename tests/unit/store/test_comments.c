/* Comments: sealed, in order, taken back only by who made them. */
#include "unit/store/fixture.h"

#include "store/comments.h"

static bool list(const struct comment *comment, void *context)
{
	buf_print(context, "%s@%d: %s|", comment->author, comment->run, comment->text);
	return true;
}

static void assert_current(struct fixture *f, int64_t embryo, const char *expected)
{
	OWN(buf_done) struct buf text = BUF_INIT(8192);
	OK(comments_each(f->store, embryo, list, &text, &f->err));
	assert_string_equal(buf_text(&text), expected);
}

static bool holds_no_word(const char *full, const char *relative, void *context, struct err *err)
{
	OWN(buf_done) struct buf content = BUF_INIT(16 << 20);
	(void)relative;
	(void)context;
	assert_true(file_read(full, &content, err));
	assert_null(memmem(content.data, content.size, "mouvement", 9));
	return true;
}

static void they_stand_in_order_and_sealed(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), max = a_user(f, "max"), id;
	OK(comments_add(f->store, embryo, eva, "un mouvement à 30 h\nencore un", 30, &id, &f->err));
	OK(comments_add(f->store, embryo, max, "nothing", -1, &id, &f->err));
	assert_current(f, embryo, "eva@30: un mouvement à 30 h\nencore un|max@-1: nothing|");
	OK(folder_walk(f->folder, 3, holds_no_word, NULL, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'comment.add' AND detail = ''"), 2);
	assert_int_equal(problems(f), 0);
	OK(db_exec(f->store->db, "UPDATE comments SET text = (SELECT text FROM comments WHERE id = 1) WHERE id = 2", &f->err));
	assert_int_equal(problems(f), 1);
}

static void its_author_takes_one_back(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1), other = an_embryo(f, dish, 2);
	int64_t eva = a_user(f, "eva"), max = a_user(f, "max"), id;
	OK(comments_add(f->store, embryo, eva, "hm", -1, &id, &f->err));
	FAILS(ERR_FORBIDDEN, comments_withdraw(f->store, embryo, id, max, &f->err));
	FAILS(ERR_NOT_FOUND, comments_withdraw(f->store, other, id, eva, &f->err));
	OK(comments_withdraw(f->store, embryo, id, eva, &f->err));
	FAILS(ERR_NOT_FOUND, comments_withdraw(f->store, embryo, id, eva, &f->err));
	assert_current(f, embryo, "");
	assert_int_equal(count_of(f, "SELECT count(*) FROM comments WHERE length(text) > 0"), 1);
}

static void an_unfit_one_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), id;
	char longest[LIMIT_COMMENT + 1];
	memset(longest, 'x', sizeof longest);
	longest[LIMIT_COMMENT] = 0;
	FAILS(ERR_TOO_LARGE, comments_add(f->store, embryo, eva, longest, -1, &id, &f->err));
	longest[LIMIT_COMMENT - 1] = 0;
	OK(comments_add(f->store, embryo, eva, longest, -1, &id, &f->err));
	FAILS(ERR_BAD_INPUT, comments_add(f->store, embryo, eva, "", -1, &id, &f->err));
	FAILS(ERR_BAD_INPUT, comments_add(f->store, embryo, eva, " \n ", -1, &id, &f->err));
	FAILS(ERR_BAD_INPUT, comments_add(f->store, embryo, eva, "\x01", -1, &id, &f->err));
	FAILS(ERR_BAD_INPUT, comments_add(f->store, embryo, eva, "\xff", -1, &id, &f->err));
	FAILS(ERR_NOT_FOUND, comments_add(f->store, 99, eva, "x", -1, &id, &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(they_stand_in_order_and_sealed),
	    TEST(its_author_takes_one_back),
	    TEST(an_unfit_one_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
