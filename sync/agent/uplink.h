/* The uplink's cap: a token bucket that all bodies going out share, and a meter of what the uplink carries
 * while it is busy. Pure: the caller says what time it is, in microseconds of a clock that only goes forward. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uplink {
	double rate;   /* bytes a second; 0: no cap */
	double tokens; /* bytes that may go now; below 0 never */
	int64_t at_us;
};

enum {
	/* A quarter of a second's bytes may go at once, so that a capped link still sends whole TLS records.
	 */
	UPLINK_BURST_MS = 250,
	UPLINK_BURST_MIN = 16 << 10,
};

/* A new rate holds from now on; what was saved up under the old one is capped by the new burst. */
void uplink_set(struct uplink *uplink, double rate, int64_t now_us);
/* How many of the wanted bytes may go now; they count as gone. */
size_t uplink_take(struct uplink *uplink, size_t want, int64_t now_us);
/* How long until that many may go (as many as the bucket holds, at most). */
int64_t uplink_wait_us(struct uplink *uplink, size_t want, int64_t now_us);

/* Sums fade with a time constant of busy time, so that an idle night does not count as a slow link. */
struct meter {
	double bytes, seconds;
};

enum { METER_FADE_S = 20 };

void meter_add(struct meter *meter, size_t bytes, int64_t busy_us);
/* Bytes a second; 0 before there is half a second of busy time to tell from. */
double meter_rate(const struct meter *meter);
