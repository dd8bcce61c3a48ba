/* Grades that people give (Istanbul Consensus 2025, doi 10.1093/humrep/deaf021): a blastocyst by expansion, ICM and TE
 * (Table 9); cells that divide and morulae by a quality (Tables 5 and 7). */
#pragma once

#include "base/limits.h"
#include "model/gardner.h"

#include <stdint.h>

enum grade_stage { GRADE_CLEAVAGE, GRADE_MORULA, GRADE_BLASTOCYST, GRADE_STAGE_COUNT };
const char *grade_stage_name(enum grade_stage stage); /* "cleavage", "morula", "blastocyst" */
bool grade_stage_from_name(const char *name, enum grade_stage *ret_stage);

enum grade_quality { GRADE_NO_QUALITY, GRADE_LOW, GRADE_INTERMEDIATE, GRADE_TOP, GRADE_QUALITY_COUNT };
const char *grade_quality_name(enum grade_quality quality); /* "", "low", "intermediate", "top" */
bool grade_quality_from_name(const char *name, enum grade_quality *ret_quality);

struct grade {
	enum grade_stage stage;
	struct gardner gardner;     /* of a blastocyst, else zeros */
	enum grade_quality quality; /* of the others, else GRADE_NO_QUALITY */
	int64_t user_id;
	char author[LIMIT_NAME];
	int64_t made_us;
};

/* Stage, quality and Gardner's three. ERR_BAD_INPUT with one sentence. */
bool grade_check(const struct grade *grade, struct err *err);

enum { GRADE_TEXT_SIZE = 16 };
/* "4AA", "2", "top". */
void grade_format(char text[GRADE_TEXT_SIZE], const struct grade *grade);
