/* How far people agree with each other, and with the box, on the same embryos.
 *
 * Two people's current words on one thing are a pair, and so are a person's word and the box's own: of grades and
 * observations their classes are counted (kappa.h), of events their times are compared (differences.h). People mark most
 * often what they find wrong, so differences between people and the box are larger here than over all embryos. */
#pragma once

#include "base/err.h"
#include "base/own.h"
#include "model/grade.h"
#include "model/milestone.h"
#include "model/observation.h"
#include "model/track.h"
#include "quality/differences.h"
#include "quality/kappa.h"

/* constant, name, classes, ordered, kappa inside one centre as published (RBMO 2021, S1472-6483(21)00482-X), permille; -1 */
#define SCALE_TABLE(X) \
	X(SCALE_EXPANSION, "expansion", 6, true, 660) \
	X(SCALE_ICM, "icm", 4, true, 590) \
	X(SCALE_TE, "te", 4, true, 560) \
	X(SCALE_CLEAVAGE, "cleavage", 3, true, -1) \
	X(SCALE_MORULA, "morula", 3, true, -1) \
	X(SCALE_PRONUCLEI, "pronuclei", 6, false, -1) \
	X(SCALE_EVENNESS, "evenness", 2, false, 630) \
	X(SCALE_NUCLEI, "nuclei", 4, false, -1) \
	X(SCALE_MULTINUCLEATION, "multinucleation", 2, false, -1) \
	X(SCALE_FRAGMENTATION, "fragmentation", 3, true, 720) \
	X(SCALE_COMPACTION, "compaction", 3, true, -1) \
	X(SCALE_VACUOLES, "vacuoles", 3, true, -1) \
	X(SCALE_VIABILITY, "viability", 2, false, -1)

enum scale {
#define X(scale, name, classes, ordered, published) scale,
	SCALE_TABLE(X)
#undef X
	SCALE_COUNT
};
const char *scale_name(enum scale scale);
int scale_published_permille(enum scale scale);

/* What was said of one embryo; borrowed. Annotations, grades and observations are the current ones. */
struct words {
	const struct annotation *annotations;
	const struct grade *grades;
	const struct observation *observations;
	const struct milestone *milestones;
	size_t annotations_count, grades_count, observations_count, milestones_count;
};

enum {
	AGREEMENT_AUTHORS_MAX = 64,
	AGREEMENT_PAIRS_MAX = 1 << 20, /* 32 MiB; 200 embryos a month with ten pairs each for 40 years */
};

struct agreement;
struct agreement *agreement_new(void); /* NULL without memory */
void agreement_free(struct agreement *agreement);
OWN_DEFINE(struct agreement *, agreement_free)

/* ERR_TOO_LARGE beyond the limits above. */
bool agreement_add(struct agreement *agreement, const struct words *words, struct err *err);
/* What the box reads of the very picture in which a person saw something. */
bool agreement_add_reading(struct agreement *agreement, const struct observation *observation, const struct reading *reading,
    struct err *err);

/* Two raters of one scale or one event. a NULL: everybody; b NULL: the box. Differences are a's time minus b's. */
struct agreement_row {
	const char *a, *b;
	bool timed;
	enum scale scale;    /* unless timed */
	struct kappa kappa;
	enum stage event;    /* if timed */
	struct differences differences;
};
/* Scales first, then events; people by name, everybody and the box last. */
bool agreement_each(struct agreement *agreement, bool (*each)(const struct agreement_row *row, void *context), void *context,
    struct err *err);
