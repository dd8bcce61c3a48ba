/* Blastocyst grades: Gardner's scale as the Istanbul Consensus 2025 has it (Table 9, doi 10.1093/humrep/deaf021).
 * Expansion 1..6; ICM and TE A..D from expansion 3 on, none below. */
#pragma once

#include "base/err.h"

/* Letters are 0 where not graded. */
struct gardner {
	int expansion;
	char icm, te;
};

enum { GARDNER_TEXT_MAX = 4 };

/* "4AA", "6AB", "3BD", or "1" and "2" without letters. ERR_BAD_INPUT with one sentence. */
bool gardner_parse(const char *text, struct gardner *ret_grade, struct err *err);
/* The same checks on a grade made by hand. */
bool gardner_check(const struct gardner *grade, struct err *err);
void gardner_format(char text[GARDNER_TEXT_MAX], const struct gardner *grade);

bool gardner_has_letters(const struct gardner *grade);
/* Numerical score of RBMO 2023 (S1472-6483(23)00043-3): expansion + ICM + TE - 1 with A 3, B 2, C 1; range 2..11. The
 * formula is inferred from that range. 0: not computable (no letters, or a D, which the score does not know). */
int gardner_neqsi(const struct gardner *grade);
/* Product form: expansion x ICM x TE with the same numbers; range 3..54; 0 as above. */
int gardner_bqs(const struct gardner *grade);
/* The KPI's good blastocyst (Vienna 2017): expansion >= 3, ICM and TE A or B. */
bool gardner_is_good(const struct gardner *grade);
