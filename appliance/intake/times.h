/* `<code>_timeElapsed.csv`: `frame_index,time`, the time of each run in hours since insemination. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "model/time.h"

struct times {
	int64_t clock_s[LIMIT_RUNS + 1]; /* by run; TIME_UNKNOWN where the table has none */
	int count;                       /* runs with a time */
	int last;                        /* highest index */
	int rows_bad;                    /* rows that are no index and time */
};

/* ERR_BAD_INPUT: no usable row, or a time that runs backwards: then no time in it can be trusted. */
bool times_parse(const char *text, size_t size, struct times *ret_times, struct err *err);
