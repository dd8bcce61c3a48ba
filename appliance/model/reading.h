/* A cut is what leaves the decoder; a reading is what one cut says. Integers only: the same cut gives the same
 * bits on every machine. */
#pragma once

#include "model/stage.h"

#include <stddef.h>
#include <stdint.h>

enum {
	CUT_SIDE = 128,
	CUT_PLANES_MAX = 3,
	/* Side of a cut in outer embryo radii: 2.5 R, so that the zona and a little of the well are inside. */
	CUT_SIDE_PER_RADIUS_PERMILLE = 2500,
};

/* The sharpest focal planes of one time point, cropped around the embryo, overlay gone, brightness normalised.
 * Carries no identity, no time, no order. */
struct cut {
	uint8_t planes;        /* 1..CUT_PLANES_MAX, sharpest first */
	uint16_t radius_permille; /* outer embryo radius / shorter side of the source frame */
	uint8_t pixels[CUT_PLANES_MAX][CUT_SIDE * CUT_SIDE];
};

/* Where the embryo lies in its frame, in pixels of the frame. Stays at home. */
struct location {
	bool occupied;          /* false: an empty well; the rest but the well is then zero */
	float x, y, radius;     /* outer edge: zona pellucida, or the blastocyst once it has hatched */
	float well_x, well_y, well_radius; /* zero where no well ring is in sight */
	uint16_t confidence;    /* permille */
};

enum { PROBABILITY_ONE = 65535, OUTLINE_POINTS = 32, CELLS_MAX = 9 };
#define READING_UNKNOWN 65535

/* What one cut says. Shares and probabilities are permille where nothing else is said. Without padding, so
 * that two readings may be compared byte by byte. */
struct reading {
	uint16_t occupied;             /* probability that an embryo is there, of PROBABILITY_ONE */
	uint16_t stage[STAGE_COUNT];   /* probabilities; they sum to PROBABILITY_ONE; calibrated */
	uint16_t confidence;           /* how often a top stage with such a probability was right on
	                                  pictures kept out of training */
	uint16_t cells;                /* most likely count of blastomeres, 1..CELLS_MAX (which stands for
	                                  more, too); 0: not countable (empty, morula, blastocyst) */
	uint16_t cells_confidence;     /* how often such a count was right; 0 where there is none */
	uint16_t fragmentation_permille; /* expected share of the volume; READING_UNKNOWN where it can
	                                    not be told: nothing to count, or a model without that head */
	uint16_t fragmentation_confidence; /* of the right class of <10, 10-25, 25-50, >50 %; or READING_UNKNOWN */
	uint16_t uneven;               /* probability that sister blastomeres differ by more than a quarter
	                                  in diameter; or READING_UNKNOWN */
	uint16_t multinucleated;       /* suspicion that a blastomere shows more than one nucleus; or
	                                  READING_UNKNOWN */
	uint16_t unfamiliar;           /* does not look like what the reader knows */
	uint16_t sharpness;            /* mean gradient energy of the sharpest plane, 0..65535 */
	uint16_t area_permille;        /* embryo outline area / area of the cut */
	uint16_t texture;              /* standard deviation of fine grain inside the outline, 1/256 grey levels */
	uint8_t outline[OUTLINE_POINTS]; /* radius in half cut pixels at 32 angles, clockwise from the right */
};

enum stage reading_top_stage(const struct reading *reading);
/* Sum of the group's stages. */
uint32_t reading_group_probability(const struct reading *reading, enum stage_group group);
enum stage_group reading_top_group(const struct reading *reading);
