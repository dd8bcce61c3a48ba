/* Sentences that the box makes in English, told in another language by their pattern.
 *
 * A program says a sentence where it knows the reason, without knowing who will read it; a table of phrases tells it in the
 * reader's language where it is shown. {} stands for what was filled in; the pieces keep their order in every language and
 * are told by the same table, so a sentence may hold another one. The first phrase that fits is taken. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct phrase {
	const char *said, *told;
};

/* False, and the sentence as it is, where no phrase fits; "27.4 h" alone gets its decimal comma. Cut where it does not fit. */
bool phrases_tell(const struct phrase *phrases, size_t count, const char *sentence, char *to, size_t size);
/* Fills each {} of a pattern with the next piece. Cut where it does not fit. */
void phrases_fill(char *to, size_t size, const char *pattern, const char *const *pieces);
