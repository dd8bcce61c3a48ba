#include "serve/spoken.h"

#include "base/text.h"
#include "report/words.h"

#include <string.h>

enum { SENTENCE_MAX = 1024 };

struct speech {
	const char *const *names; /* of the members that are sentences; NULL ends them */
	void (*tell)(const char *sentence, char *to, size_t size);
};

static bool is_sentence(const struct speech *speech, const char *name)
{
	for (const char *const *each = speech->names; *each; each++)
		if (strcmp(*each, name) == 0)
			return true;
	return false;
}

static void tell(const struct speech *speech, json_t *value, bool is_told)
{
	char told[SENTENCE_MAX];
	const char *name;
	json_t *member;
	size_t index;
	if (json_is_string(value) && is_told) {
		speech->tell(json_string_value(value), told, sizeof told);
		json_string_set(value, told);
	}
	json_array_foreach(value, index, member)
		tell(speech, member, is_told);
	json_object_foreach(value, name, member)
		tell(speech, member, is_sentence(speech, name));
}

static void tell_evaluation(const char *sentence, char *to, size_t size)
{
	words_tell(LANGUAGE_FR, sentence, to, size);
}

static void tell_console(const char *sentence, char *to, size_t size)
{
	phrases_tell(console_phrases, console_phrases_count, sentence, to, size);
}

void spoken(const struct call *call, json_t *value)
{
	static const char *const names[] = {"reasons", "attention", "reason", "missing", "text", NULL};
	if (request_language(call->request) == LANGUAGE_FR)
		tell(&(struct speech){names, tell_evaluation}, value, false);
}

void reply_spoken(const struct call *call, json_t *value)
{
	static const char *const names[] = {"reason", "next", "why", "text", "sentence", "problem", NULL};
	if (request_language(call->request) == LANGUAGE_FR)
		tell(&(struct speech){names, tell_console}, value, false);
	reply_json(call->request, 200, value);
}
