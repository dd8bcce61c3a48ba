/* The sentences of one import: what a person should know about it, at most NOTES_MAX of them. Texts from outside
 * (file names) may hold anything: what is not plain text is shown as '?'. */
#pragma once

#include "base/json.h"

#include <stddef.h>
#include <stdint.h>

enum {
	NOTES_MAX = 50,
	NOTE_SIZE = 280, /* 50 of them fit the store's 16 KiB with their quotes */
};

struct notes {
	json_t *list;     /* of strings; owned */
	int64_t left_out; /* sentences beyond NOTES_MAX */
};

/* False without memory. */
bool notes_init(struct notes *notes);
void notes_done(struct notes *notes);
static inline void notes_done_owned(struct notes *notes)
{
	notes_done(notes);
}
void notes_add(struct notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says in a last sentence how many were left out, and gives the list away. */
json_t *notes_take(struct notes *notes);

/* Copies a text fit for a screen: cut where it does not fit, '?' for what is not plain UTF-8. */
void notes_plain(char *to, size_t size, const char *from);
