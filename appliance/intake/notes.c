#include "intake/notes.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

bool notes_init(struct notes *notes)
{
	*notes = (struct notes){.list = json_array()};
	return notes->list;
}

void notes_done(struct notes *notes)
{
	json_decref(notes->list);
	notes->list = NULL;
}

void notes_plain(char *to, size_t size, const char *from)
{
	text_copy(to, size, from);
	/* A copy cut in mid-character is not plain either. */
	if (text_is_plain(to))
		return;
	for (char *at = to; *at; at++)
		if (*at < 0x20 || *at > 0x7E)
			*at = '?';
}

void notes_add(struct notes *notes, const char *format, ...)
{
	if (json_array_size(notes->list) >= NOTES_MAX - 1) {
		notes->left_out++;
		return;
	}
	char raw[NOTE_SIZE * 2], plain[NOTE_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(raw, sizeof raw, format, args);
	va_end(args);
	notes_plain(plain, sizeof plain, raw);
	json_array_append_new(notes->list, json_string(plain));
}

json_t *notes_take(struct notes *notes)
{
	if (notes->left_out)
		json_array_append_new(notes->list,
		    json_sprintf("There is more to say about %" PRId64 " further places; it is left out here.",
			notes->left_out));
	return TAKE(notes->list);
}
