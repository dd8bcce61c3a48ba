/* How many things were done in the last minute: a counter for each of its seconds. Whoever shares one has the lock. */
#pragma once

#include <stdint.h>

enum { RATE_WINDOW_S = 60 };

struct rate {
	int64_t in_second[RATE_WINDOW_S]; /* by second modulo the window */
	int64_t second;
};

void rate_add(struct rate *rate, int64_t things);
double rate_per_minute(struct rate *rate);
