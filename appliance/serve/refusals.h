/* What the box answers when it does not do something, and what it says of an import, in the language of the screen.
 * tests/style/check_sentences.py holds that every such sentence of the sources has its line in the table. */
#pragma once

#include "base/err.h"
#include "report/words.h"

#include <stddef.h>

enum { REFUSAL_SIZE = 1024 };

/* The sentence in the reader's language. One that the table does not know (another program made it) is quoted as it is, after
 * what kind of refusal it is; with ERR_NONE it stays as it is. Cut where it does not fit. */
void refusals_tell(enum language language, enum err_code code, const char *sentence, char *to, size_t size);
