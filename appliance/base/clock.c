#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock_us(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
	return read_clock_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
	return read_clock_us(CLOCK_MONOTONIC);
}

void clock_sleep_ms(int milliseconds)
{
	struct timespec wait = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
	nanosleep(&wait, NULL);
}

void clock_format(char text[CLOCK_TEXT_SIZE], int64_t utc_us)
{
	time_t seconds = (time_t)(utc_us / 1000000);
	struct tm parts;
	gmtime_r(&seconds, &parts);
	strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

bool clock_parse(const char *text, int64_t *ret_utc_us)
{
	struct tm parts = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	if (!rest)
		return false;
	if (*rest == '.') {
		rest++;
		rest += strspn(rest, "0123456789");
	}
	if (strcmp(rest, "Z") != 0)
		return false;
	*ret_utc_us = (int64_t)timegm(&parts) * 1000000;
	return true;
}
