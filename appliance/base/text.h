/* Words for short texts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies with an end; false when it had to cut. */
bool text_copy(char *to, size_t size, const char *from);
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);
/* As above, ASCII letters of either case alike. */
bool text_ends_nocase(const char *text, const char *suffix);
/* The whole text is one number; leading and trailing blanks are allowed, nothing else. */
bool text_to_i64(const char *text, int64_t *ret_value);
bool text_to_f64(const char *text, double *ret_value);
/* Cuts blanks at both ends, in place; returns the start. */
char *text_trim(char *text);
/* Valid UTF-8 without control characters: fit for a name on a screen. */
bool text_is_plain(const char *text);
/* 2 * size lower-case digits and an end. */
void text_hex(char *to, const uint8_t *bytes, size_t size);
bool text_unhex(uint8_t *to, size_t size, const char *hex);
