#include "agent/uplink.h"

#include <math.h>

static double burst(const struct uplink *uplink)
{
	return fmax(uplink->rate * UPLINK_BURST_MS / 1e3, UPLINK_BURST_MIN);
}

static void fill(struct uplink *uplink, int64_t now_us)
{
	double passed = now_us > uplink->at_us ? (double)(now_us - uplink->at_us) / 1e6 : 0;
	uplink->at_us = now_us;
	uplink->tokens = fmin(uplink->tokens + uplink->rate * passed, burst(uplink));
}

void uplink_set(struct uplink *uplink, double rate, int64_t now_us)
{
	fill(uplink, now_us);
	uplink->rate = rate > 0 ? rate : 0;
	uplink->tokens = fmin(uplink->tokens, burst(uplink));
}

size_t uplink_take(struct uplink *uplink, size_t want, int64_t now_us)
{
	if (uplink->rate <= 0)
		return want;
	fill(uplink, now_us);
	size_t most = (size_t)uplink->tokens;
	size_t taken = want < most ? want : most;
	uplink->tokens -= (double)taken;
	return taken;
}

int64_t uplink_wait_us(struct uplink *uplink, size_t want, int64_t now_us)
{
	if (uplink->rate <= 0)
		return 0;
	fill(uplink, now_us);
	double lacking = fmin((double)want, burst(uplink)) - uplink->tokens;
	return lacking <= 0 ? 0 : (int64_t)ceil(lacking / uplink->rate * 1e6);
}

void meter_add(struct meter *meter, size_t bytes, int64_t busy_us)
{
	double seconds = busy_us > 0 ? (double)busy_us / 1e6 : 0;
	double kept = exp(-seconds / METER_FADE_S);
	meter->bytes = meter->bytes * kept + (double)bytes;
	meter->seconds = meter->seconds * kept + seconds;
}

double meter_rate(const struct meter *meter)
{
	return meter->seconds < 0.5 ? 0 : meter->bytes / meter->seconds;
}
