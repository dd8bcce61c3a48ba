#include "simulator/fate.h"

#include "simulator/curve.h"

#include <string.h>

/* Where embryos of a cohort stop, by share: about half of the fertilised ones become blastocysts. */
static const struct {
	enum stage before; /* the first stage that is never reached */
	double share;
} arrests[] = {
    {STAGE_PNA, 0.04}, {STAGE_2, 0.03}, {STAGE_3, 0.03}, {STAGE_5, 0.06}, {STAGE_8, 0.07},
    {STAGE_9, 0.06},   {STAGE_M, 0.08}, {STAGE_SB, 0.07},
};

static double later(struct random *random, double after, double mean, double deviation, double least)
{
	double wait = random_normal(random, mean, deviation);
	return after + (wait < least ? least : wait);
}

static void draw_times(struct fate *fate, struct random *random)
{
	double *t = fate->event_h;
	double late = fate->method == INSEMINATION_IVF ? 1.0 : 0.0;
	t[STAGE_PB2] = later(random, 0, 3.2 + late, 0.9, 1);
	t[STAGE_PNA] = later(random, t[STAGE_PB2], 4.3, 1.1, 1.5);
	t[STAGE_PNF] = later(random, 0, 23.0 + late, 1.6, 17);
	t[STAGE_2] = later(random, t[STAGE_PNF], 2.8, 0.45, 1.5);
	t[STAGE_3] = later(random, t[STAGE_2], 11.4, 0.9, 7);
	double wait = random_unit(random);
	t[STAGE_4] = t[STAGE_3] + 0.2 + 2.4 * wait * wait * wait;
	t[STAGE_5] = later(random, t[STAGE_4], 13.1, 1.6, 7);
	/* The third round takes three more divisions, often with one straggler. */
	double round = later(random, 0, 5.8, 2.4, 0.8);
	t[STAGE_6] = t[STAGE_5] + round * random_between(random, 0.1, 0.4);
	t[STAGE_7] = t[STAGE_5] + round * random_between(random, 0.45, 0.7);
	t[STAGE_8] = t[STAGE_5] + round;
	t[STAGE_9] = later(random, t[STAGE_8], 10, 2.5, 3);
	fate->compaction_h = later(random, t[STAGE_9], 9, 2.5, 2);
	t[STAGE_M] = later(random, fate->compaction_h, 13, 2.5, 4);
	t[STAGE_SB] = later(random, t[STAGE_M], 10, 2.5, 3);
	t[STAGE_B] = later(random, t[STAGE_SB], 9.5, 2, 3);
	t[STAGE_EB] = later(random, t[STAGE_B], 5.5, 1.8, 2);
	t[STAGE_HB] = later(random, t[STAGE_EB], 9, 4, 3);
	/* One pace for the whole life correlates the times, as in every cohort. */
	double pace = curve_clamp(random_normal(random, 1, 0.055), 0.86, 1.25);
	for (int stage = STAGE_PNF; stage < STAGE_COUNT; stage++)
		t[stage] *= pace;
	fate->compaction_h *= pace;
}

/* 1 to 3 (a tripolar spindle), 2 to 5, fusing cells: each rules the others out. */
static void draw_irregular(struct fate *fate, struct random *random)
{
	double *t = fate->event_h;
	double choice = random_unit(random);
	fate->reverse_h = fate->reverse_end_h = FATE_NEVER;
	if (choice < 0.06) {
		t[STAGE_3] = t[STAGE_2] + 0.01;
		t[STAGE_2] = FATE_NEVER;
	} else if (choice < 0.11) {
		t[STAGE_3] = t[STAGE_2] + random_between(random, 0.6, 4.5);
	} else if (choice < 0.16) {
		t[STAGE_5] = t[STAGE_4] + random_between(random, 0.8, 4.0);
		t[STAGE_6] = t[STAGE_5] + random_between(random, 3, 8);
		t[STAGE_7] = t[STAGE_6] + random_between(random, 0.5, 4);
		t[STAGE_8] = t[STAGE_7] + random_between(random, 0.5, 4);
		if (t[STAGE_9] < t[STAGE_8] + 2)
			t[STAGE_9] = t[STAGE_8] + 2;
	} else if (choice < 0.18) {
		/* Chaos: four at once. */
		t[STAGE_4] = t[STAGE_2] + 0.02;
		t[STAGE_2] = t[STAGE_3] = FATE_NEVER;
	} else if (choice < 0.22) {
		fate->reverse_h = t[STAGE_3] + random_between(random, 2.5, 5);
		fate->reverse_end_h = fate->reverse_h + random_between(random, 2, 4);
	}
}

static void draw_arrest(struct fate *fate, struct random *random)
{
	double choice = random_unit(random);
	fate->arrest_h = FATE_NEVER;
	for (size_t i = 0; i < sizeof arrests / sizeof arrests[0]; i++) {
		if (choice >= 0 && choice < arrests[i].share) {
			double stop = fate->event_h[arrests[i].before];
			fate->arrest_h = (stop == FATE_NEVER ? fate->event_h[arrests[i].before + 1] : stop) - 0.5;
		}
		choice -= arrests[i].share;
	}
	for (int stage = 0; stage < STAGE_COUNT; stage++)
		if (fate->event_h[stage] >= fate->arrest_h)
			fate->event_h[stage] = FATE_NEVER;
	if (fate->compaction_h >= fate->arrest_h)
		fate->compaction_h = FATE_NEVER;
	fate->pronuclei = fate->event_h[STAGE_PNA] == FATE_NEVER ? 0 : random_chance(random, 0.06) ?
	    (random_chance(random, 0.5) ? 1 : 3) : 2;
	if (random_chance(random, 0.4))
		fate->event_h[STAGE_HB] = FATE_NEVER;
}

static void add_split(struct fate *fate, double hour)
{
	if (hour < fate->arrest_h && fate->splits < FATE_SPLITS_MAX)
		fate->split_h[fate->splits++] = hour;
}

/* Evenly strewn divisions, until there are about `cells`. */
static void add_splits(struct fate *fate, struct random *random, double from, double to, int cells)
{
	int count = cells - 1 - fate->splits;
	for (int i = 0; i < count; i++)
		add_split(fate, from + (to - from) * (i + random_unit(random)) / count);
}

static void draw_splits(struct fate *fate, struct random *random)
{
	static const enum stage ends[] = {STAGE_M, STAGE_SB, STAGE_B, STAGE_EB};
	static const int cells[] = {22, 34, 56, 80};
	double plenty = random_between(random, 0.75, 1.2);
	const double *t = fate->event_h;
	fate->splits = 0;
	/* From 1 to 3 at once is two splits at one hour, from 1 to 4 three. */
	int skipped = 0;
	for (int stage = STAGE_2; stage <= STAGE_9; stage++) {
		skipped++;
		for (; t[stage] != FATE_NEVER && skipped > 0; skipped--)
			add_split(fate, t[stage]);
	}
	for (int i = 0; i < 4 && t[STAGE_9] != FATE_NEVER; i++) {
		double from = i ? t[ends[i - 1]] : t[STAGE_9] + 0.5, to = t[ends[i]];
		if (to == FATE_NEVER)
			break;
		add_splits(fate, random, from, to, (int)(cells[i] * plenty));
	}
}

static void draw_body(struct fate *fate, struct random *random)
{
	bool poor = fate->arrest_h != FATE_NEVER;
	double share = random_unit(random);
	fate->fragmentation = share * share * (poor ? 0.34 : 0.22) + 0.01;
	fate->unevenness = random_chance(random, poor ? 0.35 : 0.12) ? random_between(random, 0.15, 0.8) :
								      random_between(random, 0, 0.07);
	fate->radius_um = random_normal(random, 56.5, 1.6);
	fate->zona_inner_um = fate->radius_um + random_between(random, 6.5, 11);
	fate->zona_um = random_between(random, 14, 21);
	fate->expansion_um = random_between(random, 82, 106);
	fate->collapse_h = random_chance(random, 0.35) && fate->event_h[STAGE_EB] != FATE_NEVER ?
	    fate->event_h[STAGE_EB] + random_between(random, 1, 12) : FATE_NEVER;
	fate->icm_share = random_between(random, 0.10, 0.24);
	fate->asymmetry = random_between(random, 0, 0.045);
	fate->fragments = 30;
	fate->gather = 0.75f;
	fate->multinucleated = random_chance(random, poor ? 0.3 : 0.1) ? 0.6 : 0;
	fate->halo = random_chance(random, 0.6) ? random_between(random, 0.3, 1) : 0;
	fate->excluded = random_chance(random, 0.2) ? random_int(random, 1, 4) : 0;
}

void fate_trouble(struct fate *fate, struct random *random)
{
	fate->zona_um = random_between(random, 9, 24);
	fate->zona_inner_um = fate->radius_um + random_between(random, 4, 17);
	if (fate->expansion_um < fate->zona_inner_um + 13)
		fate->expansion_um = fate->zona_inner_um + 13;
	if (random_chance(random, 0.4) && fate->event_h[STAGE_B] != FATE_NEVER)
		fate->collapse_h = fate->event_h[STAGE_B] + random_between(random, 1, 15);
	if (random_chance(random, 0.5)) {
		fate->fragmentation = random_between(random, 0.05, 0.62);
		fate->fragments = random_between(random, 6, 70);
		fate->gather = (float)random_between(random, 0, 1);
	}
	if (random_chance(random, 0.35))
		fate->unevenness = random_between(random, 0.3, 0.9);
	if (random_chance(random, 0.35))
		fate->multinucleated = random_between(random, 0.3, 1);
	if (random_chance(random, 0.3))
		fate->excluded = random_int(random, 1, 5);
}

static bool reaches(const struct fate *fate, enum stage reach)
{
	return reach == STAGE_EMPTY || fate->event_h[reach] != FATE_NEVER;
}

void fate_draw(struct fate *fate, struct random *random, enum insemination method, enum stage reach)
{
	do {
		memset(fate, 0, sizeof *fate);
		fate->method = method;
		fate->event_h[STAGE_EMPTY] = FATE_NEVER;
		draw_times(fate, random);
		draw_irregular(fate, random);
		draw_arrest(fate, random);
		draw_splits(fate, random);
		draw_body(fate, random);
	} while (!reaches(fate, reach));
}
