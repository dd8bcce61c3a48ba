/* When to stop asking an endpoint, and how fast to ask: back-off, circuit breaker, window. Pure: the caller
 * says what time it is, in microseconds of a clock that only goes forward, and gives the chance (0 <= chance
 * < 1) of the jitter. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Between half of and all of base x 2^tries, at most cap: many boxes that failed together do not come back
 * together. */
int64_t backoff_ms(int tries, int base_ms, int cap_ms, double chance);

enum {
	BREAKER_FAILURES = 5,       /* in a row open it */
	BREAKER_BASE_MS = 1000,     /* it stays open so long, and twice as long each further time */
	BREAKER_CAP_MS = 60000,
};

/*   CLOSED -- failures in a row --> OPEN -- its time is over --> HALF_OPEN -- a probe passed --> CLOSED
 *                                    ^----------- a probe failed ----|                (on its last chance) */
enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker {
	enum breaker_state state;
	int in_row;         /* failures since something passed */
	int openings;       /* since a request passed */
	int64_t until_us;   /* of OPEN */
	int64_t counted_us; /* when the last failure was counted */
};

/* Opens into half-open when its time is over. */
enum breaker_state breaker_look(struct breaker *breaker, int64_t now_us);
/* What had started before the last failure was counted fell with it, as all streams of one connection do, and
 * is not counted again. */
void breaker_failed(struct breaker *breaker, int64_t started_us, int64_t now_us, double chance);
/* Opens at once, however few failures there were: the peer said that it will not. */
void breaker_trip(struct breaker *breaker, int64_t now_us, double chance);
/* A real request passed: all is forgotten. */
void breaker_passed(struct breaker *breaker);
/* A probe passed: requests may go, and the first that fails opens it again, for longer. */
void breaker_probed(struct breaker *breaker);

/* How many requests may be in flight: all slots, less after a throttling answer, slowly more again. */
struct window {
	double size;
	int slots;
	int64_t cut_us;
};

void window_open(struct window *window, int slots);
int window_size(const struct window *window);
/* As with failures: what had started before the last cut does not cut again. */
void window_throttled(struct window *window, int64_t started_us, int64_t now_us);
void window_passed(struct window *window);
