#include "agent/budget.h"

#include <math.h>
#include <time.h>

/* Midnight days after the local day of now_us began; day_of_month above 0: of that day of the month. */
static int64_t midnight_us(int64_t now_us, int days, int day_of_month)
{
	time_t now = (time_t)(now_us / 1000000);
	struct tm parts;
	localtime_r(&now, &parts);
	struct tm wanted = {.tm_year = parts.tm_year, .tm_mon = parts.tm_mon,
	    .tm_mday = (day_of_month > 0 ? day_of_month : parts.tm_mday) + days, .tm_isdst = -1};
	return (int64_t)mktime(&wanted) * 1000000;
}

static bool count_anew(struct budget *budget, int64_t now_us, struct err *err)
{
	int64_t day_us = midnight_us(now_us, 0, 0), month_us = midnight_us(now_us, 0, 1);
	int64_t day_nano, month_nano;
	if (!ledger_spent(budget->ledger, day_us, &day_nano, err) ||
	    !ledger_spent(budget->ledger, month_us, &month_nano, err))
		return false;
	budget->day_us = day_us;
	budget->next_day_us = midnight_us(now_us, 1, 0);
	budget->month_us = month_us;
	budget->spent_day_nano = day_nano;
	budget->spent_month_nano = month_nano;
	return true;
}

bool budget_open(
    struct budget *budget, const struct cloud *cloud, struct ledger *ledger, int64_t now_us, struct err *err)
{
	*budget = (struct budget){.ledger = ledger,
	    .day_nano = llround(cloud->budget_day * 1e9),
	    .month_nano = llround(cloud->budget_month * 1e9)};
	return count_anew(budget, now_us, err);
}

bool budget_look(struct budget *budget, int64_t now_us, struct err *err)
{
	if (now_us >= budget->day_us && now_us < budget->next_day_us)
		return true;
	return count_anew(budget, now_us, err);
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t budget_left(const struct budget *budget)
{
	int64_t left =
	    lesser(budget->day_nano - budget->spent_day_nano, budget->month_nano - budget->spent_month_nano) -
	    budget->reserved_nano;
	return left > 0 ? left : 0;
}

bool budget_reserve(struct budget *budget, int64_t nano, struct err *err)
{
	if (nano > budget_left(budget)) {
		bool day = budget->day_nano - budget->spent_day_nano <=
		    budget->month_nano - budget->spent_month_nano;
		return err_set(err, ERR_FORBIDDEN, "the budget of %s, $%.2f, is used up",
		    day ? "the day" : "the month",
		    (double)(day ? budget->day_nano : budget->month_nano) / 1e9);
	}
	budget->reserved_nano += nano;
	return true;
}

void budget_settle(struct budget *budget, int64_t reserved_nano, int64_t cost_nano)
{
	budget->reserved_nano -= reserved_nano;
	budget->spent_day_nano += cost_nano;
	budget->spent_month_nano += cost_nano;
}
