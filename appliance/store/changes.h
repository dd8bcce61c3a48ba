/* The feed of changes: every transaction that changes what a screen shows adds a row. Numbers only grow,
 * and a number is visible only when all smaller ones are.
 *
 * The subject is the thing's id; of readings, evaluations, annotations and decisions the embryo's.
 * "embryo" also tells of new frames, "dish" of a new ranking, "annotation" of grades,
 * observations, comments and second readings, "decision" of signatures. "settings" has no subject: 0.
 *
 * The newest CHANGES_KEPT are kept, a hundred busy days and some 20 MB. Who asks for older ones is told that they are gone,
 * loads anew what it shows, and goes on from the newest. */
#pragma once

#include "store/store.h"

#define CHANGE_TABLE(X) \
	X(CHANGE_PATIENT, "patient") \
	X(CHANGE_CYCLE, "cycle") \
	X(CHANGE_DISH, "dish") \
	X(CHANGE_EMBRYO, "embryo") \
	X(CHANGE_READING, "reading") \
	X(CHANGE_EVALUATION, "evaluation") \
	X(CHANGE_ANNOTATION, "annotation") \
	X(CHANGE_DECISION, "decision") \
	X(CHANGE_IMPORT, "import") \
	X(CHANGE_SETTINGS, "settings")

enum change_kind {
#define X(kind, name) kind,
	CHANGE_TABLE(X)
#undef X
	CHANGE_COUNT
};
const char *change_kind_name(enum change_kind kind);

struct change {
	int64_t seq;
	enum change_kind kind;
	int64_t subject;
	int64_t made_us;
};

enum { CHANGES_KEPT = 500000 };

/* For the room's own transactions and for imports. */
bool changes_add(struct store *store, enum change_kind kind, int64_t subject, struct err *err);
/* Those after seq `since`, in order. ERR_NOT_FOUND when some of these are kept no longer. */
bool changes_each(struct store *store, int64_t since,
    bool (*each)(const struct change *change, void *context), void *context, struct err *err);
/* 0 when nothing has ever changed. */
bool changes_last(struct store *store, int64_t *ret_seq, struct err *err);
