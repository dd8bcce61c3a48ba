#include "base/phrases.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum {
	PIECES_MAX = 6, /* of one pattern */
	PIECE_MAX = 512,
	DEPTH_MAX = 4, /* "3 new pictures, 2 wells. Not taken: <a sentence>: <another one>" */
};

struct table {
	const struct phrase *phrases;
	size_t count;
};

void phrases_fill(char *to, size_t size, const char *pattern, const char *const *pieces)
{
	size_t at = 0;
	for (const char *c = pattern; *c && at + 1 < size; c++) {
		if (!text_starts(c, "{}")) {
			to[at++] = *c;
			continue;
		}
		c++;
		at += (size_t)snprintf(to + at, size - at, "%s", *pieces++);
		at = at < size ? at : size - 1;
	}
	to[at] = 0;
}

/* Takes the sentence apart by the pattern; each {} takes as little as lets the rest fit. */
static bool match(const char *pattern, const char *sentence, char pieces[PIECES_MAX][PIECE_MAX], int *count)
{
	while (*pattern && !text_starts(pattern, "{}")) {
		if (*pattern++ != *sentence++)
			return false;
	}
	if (!*pattern)
		return *sentence == 0;
	int own = (*count)++;
	for (size_t size = 1; own < PIECES_MAX && size <= strlen(sentence) && size < PIECE_MAX; size++) {
		*count = own + 1;
		memcpy(pieces[own], sentence, size);
		pieces[own][size] = 0;
		if (match(pattern + 2, sentence + size, pieces, count))
			return true;
	}
	return false;
}

/* "27.4 h" with a decimal comma. */
static bool is_hours(const char *text)
{
	size_t digits = strspn(text, "-0123456789.");
	return digits > 0 && strcmp(text + digits, " h") == 0;
}

static bool tell(const struct table *table, const char *sentence, char *to, size_t size, int depth)
{
	char pieces[PIECES_MAX][PIECE_MAX], told[PIECE_MAX];
	text_copy(to, size, sentence);
	for (char *point = is_hours(sentence) ? strchr(to, '.') : NULL; point; point = NULL)
		*point = ',';
	for (size_t i = 0; i < table->count; i++) {
		int count = 0;
		if (!match(table->phrases[i].said, sentence, pieces, &count))
			continue;
		for (int j = 0; j < count && depth < DEPTH_MAX; j++) {
			tell(table, pieces[j], told, sizeof told, depth + 1);
			text_copy(pieces[j], PIECE_MAX, told);
		}
		const char *const parts[PIECES_MAX] = {pieces[0], pieces[1], pieces[2], pieces[3], pieces[4], pieces[5]};
		phrases_fill(to, size, table->phrases[i].told, parts);
		return true;
	}
	return false;
}

bool phrases_tell(const struct phrase *phrases, size_t count, const char *sentence, char *to, size_t size)
{
	const struct table table = {phrases, count};
	return tell(&table, sentence, to, size, 0);
}
