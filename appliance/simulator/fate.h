/* What will happen to one embryo, drawn before it happens: event times in hours after insemination, how
 * far it gets, what goes wrong. Means follow the Istanbul Consensus 2025, Table 1 (doi
 * 10.1093/humrep/deaf021); spreads and intervals Fraire-Zamora 2023 and Hlinka 2012; shares of irregular
 * cleavage Zhan 2016 and Barrie 2017. */
#pragma once

#include "model/clinic.h"
#include "model/stage.h"
#include "simulator/random.h"

#define FATE_NEVER 1e9

enum { FATE_SPLITS_MAX = 110 };

struct fate {
	enum insemination method;
	double event_h[STAGE_COUNT]; /* FATE_NEVER: does not happen. t2 is never where 1 cell becomes 3. */
	double compaction_h;         /* tSC: cells begin to flatten against each other */
	double arrest_h;             /* nothing new after this */
	int pronuclei;               /* 0..3; 2 is regular */
	int splits;                  /* cell divisions, in order */
	double split_h[FATE_SPLITS_MAX];
	double reverse_h, reverse_end_h; /* two cells fuse, and part again */
	double fragmentation;        /* share of the volume in fragments when it is at its most */
	double fragments;            /* pieces */
	float gather;                /* 0 all around .. 1 at one side */
	double unevenness;           /* 0 even sisters .. 0.8 */
	double multinucleated;       /* share of its cells with more than one nucleus */
	double halo;                 /* clear rim of the zygote's cytoplasm */
	int excluded;                /* cells that do not join the morula */
	double radius_um;            /* of the zygote's cell */
	double zona_inner_um, zona_um;
	double expansion_um;         /* outer radius of the blastocyst at its largest */
	double collapse_h;           /* the cavity collapses and comes back */
	double icm_share;            /* of the cells at cavitation */
	double asymmetry;            /* of the zona, 0 .. 0.06 */
};

/* Gives this embryo more than its share of what goes wrong. */
void fate_trouble(struct fate *fate, struct random *random);
/* reach: the fate is redrawn until the embryo reaches this stage; STAGE_EMPTY asks for nothing. */
void fate_draw(struct fate *fate, struct random *random, enum insemination method, enum stage reach);
