#include "unit/unit.h"

#include "serve/refusals.h"

#include <string.h>

static void told(enum err_code code, const char *sentence, const char *expected)
{
	char text[REFUSAL_SIZE];
	refusals_tell(LANGUAGE_FR, code, sentence, text, sizeof text);
	assert_string_equal(text, expected);
	refusals_tell(LANGUAGE_EN, code, sentence, text, sizeof text);
	assert_string_equal(text, sentence);
}

static void tells_a_refusal(void **state)
{
	(void)state;
	told(ERR_MIX_UP, "ben is signed in by now: nothing was done", "ben est maintenant connecté ici : rien n’a été fait");
	told(ERR_MIX_UP, "slide A belongs to another patient by now: nothing was done",
	    "la lame A est maintenant à une autre patiente : rien n’a été fait");
	told(ERR_BAD_INPUT, "report of cycle 7: a report takes at most 200 embryos",
	    "rapport du cycle 7 : un rapport contient au plus 200 embryons");
}

static void tells_what_came_of_an_import(void **state)
{
	(void)state;
	told(ERR_NONE, "12 new pictures, 3 known already, 6 wells.", "12 nouvelles images, 3 déjà connues, 6 puits.");
	told(ERR_NONE, "12 new pictures, 1 damaged and left out, 1 well. Not taken: notes.pdb is empty.",
	    "12 nouvelles images, 1 abîmées et laissées de côté, 1 puits. Non pris : notes.pdb est vide.");
	told(ERR_NONE, "D2026.zip was refused: its entry my file.jpg is a link.",
	    "D2026.zip a été refusé : son entrée my file.jpg est un lien.");
	told(ERR_NONE, "S1 well 3 run 12 plane -15 um: the picture is cut off.", "S1 puits 3 image 12 plan -15 µm : l’image est coupée.");
	told(ERR_NONE, "None of its 8 pictures was taken: none of them is whole.", "Aucune de ses 8 images n’a été prise : aucune n’est entière.");
}

static void quotes_what_another_program_said(void **state)
{
	(void)state;
	told(ERR_UNAVAILABLE, "the agent: no route to its host",
	    "une partie de l’appareil ne répond pas (en anglais : « the agent: no route to its host »)");
	told(ERR_NONE, "a sentence of an older version", "a sentence of an older version");
}

static void every_kind_has_its_sentence(void **state)
{
	(void)state;
	char text[REFUSAL_SIZE];
	for (int code = ERR_BAD_INPUT; code < ERR_COUNT; code++) {
		const char *sentence = err_sentence((enum err_code)code);
		refusals_tell(LANGUAGE_FR, (enum err_code)code, sentence, text, sizeof text);
		assert_string_not_equal(text, sentence);
		assert_null(strstr(text, "anglais"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_a_refusal),
	    cmocka_unit_test(tells_what_came_of_an_import),
	    cmocka_unit_test(quotes_what_another_program_said),
	    cmocka_unit_test(every_kind_has_its_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
