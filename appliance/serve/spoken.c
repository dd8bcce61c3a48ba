#include "serve/spoken.h"

#include "report/words.h"

#include <string.h>

enum { SENTENCE_MAX = 512 };

static bool is_sentence(const char *name)
{
	static const char *const names[] = {"reasons", "attention", "reason", "missing", "text"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void tell(json_t *value, bool is_told, enum language language)
{
	char told[SENTENCE_MAX];
	const char *name;
	json_t *member;
	size_t index;
	if (json_is_string(value) && is_told) {
		words_tell(language, json_string_value(value), told, sizeof told);
		json_string_set(value, told);
	}
	json_array_foreach(value, index, member)
		tell(member, is_told, language);
	json_object_foreach(value, name, member)
		tell(member, is_sentence(name), language);
}

void spoken(const struct call *call, json_t *value)
{
	enum language language = request_language(call->request);
	if (language != LANGUAGE_EN)
		tell(value, false, language);
}
