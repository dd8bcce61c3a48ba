/* The order among siblings, as sentences a person can check, not as one number.
 *
 * Embryos are compared by one question after the other; the first that tells them apart decides and is written
 * down. The questions, in order:
 *   1. Does a person's grade make it a good blastocyst (expansion >= 3, ICM and TE A or B), and which grade?
 *   2. Which group of stages (cleavage, morula, blastocyst) had it reached at the time all can be compared at?
 *   3. Has a person graded it as less than a good blastocyst?
 *   4. Irregular divisions: none before suspected before certain.
 *   5. The class of the profile asked for, if one was.
 *   6. How late are its events against the Istanbul 2025 medians of its own insemination method, or, where the
 *      method is unknown, against its siblings? In steps of 3 h: less is within what two annotators differ by.
 *   7. How sure is the reading? In steps of a tenth.
 * What is then equal shares a rank. Wells that are empty or unread, and records that end long before their
 * siblings', are not ranked and say so. The order is of use; it never says what not to use. */
#pragma once

#include "base/json.h"

#include <stddef.h>
#include <stdint.h>

struct rank_entry {
	int64_t embryo_id;
	int well;
	const char *slide; /* named where siblings of another one are spoken of; NULL: all are of one slide */
	const json_t *evaluation; /* of evaluation_json(); borrowed */
};

/* Array, best first, of {"embryo":id,"well":n,"rank":1..|null,"class":"...","reasons":["..."]}; unranked ones last.
 * profile_id NULL: no profile takes part. ERR_NOT_FOUND when no entry carries that profile. */
bool rank_embryos(const struct rank_entry *entries, size_t count, const char *profile_id,
    json_t **ret_ranking, struct err *err);
/* The same of a list of {"embryo", "well", "slide", "evaluation"}. */
bool rank_siblings(const json_t *siblings, const char *profile_id, json_t **ret_ranking, struct err *err);
