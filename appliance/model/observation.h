/* What people note of an embryo beside events and grades. A kind has a fixed list of values, so that two people's words
 * can be compared and counted.
 *
 * Assessments are looked at in pictures (Istanbul Consensus 2025, Tables 1 to 7, doi 10.1093/humrep/deaf021). Outcomes
 * come later, of embryos that were transferred. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stdint.h>

#define OBSERVATION_EVENNESS "even uneven"
#define OBSERVATION_NUCLEI "mononucleated binucleated multinucleated micronucleated"
#define OBSERVATION_YES_NO "yes no"
#define OBSERVATION_PERCENT "%" /* a whole number from 0 to 100, instead of a list */

/* constant, name, values with blanks between, group */
#define OBSERVATION_TABLE(X) \
	X(OBSERVATION_PRONUCLEI, "pronuclei", "0 1 2 2.1 3 4+", ASSESSMENT) \
	X(OBSERVATION_EVENNESS_2, "evenness-2-cell", OBSERVATION_EVENNESS, ASSESSMENT) \
	X(OBSERVATION_EVENNESS_4, "evenness-4-cell", OBSERVATION_EVENNESS, ASSESSMENT) \
	X(OBSERVATION_EVENNESS_8, "evenness-8-cell", OBSERVATION_EVENNESS, ASSESSMENT) \
	X(OBSERVATION_NUCLEI_2, "nuclei-2-cell", OBSERVATION_NUCLEI, ASSESSMENT) \
	X(OBSERVATION_NUCLEI_4, "nuclei-4-cell", OBSERVATION_NUCLEI, ASSESSMENT) \
	X(OBSERVATION_FRAGMENTATION_2, "fragmentation-2-cell", OBSERVATION_PERCENT, ASSESSMENT) \
	X(OBSERVATION_FRAGMENTATION_4, "fragmentation-4-cell", OBSERVATION_PERCENT, ASSESSMENT) \
	X(OBSERVATION_FRAGMENTATION_8, "fragmentation-8-cell", OBSERVATION_PERCENT, ASSESSMENT) \
	X(OBSERVATION_COMPACTION, "compaction", "none partial full", ASSESSMENT) \
	X(OBSERVATION_VACUOLES, "vacuoles", "none minor heavy", ASSESSMENT) \
	X(OBSERVATION_VIABILITY, "viability", "viable not-viable", ASSESSMENT) \
	X(OBSERVATION_HCG, "outcome-hcg", OBSERVATION_YES_NO, OUTCOME) \
	X(OBSERVATION_SAC, "outcome-sac", OBSERVATION_YES_NO, OUTCOME) \
	X(OBSERVATION_SACS, "outcome-sacs", "0 1 2 3 4", OUTCOME) \
	X(OBSERVATION_HEARTBEAT, "outcome-heartbeat", OBSERVATION_YES_NO, OUTCOME) \
	X(OBSERVATION_LIVE_BIRTH, "outcome-live-birth", OBSERVATION_YES_NO, OUTCOME)

enum observation_kind {
#define X(kind, name, values, group) kind,
	OBSERVATION_TABLE(X)
#undef X
	OBSERVATION_COUNT
};
enum observation_group { ASSESSMENT, OUTCOME };

const char *observation_name(enum observation_kind kind);
bool observation_from_name(const char *name, enum observation_kind *ret_kind);
const char *observation_values(enum observation_kind kind); /* as in the table */
enum observation_group observation_group(enum observation_kind kind);

enum { OBSERVATION_VALUE_SIZE = 24 };

/* One word of one person. */
struct observation {
	enum observation_kind kind;
	char value[OBSERVATION_VALUE_SIZE];
	int run;      /* where it was seen; -1: not said. Of assessments */
	char day[11]; /* "yyyy-mm-dd" or "". Of outcomes */
	int64_t user_id;
	char author[LIMIT_NAME];
	int64_t made_us;
};

/* Kind, value, run and day. ERR_BAD_INPUT with one sentence. */
bool observation_check(const struct observation *observation, struct err *err);
