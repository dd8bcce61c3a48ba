/* One embryo alive: bodies (cells, fragments, polar bodies) that push, stick, divide and thin out inside
 * the zona as its fate says. All lengths in micrometres around the zona's centre: x right, y down, z
 * towards the lens. Time only goes forward, in fixed small steps, so the hours asked for do not change
 * what is seen. */
#pragma once

#include "simulator/fate.h"

enum { LIFE_BODIES_MAX = 200, LIFE_GRAIN = 256 };

enum body_kind {
	BODY_CELL,
	BODY_FRAGMENT,
	BODY_POLAR,
	BODY_EXCLUDED, /* a cell that stays outside the morula */
};

struct body {
	enum body_kind kind;
	float x, y, z;
	float radius;      /* of a ball of its volume */
	double born_h;
	/* Bodies of one group are one cell that is dividing or has fused. */
	int group;
	double parted_h;   /* from then on a group of its own */
	bool fused;
	double divides_h;  /* its own next division, FATE_NEVER: not chosen yet */
	bool inner;        /* belongs to the inner cell mass */
	int grain_x, grain_y, grain_seed;
	int sisters;       /* the two cells of one division share a number; 0: none */
	int nuclei;        /* between divisions */
	float shade, shade_before; /* 0.8..1.2: how thick its cytoplasm looks; and its mother's */
};

struct cavity {
	float x, y, z, radius;
};

struct life {
	struct fate fate;
	struct random random;
	double hour;
	struct body bodies[LIFE_BODIES_MAX];
	int bodies_count;
	int groups;               /* names given so far */
	int cells;                /* groups of cells */
	int splits_done;
	bool fusing, lineages_drawn, excluded_drawn;
	int divisions;
	float wall_um;            /* inner edge of the zona, which the blastocyst pushes out */
	float zona_um;            /* thickness now */
	float hull_um;            /* radius the cells fill, at most wall_um */
	float pole[3];            /* where the inner cell mass sits */
	float hatch[3];           /* where the zona will open, a unit vector */
	float hatch_um;           /* radius of the lobe outside; 0: none */
	struct cavity cavity;
	float compaction;         /* 0 round cells .. 1 a morula without outlines */
	float fragments_made;     /* volume so far, share of the whole */
	float nuclei[3][3];       /* pronuclei */
	float nuclei_seen;        /* 0..1 */
	float decay;              /* 0..1: an arrested embryo darkens and crumbles */
};

/* Same fate, same seed, same life. */
void life_start(struct life *life, const struct fate *fate, uint64_t seed);
void life_advance(struct life *life, double hour);
/* Groups of cells: what an embryologist would count. */
int life_cells(const struct life *life);
enum stage life_stage(const struct life *life);
double life_fragmentation(const struct life *life);
/* Cavity volume / hull volume, 0..1. */
double life_cavity_share(const struct life *life);
/* How much it still looks like a morula, 0..1: compacted, and the cavity small. */
double life_mass(const struct life *life);
/* Outer radius: the zona's edge. */
double life_radius(const struct life *life);
/* Where it lies, seen from its start: embryos creep and turn a little. */
void life_place(const struct life *life, float *ret_x, float *ret_y);
/* Drawn radius: a dividing cell keeps its volume while its halves part. */
double body_radius(const struct life *life, const struct body *body);
/* 0 one ball .. 1 two cells. */
double body_parted(const struct life *life, const struct body *body);
/* How thick its cytoplasm looks now. */
double body_shade(const struct life *life, const struct body *body);
/* How plain its nuclei are, 0..1: between divisions of the first cells. */
double body_nuclei_seen(const struct life *life, const struct body *body);
/* Clear rim of the cytoplasm, 0..1, from the pronuclei to the first division. */
double life_halo(const struct life *life);
/* Cells that should be alike differ by more than a quarter in diameter: sisters, and at 2, 4 and 8 cells all. */
bool life_is_uneven(const struct life *life);
/* Flattening along the line to the centre: axis length / ball radius, 0.7..1. */
double life_flatness(const struct life *life, const struct body *body);
