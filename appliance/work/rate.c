#include "work/rate.h"

#include "base/clock.h"

/* Forgets the seconds that have passed since the last call. */
static void turn(struct rate *rate)
{
	int64_t now = clock_monotonic_us() / 1000000;
	if (now - rate->second > RATE_WINDOW_S)
		rate->second = now - RATE_WINDOW_S;
	while (rate->second < now)
		rate->in_second[++rate->second % RATE_WINDOW_S] = 0;
}

void rate_add(struct rate *rate, int64_t things)
{
	turn(rate);
	rate->in_second[rate->second % RATE_WINDOW_S] += things;
}

double rate_per_minute(struct rate *rate)
{
	double sum = 0;
	turn(rate);
	for (int i = 0; i < RATE_WINDOW_S; i++)
		sum += (double)rate->in_second[i];
	return sum;
}
