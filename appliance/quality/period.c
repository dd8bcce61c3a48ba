#include "quality/period.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int period_month(int64_t utc_us)
{
	time_t seconds = (time_t)(utc_us / 1000000);
	struct tm tm;
	if (!localtime_r(&seconds, &tm))
		return 0;
	return (tm.tm_year + 1900) * 12 + tm.tm_mon;
}

void period_format(char text[PERIOD_TEXT_SIZE], int month)
{
	snprintf(text, PERIOD_TEXT_SIZE, "%04u-%02u", (unsigned)(month / 12) % 10000, (unsigned)(month % 12) + 1);
}

bool period_has(const struct period *period, int month)
{
	return month >= period->from && month <= period->to;
}

static bool parse_month(const char *text, int *ret_month)
{
	char year[5] = {0};
	int64_t years, months;
	if (strlen(text) != 7 || text[4] != '-' || strspn(text, "0123456789") != 4 || strspn(text + 5, "0123456789") != 2)
		return false;
	memcpy(year, text, 4);
	if (!text_to_i64(year, &years) || !text_to_i64(text + 5, &months) || years < 1970 || months < 1 || months > 12)
		return false;
	*ret_month = (int)(years * 12 + months - 1);
	return true;
}

bool period_parse(const char *from, const char *to, int64_t now_us, struct period *ret_period, struct err *err)
{
	struct period period = {.to = period_month(now_us)};
	if (to && !parse_month(to, &period.to))
		return err_set(err, ERR_BAD_INPUT, "\"to\" is a month as 2026-12");
	period.from = period.to - 11;
	if (from && !parse_month(from, &period.from))
		return err_set(err, ERR_BAD_INPUT, "\"from\" is a month as 2026-01");
	if (period.from > period.to || period.to - period.from >= PERIOD_MONTHS_MAX)
		return err_set(err, ERR_BAD_INPUT, "from .. to is one month to %d", PERIOD_MONTHS_MAX);
	*ret_period = period;
	return true;
}
