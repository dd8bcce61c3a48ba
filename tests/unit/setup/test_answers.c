#include "unit/unit.h"

#include "setup/answers.h"

#include <string.h>

static struct err err;
static struct answers answers;

static void what_is_asked_nothing_is_right(void **state)
{
	(void)state;
	struct answers other;
	answers_default(&answers);
	answers_default(&other);
	must(answers_check_all(&answers, &err));
	assert_string_not_equal(answers.site, other.site);
}

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	OWN(buf_done) struct buf text = BUF_INIT(1 << 16);
	struct answers again;
	answers_default(&answers);
	must(answers_take(&answers,
	    "clinic = Klinik Sankt Märten\npassword_file = /root/secret\nregions = eu-central-1, eu-west-3\n"
	    "share = one local /srv/one\nshare = two smb //nas/Embryo Data "
	    "credentials=/root/two\nautomatic_updates = no\n",
	    &err));
	answers_write(&answers, &text);
	assert_null(strstr(buf_text(&text), "/root/"));
	answers_default(&again);
	must(answers_take(&again, buf_text(&text), &err));
	assert_string_equal(again.clinic, "Klinik Sankt Märten");
	assert_string_equal(again.site, answers.site);
	assert_string_equal(again.shares, "one local /srv/one\ntwo smb //nas/Embryo Data\n");
	assert_false(again.automatic_updates);
	assert_string_equal(again.password_file, "");
}

static void a_wrong_answer_is_named(void **state)
{
	/* the line, what the sentence must name */
	static const char *const cases[][2] = {{"clinic =", "clinic"},
	    {"site = Praxis Dr. Huber", "pseudonym"}, {"site =", "pseudonym"}, {"admin =", "administrator"},
	    {"password_file = /nowhere", "/nowhere"}, {"decision_hour = 7:30", "07:30"},
	    {"decision_hour = 24:00", "07:30"}, {"decision_hour = -7:30", "07:30"},
	    {"decision_hour = 07:60", "07:30"}, {"decision_hour = 07:3x", "07:30"},
	    {"time_zone = ../../etc/passwd", "Europe/Paris"}, {"time_zone = /etc/passwd", "Europe/Paris"},
	    {"regions = a b", "a b"}, {"regions = a,b,c,d,e,f,g,h,i", "at most"}, {"budget_day = -1", "day"},
	    {"budget_month = much", "month"}, {"names = two words", "two words"}, {"names = -a", "host name"},
	    {"names = 1,2,3,4,5,6,7,8,9", "at most"}, {"tls = none", "self-made"}, {"share = x", "share x"},
	    {"working_hours = always", "always"}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		answers_default(&answers);
		must(answers_take(&answers, cases[i][0], &err));
		must_fail(answers_check_all(&answers, &err), ERR_BAD_INPUT);
		if (!strstr(err.detail, cases[i][1])) {
			print_error("%s: %s\n", cases[i][0], err.detail);
			fail();
		}
	}
}

static bool count(const char *item, void *context, struct err *why)
{
	(void)why;
	int *counted = context;
	assert_int_equal(item[0], 'a' + *counted);
	++*counted;
	return *counted < 4;
}

static void lists_have_blanks_and_ends(void **state)
{
	(void)state;
	int counted = 0;
	must(answers_each(" a ,, b,c, ", count, &counted, &err));
	assert_int_equal(counted, 3);
	counted = 0;
	assert_false(answers_each("a,b,c,d,e", count, &counted, &err));
	assert_int_equal(counted, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_asked_nothing_is_right),
	    cmocka_unit_test(what_is_written_is_read_again),
	    cmocka_unit_test(a_wrong_answer_is_named),
	    cmocka_unit_test(lists_have_blanks_and_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
