/* Errors: one table gives each code its name, sentence, HTTP status and whether trying again can help.
 *
 * A function that can fail returns bool, takes `struct err *err` last and fills it on false. Outputs
 * (`ret_x`) are written only on success. A caller adds what it was doing once: err_add(err, "opening %s", p).
 */
#pragma once

#include <stdbool.h>

/* code, name, sentence, HTTP status, retry */
#define ERR_TABLE(X)                                                                               \
	X(ERR_NONE, "none", "no error", 200, false)                                                \
	X(ERR_BAD_INPUT, "bad-input", "the input is not valid", 400, false)                        \
	X(ERR_UNAUTHENTICATED, "unauthenticated", "sign in first", 401, false)                     \
	X(ERR_FORBIDDEN, "forbidden", "not allowed for this role", 403, false)                     \
	X(ERR_NOT_FOUND, "not-found", "there is no such thing", 404, false)                        \
	X(ERR_CONFLICT, "conflict", "it has changed or exists already", 409, false)                \
	X(ERR_TOO_LARGE, "too-large", "it is larger than the limit", 413, false)                   \
	X(ERR_UNSUPPORTED, "unsupported", "this kind of input is not supported", 415, false)       \
	X(ERR_DAMAGED, "damaged", "the data is damaged", 422, false)                               \
	X(ERR_NO_MEMORY, "no-memory", "out of memory", 500, true)                                  \
	X(ERR_IO, "io", "reading or writing failed", 500, true)                                    \
	X(ERR_DATABASE, "database", "the database refused", 500, true)                             \
	X(ERR_CRYPTO, "crypto", "a seal did not open or could not be made", 500, false)            \
	X(ERR_INTERNAL, "internal", "a promise inside the program was broken", 500, false)         \
	X(ERR_BUSY, "busy", "busy now, try again", 503, true)                                      \
	X(ERR_UNAVAILABLE, "unavailable", "a part of the box is not answering", 503, true)         \
	X(ERR_WRONG_METHOD, "wrong-method", "this path does not take that method", 405, false)     \
	X(ERR_TOO_MANY, "too-many", "too many attempts, wait and try again", 429, true)            \
	X(ERR_MIX_UP, "mix-up", "it is about another patient or another person by now", 409, false)

enum err_code {
#define X(code, name, sentence, status, retry) code,
	ERR_TABLE(X)
#undef X
	ERR_COUNT
};

enum { ERR_DETAIL_MAX = 320 };

struct err {
	enum err_code code;
	char detail[ERR_DETAIL_MAX];
};

/* Fills err (NULL is allowed) and returns false, so that `return err_set(...)` reads as failure. */
bool err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set with ERR_IO and the sentence of errno appended. */
bool err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "what was being done: " before the detail; returns false. */
bool err_add(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *err_name(enum err_code code);
/* The code of that name, as another program told it; ERR_NONE when there is none. */
enum err_code err_named(const char *name);
const char *err_sentence(enum err_code code);
int err_http_status(enum err_code code);
bool err_retry(enum err_code code);
