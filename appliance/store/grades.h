/* Grades given by people. Append-only: a new grade of the same author for the same stage replaces the older one, which
 * stays in the history. Words of several people stand side by side. */
#pragma once

#include "model/grade.h"
#include "store/store.h"

/* Author and time are filled in. The same grade again adds nothing. ERR_BAD_INPUT: grade_check. Queues the embryo's
 * evaluation; writes an audit row. */
bool grades_add(struct store *store, int64_t embryo_id, int64_t user_id, const struct grade *grade, struct err *err);
/* Takes back the user's current grade of a stage. ERR_NOT_FOUND: there is none. */
bool grades_withdraw(struct store *store, int64_t embryo_id, int64_t user_id, enum grade_stage stage, struct err *err);
/* The newest current one of a blastocyst. Nothing found is not an error. */
bool grades_get(struct store *store, int64_t embryo_id, struct grade *ret_grade, bool *ret_found, struct err *err);
/* The current ones, newest first. */
bool grades_each(struct store *store, int64_t embryo_id, bool (*each)(const struct grade *grade, void *context),
    void *context, struct err *err);
/* Whether the user has a current grade, of whatever stage. */
bool grades_given(struct store *store, int64_t embryo_id, int64_t user_id, bool *ret_given, struct err *err);
