#include "evaluation/intervals.h"

#include <stdio.h>

/* Ciray et al. 2014 (doi 10.1093/humrep/deu278) where not said otherwise. */
static const struct {
	const char *name, *formula;
	enum stage to, from; /* STAGE_EMPTY: nothing is subtracted, or the event is not recorded (see missing) */
	const char *missing;
} table[INTERVALS_COUNT] = {
    {"VP", "tPNf - tPNa", STAGE_PNF, STAGE_PNA, NULL},
    {"cc1", "t2 - tPB2", STAGE_2, STAGE_PB2, NULL},
    {"cc2", "t3 - t2", STAGE_3, STAGE_2, NULL},
    {"cc2b", "t4 - t2", STAGE_4, STAGE_2, NULL},
    {"s2", "t4 - t3", STAGE_4, STAGE_3, NULL},
    {"ECC2", "t4 - t2", STAGE_4, STAGE_2, NULL},
    {"cc3 (Ciray 2014)", "t5 - t3", STAGE_5, STAGE_3, NULL},
    {"cc3 (Meseguer 2011)", "t5 - t4", STAGE_5, STAGE_4, NULL},
    {"s3", "t8 - t5", STAGE_8, STAGE_5, NULL},
    {"ECC3", "t8 - t4", STAGE_8, STAGE_4, NULL},
    {"tPNf to t3", "t3 - tPNf", STAGE_3, STAGE_PNF, NULL},
    {"dCom", "tM - tSC", STAGE_M, STAGE_EMPTY, "needs tSC, which is not recorded"},
    {"dB", "tB - tSB", STAGE_B, STAGE_SB, NULL},
    {"dExp", "tEB - tB", STAGE_EB, STAGE_B, NULL},
};

static bool has_time(const struct event *event)
{
	return event->used != USED_NONE && event->time_s != TIME_UNKNOWN;
}

static void explain(struct interval *interval, const struct event *events, enum stage to, enum stage from)
{
	bool lacks_to = events[to].used == USED_NONE, lacks_from = events[from].used == USED_NONE;
	if (!lacks_to && !lacks_from)
		snprintf(interval->missing, sizeof interval->missing, "needs frame times");
	else if (lacks_to && lacks_from)
		snprintf(interval->missing, sizeof interval->missing, "needs %s, %s", stage_name(from), stage_name(to));
	else
		snprintf(interval->missing, sizeof interval->missing, "needs %s", stage_name(lacks_to ? to : from));
}

void intervals_make(const struct event events[STAGE_COUNT], struct interval intervals[INTERVALS_COUNT])
{
	for (int i = 0; i < INTERVALS_COUNT; i++) {
		struct interval *interval = &intervals[i];
		*interval = (struct interval){table[i].name, table[i].formula, TIME_UNKNOWN, ""};
		const struct event *to = &events[table[i].to], *from = &events[table[i].from];
		if (table[i].missing)
			snprintf(interval->missing, sizeof interval->missing, "%s", table[i].missing);
		else if (has_time(to) && has_time(from))
			interval->value_s = to->time_s - from->time_s;
		else
			explain(interval, events, table[i].to, table[i].from);
	}
}
