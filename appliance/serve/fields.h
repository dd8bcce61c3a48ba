/* The small grammars inside HTTP texts: cookies, query strings, paths, entity tags. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Letters, digits and "/._~-" after a leading slash, without escapes, empty or dot segments: all that our paths
 * need, and nothing that could mean two things. */
bool fields_path_is_plain(const char *path);
/* The value of name in a Cookie header (RFC 6265); false without it or when it does not fit. */
bool fields_cookie(const char *header, const char *name, char *to, size_t size);
/* The decoded value of name in a query string; false without it, when an escape is broken or it does not fit. */
bool fields_query(const char *query, const char *name, char *to, size_t size);
/* A percent-encoded text; false when an escape is broken or it does not fit. */
bool fields_decode(const char *text, char *to, size_t size);
/* Whether an If-None-Match header names this entity tag (with its quotes), weakly compared (RFC 9110, 13.1.2). */
bool fields_etag_matches(const char *header, const char *etag);
/* A length as digits alone: no sign, blank or list. */
bool fields_is_digits(const char *text);
