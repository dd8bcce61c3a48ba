#include "unit/unit.h"

#include "base/phrases.h"

#include <string.h>

static const struct phrase phrases[] = {
    {"the slide is damaged", "la lame est abîmée"},
    {"slide {} lies in drawer {}", "la lame {} est dans le tiroir {}"},
    {"not taken: {}", "non pris : {}"},
};

static void told(const char *sentence, bool known, const char *expected)
{
	char text[128];
	assert_int_equal(phrases_tell(phrases, sizeof phrases / sizeof *phrases, sentence, text, sizeof text), known);
	assert_string_equal(text, expected);
}

static void tells_by_the_first_pattern_that_fits(void **state)
{
	(void)state;
	told("the slide is damaged", true, "la lame est abîmée");
	told("slide A 1 lies in drawer 7", true, "la lame A 1 est dans le tiroir 7");
}

static void tells_a_sentence_inside_another(void **state)
{
	(void)state;
	told("not taken: slide A lies in drawer 7", true, "non pris : la lame A est dans le tiroir 7");
	told("not taken: 2.5 h", true, "non pris : 2,5 h");
	told("not taken: what nobody knows", true, "non pris : what nobody knows");
}

static void leaves_what_it_does_not_know(void **state)
{
	(void)state;
	told("the slide is damaged.", false, "the slide is damaged.");
	told("slide A lies in drawer ", false, "slide A lies in drawer ");
	told("", false, "");
}

static void cuts_what_does_not_fit(void **state)
{
	(void)state;
	char text[8];
	phrases_tell(phrases, sizeof phrases / sizeof *phrases, "not taken: 2.5 h", text, sizeof text);
	assert_string_equal(text, "non pri");
	phrases_fill(text, sizeof text, "{} of {}", (const char *const[]){"12", "345678"});
	assert_string_equal(text, "12 of 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_by_the_first_pattern_that_fits),
	    cmocka_unit_test(tells_a_sentence_inside_another),
	    cmocka_unit_test(leaves_what_it_does_not_know),
	    cmocka_unit_test(cuts_what_does_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
