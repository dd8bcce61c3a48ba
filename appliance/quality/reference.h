/* The clinic's own reference: when its embryos that became blastocysts reached each event. ICSI and IVF are never merged
 * (they differ by one to two hours), and nothing is told before 50 embryos: the tenth and ninetieth percentiles then
 * rest on five embryos each. Percentiles interpolate between the two nearest values (type 7 of Hyndman and Fan 1996, Am
 * Stat 50:361). */
#pragma once

#include "quality/subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REFERENCE_EMBRYOS_MIN = 50 };

/* One event of many embryos. */
struct reference {
	size_t embryos, automatic; /* times in use; how many of them no person has set */
	bool enough;               /* the percentiles are there */
	int64_t p10_s, p25_s, p50_s, p75_s, p90_s;
};

/* A blastocyst is a full one, tB, or what comes after it. */
bool reference_takes(const struct subject *subject);
/* Puts the times in rising order. */
void reference_of(int64_t *times_s, size_t embryos, size_t automatic, struct reference *ret_reference);
/* Of values in rising order, at least one; percent 0 .. 100. */
int64_t reference_percentile(const int64_t *values, size_t count, int percent);
