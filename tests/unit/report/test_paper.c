#include "unit/unit.h"

#include "report/paper.h"

#include <string.h>

static const char made[] = "2026-11-21T06:30:00Z";
static const struct pen pen = {.size = 10};

static void write_a_page(struct buf *to)
{
	struct err err;
	OWN(paper_free) struct paper *paper = NULL;
	uint8_t grey[4] = {0, 100, 200, 255};
	must(paper_open(to, "Title", made, &paper, &err));
	paper_page(paper);
	paper_line(paper, 40, 40, 0, ALIGN_LEFT, &pen, "Éloïse Dvořák");
	paper_picture(paper, 40, 60, 100, grey, 2);
	paper_diamond(paper, 40, 300, 3, 0x102030);
	paper_page(paper);
	assert_int_equal(paper_pages(paper), 2);
	must(paper_close(paper, &err));
}

static void the_same_gives_the_same_bytes(void **state)
{
	(void)state;
	OWN(buf_done) struct buf one = BUF_INIT(1 << 20);
	OWN(buf_done) struct buf two = BUF_INIT(1 << 20);
	write_a_page(&one);
	write_a_page(&two);
	assert_int_equal(one.size, two.size);
	assert_memory_equal(one.data, two.data, one.size);
	assert_memory_equal(one.data, "%PDF-", 5);
}

static void a_file_too_large_is_an_error(void **state)
{
	(void)state;
	struct err err;
	OWN(buf_done) struct buf small = BUF_INIT(100);
	OWN(paper_free) struct paper *paper = NULL;
	must(paper_open(&small, "Title", made, &paper, &err));
	paper_page(paper);
	paper_line(paper, 40, 40, 0, ALIGN_LEFT, &pen, "text");
	assert_false(paper_close(paper, &err));
}

static void lines_wrap_and_are_cut(void **state)
{
	(void)state;
	struct err err;
	OWN(paper_free) struct paper *paper = NULL;
	char word[600];
	memset(word, 'm', sizeof word - 1);
	word[sizeof word - 1] = 0;
	must(paper_open(NULL, "Title", made, &paper, &err));
	paper_page(paper);
	double line = paper_height(paper, 1000, 0, &pen, "one");
	assert_true(paper_height(paper, 60, 0, &pen, "one two three four five six") > 2 * line);
	assert_true(paper_height(paper, 60, 2, &pen, "one two three four five six") < 2.1 * line);
	assert_true(paper_height(paper, 0.5, 0, &pen, "ab") > 1.9 * line); /* a letter a line at least */
	assert_true(paper_height(paper, 100, 0, &pen, word) > 10 * line);
	assert_true(paper_height(paper, 100, 0, &pen, "") < 0.1);
	assert_true(paper_line(paper, 0, 0, 50, ALIGN_RIGHT, &pen, word) <= 50);
	must(paper_close(paper, &err));
}

/* A letter that no font here has is never another letter, and broken UTF-8 does no harm. */
static void missing_letters_are_numbers(void **state)
{
	(void)state;
	struct err err;
	OWN(paper_free) struct paper *paper = NULL;
	must(paper_open(NULL, "Title", made, &paper, &err));
	assert_true(paper_width(paper, &pen, "\345\274\240") > 5 * paper_width(paper, &pen, "M") * 0.7);
	assert_true(paper_width(paper, &pen, "[U+5F20]") == paper_width(paper, &pen, "\345\274\240"));
	assert_true(paper_width(paper, &pen, "[U+0623]") == paper_width(paper, &pen, "\330\243"));
	assert_true(paper_width(paper, &pen, "a\nb") == paper_width(paper, &pen, "a b"));
	assert_true(paper_width(paper, &pen, "\377\303\200a") > 0);
	must(paper_close(paper, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_gives_the_same_bytes),
	    cmocka_unit_test(a_file_too_large_is_an_error),
	    cmocka_unit_test(lines_wrap_and_are_cut),
	    cmocka_unit_test(missing_letters_are_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
