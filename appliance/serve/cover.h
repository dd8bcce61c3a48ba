/* What a user may not see yet, decided and cut away in one place.
 *
 * covered: the clinic wants the score after the own grade, this user may grade, and has no current grade on the
 *          embryo. Profiles, the grades of others and the rank are hidden.
 * blind:   this user reads the embryo a second time. All that machine or people said of it is hidden, but pictures
 *          and the own words; what would tell of it is refused: deciding, outcomes, signing, its cycle's report.
 *
 * An order tells of everyone in it: while one embryo of a cycle is covered or blind, no rank of that cycle is shown. */
#pragma once

#include "serve/call.h"

struct cover {
	bool graded;  /* this user has a current grade on it */
	bool covered; /* always where blind */
	bool blind;
	int64_t since_us; /* when the second reading began; 0 */
	int64_t shown_us; /* when the reader had been shown what others or the machine said, before it began; 0: never */
};

/* judged: its evaluation or glance, of which only the stage is looked at: an empty well needs no grade. */
bool cover_of(struct call *call, int64_t embryo_id, const json_t *judged, struct cover *ret_cover, struct err *err);
/* Keeps that one who may read blind is now shown what is said of an embryo, or of all of a cycle; the other is 0. */
bool cover_note_shown(struct call *call, int64_t embryo_id, int64_t cycle_id, struct err *err);
/* Whether the ranks of a dish are hidden: one of its cycle is covered, or, where it is in none, one of its own. */
bool cover_ranks(struct call *call, int64_t dish_id, bool *ret_covered, struct err *err);
/* The same for who has looked at the dish's own embryos: whether one on another dish of its cycle is covered. */
bool cover_neighbours(struct call *call, int64_t dish_id, bool *ret_covered, struct err *err);

/* Whether this user reads the embryo blind. */
bool cover_is_blind(struct store *store, int64_t user_id, int64_t embryo_id, bool *ret_blind, struct err *err);
/* ERR_CONFLICT where this user reads the embryo, or one of the cycle, blind. */
bool cover_embryo_free(struct store *store, int64_t user_id, int64_t embryo_id, struct err *err);
bool cover_cycle_free(struct call *call, int64_t cycle_id, struct err *err);

/* What is left of an evaluation; a new reference, of null for null. own: the user's name. */
json_t *cover_evaluation(const json_t *evaluation, const struct cover *cover, const char *own);
/* Takes what was read out of a run of the embryo page. */
void cover_run(json_t *run);
/* Keeps only the own of a list of words with "author". */
void cover_words(json_t *words, const char *own);
