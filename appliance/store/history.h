/* Everything people said and did on an embryo, also what was replaced or taken back since. */
#pragma once

#include "base/limits.h"
#include "store/store.h"

#define HISTORY_TABLE(X) \
	X(HISTORY_EVENT, "event")                   /* name: the event; value: "absent" or "" */ \
	X(HISTORY_GRADE, "grade")                   /* name: the stage; value: "4AA", "top" */ \
	X(HISTORY_OBSERVATION, "observation")       /* name: the kind; value: its value */ \
	X(HISTORY_COMMENT, "comment")               /* value: the text */ \
	X(HISTORY_DECISION, "decision")             /* name: the decision; value: the reason */ \
	X(HISTORY_SIGNATURE, "signature")           /* name: the meaning; value: the decision */ \
	X(HISTORY_SECOND_READING, "second-reading") /* name: "begin" or "end" */

enum history_kind {
#define X(kind, name) kind,
	HISTORY_TABLE(X)
#undef X
	HISTORY_COUNT
};
const char *history_kind_name(enum history_kind kind);

struct history_row {
	enum history_kind what;
	char name[64];
	char value[LIMIT_COMMENT];
	int run;             /* -1: none */
	int64_t time_s;      /* of an event, since insemination; TIME_UNKNOWN */
	char day[11];        /* of an outcome, or "" */
	int64_t user_id;     /* 0: it came with an export */
	char author[LIMIT_NAME];
	int64_t made_us;
	int64_t replaced_us; /* 0: not */
	int64_t withdrawn_us; /* 0: not */
};

/* Newest first. */
bool history_each(struct store *store, int64_t embryo_id, bool (*each)(const struct history_row *row, void *context),
    void *context, struct err *err);
