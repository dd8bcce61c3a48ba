/* Wall time is UTC microseconds since 1970; monotonic time is for durations only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_now_us(void);
int64_t clock_monotonic_us(void);
void clock_sleep_ms(int milliseconds);

enum { CLOCK_TEXT_SIZE = 32 };
/* "2026-11-21T06:30:00Z" */
void clock_format(char text[CLOCK_TEXT_SIZE], int64_t utc_us);
/* Reads that form, with or without fractions of a second. */
bool clock_parse(const char *text, int64_t *ret_utc_us);
