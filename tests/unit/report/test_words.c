#include "unit/unit.h"

#include "report/words.h"

#include <string.h>

static void told(enum language language, const char *sentence, const char *expected)
{
	char text[512];
	words_tell(language, sentence, text, sizeof text);
	assert_string_equal(text, expected);
}

static void tells_a_sentence_by_its_pattern(void **state)
{
	(void)state;
	told(LANGUAGE_FR, "needs t3, t5", "il faut t3, t5");
	told(LANGUAGE_FR, "2.0 h", "2,0 h");
	told(LANGUAGE_FR, "t3 - t2 is 3.2 h by automatic times; a person should look",
	    "t3 - t2 vaut 3,2 h en temps automatiques ; une personne doit regarder");
	told(LANGUAGE_FR, "Before well 3: its reading is surer.", "Avant le puits 3 : sa lecture est plus sûre.");
	told(LANGUAGE_FR, "At 119.5 h it had reached the blastocyst stage.",
	    "À 119,5 h, stade atteint : blastocyste.");
	told(LANGUAGE_FR,
	    "Its compared events are on average 2.0 h earlier than the medians of its "
	    "insemination method.",
	    "Ses événements comparés sont en moyenne 2,0 h avant les médianes de sa méthode "
	    "d’insémination.");
	told(LANGUAGE_FR, "reverse-cleavage suspected: the count falls from 4 to 2 cells; a person should look.",
	    "Clivage inverse, suspecté : le compte tombe de 4 à 2 cellules ; une personne doit "
	    "regarder.");
}

static void leaves_what_it_does_not_know(void **state)
{
	(void)state;
	told(LANGUAGE_FR, "uneven cells at the 2-cell stage", "uneven cells at the 2-cell stage");
	told(LANGUAGE_FR, "", "");
	told(LANGUAGE_EN, "needs t3, t5", "needs t3, t5");
	assert_string_equal(words_name(LANGUAGE_FR, "flag", "a-flag-of-tomorrow"), "a-flag-of-tomorrow");
	assert_string_equal(words_name(LANGUAGE_FR, "decision", "freeze"), "Congeler");
}

static void cuts_what_does_not_fit(void **state)
{
	(void)state;
	char small[8], many[300];
	memset(many, 'a', sizeof many - 1);
	many[sizeof many - 1] = 0;
	words_tell(LANGUAGE_FR, "needs t3, t5, t8, t9", small, sizeof small);
	assert_true(strlen(small) < sizeof small);
	words_tell(LANGUAGE_FR, many, small, sizeof small);
	assert_string_equal(small, "aaaaaaa");
	WORDS_FILL(small, LANGUAGE_EN, WORD_RANK_OF, "1", "24");
	assert_string_equal(small, "Rank 1 ");
}

static void every_word_is_in_every_language(void **state)
{
	(void)state;
	for (int word = 0; word < WORD_COUNT; word++)
		for (int language = 0; language < LANGUAGE_COUNT; language++)
			assert_true(words_say((enum language)language, (enum word)word)[0] != 0);
	enum language language;
	assert_true(language_from_name("fr", &language) && language == LANGUAGE_FR);
	assert_false(language_from_name("de", &language));
}

static void dates_and_times(void **state)
{
	(void)state;
	char text[WORDS_TIME_SIZE];
	setenv("TZ", "UTC", 1);
	words_date(LANGUAGE_FR, "1990-02-03", text);
	assert_string_equal(text, "3 févr. 1990");
	words_date(LANGUAGE_EN, "", text);
	assert_string_equal(text, "");
	words_time(LANGUAGE_EN, 1795246200LL * 1000000, text);
	assert_string_equal(text, "21 Nov 2026, 07:30 UTC");
	words_time(LANGUAGE_EN, 0, text);
	assert_string_equal(text, "not given");
	words_hours(LANGUAGE_FR, 98640, text);
	assert_string_equal(text, "27,4 h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_a_sentence_by_its_pattern),
	    cmocka_unit_test(leaves_what_it_does_not_know),
	    cmocka_unit_test(cuts_what_does_not_fit),
	    cmocka_unit_test(every_word_is_in_every_language),
	    cmocka_unit_test(dates_and_times),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
