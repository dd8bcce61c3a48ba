/* Stages and events, named as in Ciray et al. 2014 (doi 10.1093/humrep/deu278). A stage is what one time point
 * shows; an event is the first time point that shows it, so both share one list. */
#pragma once

#include <stdbool.h>

/* constant, name in files and on screen, blastomeres (0: not a cleavage stage), meaning */
#define STAGE_TABLE(X)                                                                             \
	X(STAGE_EMPTY, "empty", 0, "no embryo in the well")                                        \
	X(STAGE_PB2, "tPB2", 1, "second polar body detached, no pronuclei yet")                    \
	X(STAGE_PNA, "tPNa", 1, "pronuclei visible")                                               \
	X(STAGE_PNF, "tPNf", 1, "pronuclei faded, one cell")                                       \
	X(STAGE_2, "t2", 2, "2 cells")                                                             \
	X(STAGE_3, "t3", 3, "3 cells")                                                             \
	X(STAGE_4, "t4", 4, "4 cells")                                                             \
	X(STAGE_5, "t5", 5, "5 cells")                                                             \
	X(STAGE_6, "t6", 6, "6 cells")                                                             \
	X(STAGE_7, "t7", 7, "7 cells")                                                             \
	X(STAGE_8, "t8", 8, "8 cells")                                                             \
	X(STAGE_9, "t9", 9, "9 or more cells")                                                     \
	X(STAGE_M, "tM", 0, "morula: compaction has ended")                                        \
	X(STAGE_SB, "tSB", 0, "start of blastulation: a cavity is visible")                        \
	X(STAGE_B, "tB", 0, "full blastocyst: the cavity fills the embryo")                        \
	X(STAGE_EB, "tEB", 0, "expanded blastocyst: the zona thins")                               \
	X(STAGE_HB, "tHB", 0, "hatching blastocyst")

enum stage {
#define X(stage, name, cells, meaning) stage,
	STAGE_TABLE(X)
#undef X
	STAGE_COUNT
};

const char *stage_name(enum stage stage);
const char *stage_meaning(enum stage stage);
int stage_cells(enum stage stage);
/* Accepts the names above and the Gomez data set's (pPB2 ... pHB, p9+, t9+). */
bool stage_from_name(const char *name, enum stage *ret_stage);

/* What a glance tells apart. */
enum stage_group { GROUP_EMPTY, GROUP_ZYGOTE, GROUP_CLEAVAGE, GROUP_MORULA, GROUP_BLASTOCYST, GROUP_COUNT };
enum stage_group stage_group(enum stage stage);
const char *stage_group_name(enum stage_group group);
