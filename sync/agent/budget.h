/* The clinic's budget, held once more where the money is spent: what the ledger says was spent this day and
 * this month of the process's time zone, and what is reserved for requests in flight, never exceed it. A
 * reservation is what such a request cost lately at most; only by what one may cost more is the budget ever
 * overdrawn. Nano-dollars. */
#pragma once

#include "agent/ledger.h"
#include "wire/cloud.h"

struct budget {
	struct ledger *ledger;
	int64_t day_nano, month_nano;             /* limits */
	int64_t spent_day_nano, spent_month_nano;
	int64_t reserved_nano;                    /* for what is in flight */
	int64_t day_us, next_day_us, month_us;    /* when this day, the next and this month begin */
};

bool budget_open(
    struct budget *budget, const struct cloud *cloud, struct ledger *ledger, int64_t now_us, struct err *err);
/* To be called now and then: at midnight, and when the clock is set, it counts anew. */
bool budget_look(struct budget *budget, int64_t now_us, struct err *err);
/* What is free of the day and of the month, the lesser; never below 0. */
int64_t budget_left(const struct budget *budget);
/* ERR_FORBIDDEN with a sentence when that much is not free. */
bool budget_reserve(struct budget *budget, int64_t nano, struct err *err);
/* What was reserved became that cost; the ledger has it. */
void budget_settle(struct budget *budget, int64_t reserved_nano, int64_t cost_nano);
