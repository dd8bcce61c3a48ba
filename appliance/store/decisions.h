/* What the lab decided for an embryo. The history is kept, and with each decision the evaluation that stood
 * on the screen at that moment. The reason is sealed under the dish's key. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "store/store.h"

enum decision_kind {
	DECISION_TRANSFER,
	DECISION_FREEZE,
	DECISION_BIOPSY,
	DECISION_CULTURE,
	DECISION_DISCARD,
	DECISION_COUNT
};
const char *decision_name(enum decision_kind kind); /* "transfer" ... */
bool decision_from_name(const char *name, enum decision_kind *ret_kind);

struct decision {
	int64_t id;
	int64_t embryo_id;
	enum decision_kind kind;
	char reason[LIMIT_COMMENT];
	int64_t user_id;
	char author[LIMIT_NAME];
	int64_t made_us;
	int64_t withdrawn_us; /* 0: not */
	bool current; /* it stands: the newest that was not withdrawn */
};

/* reason may be "". Writes an audit row (without the reason). */
bool decisions_add(struct store *store, int64_t embryo_id, int64_t user_id, enum decision_kind kind,
    const char *reason, int64_t *ret_id, struct err *err);
/* Takes back the user's own. ERR_NOT_FOUND: the embryo has no such decision, or it was taken back; ERR_FORBIDDEN: it is
 * another's; ERR_CONFLICT: it is signed. Writes an audit row. */
bool decisions_withdraw(struct store *store, int64_t embryo_id, int64_t id, int64_t user_id, struct err *err);
bool decisions_get(struct store *store, int64_t id, struct decision *ret_decision, struct err *err);
/* The one that stands, without its reason. Nothing found is not an error. */
bool decisions_standing(struct store *store, int64_t embryo_id, enum decision_kind *ret_kind, bool *ret_found,
    struct err *err);
/* Those that were not withdrawn, newest first. */
bool decisions_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct decision *decision, void *context), void *context, struct err *err);
/* The evaluation as it was when this was decided; nothing appended if there was none. */
bool decisions_evaluation(struct store *store, int64_t decision_id, struct buf *to, struct err *err);
