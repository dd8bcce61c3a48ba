/* A dish and its embryos as the board and the cohort page show them (api.yaml: BoardDish, BoardEmbryo), for the user who
 * asks: what is covered for them is not there. */
#pragma once

#include "model/clinic.h"
#include "serve/cover.h"

struct card {
	struct embryo embryo;
	struct cover cover;
	json_t *glance; /* null without an evaluation */
};

struct cards {
	size_t count;
	struct card of[LIMIT_WELLS]; /* in order of well */
	bool covered; /* no rank is shown: one of the cycle is covered, and an order tells of everyone in it */
};

/* End it with cards_done. */
bool cards_load(struct call *call, int64_t dish_id, struct cards *ret_cards, struct err *err);
void cards_done(struct cards *cards);
static inline void cards_done_owned(struct cards *cards)
{
	cards_done(cards);
}

/* NULL: the embryo is not in the dish, which only a damaged store says of one that is ranked. */
const struct card *cards_find(const struct cards *cards, int64_t embryo_id);

/* Of its ranking, which is borrowed; NULL: not ranked, or no rank is shown. */
bool cards_embryo(struct call *call, const struct card *card, const json_t *rank, json_t **ret_object,
    struct err *err);
/* All members of a BoardDish but its embryos. method: of its cycle. */
bool cards_dish(struct call *call, const struct dish *dish, enum insemination method, json_t **ret_object,
    struct err *err);
