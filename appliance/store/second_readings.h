/* Blind second readings: while one is open, its user is shown neither the machine's nor anybody else's words on the
 * embryo. */
#pragma once

#include "base/limits.h"
#include "store/store.h"

struct second_reading {
	int64_t user_id;
	char reader[LIMIT_NAME];
	int64_t begun_us;
	int64_t ended_us; /* 0: open */
	int64_t shown_us; /* when the reader was first shown what others or the machine said, before it began; 0: never */
};

/* Keeps that the user is shown what is said of an embryo, or of all of a cycle (the other is 0); the first time counts. Not
 * of those that nothing has been said of, and not of those that the user reads blind. */
bool second_readings_note_shown(struct store *store, int64_t user_id, int64_t embryo_id, int64_t cycle_id, struct err *err);

/* One that is open already goes on. ERR_CONFLICT: the user has a current word on the embryo (event, grade, observation)
 * and so has looked at it. Writes an audit row. */
bool second_readings_begin(struct store *store, int64_t embryo_id, int64_t user_id, struct err *err);
/* ERR_NOT_FOUND: none is open. Writes an audit row. */
bool second_readings_end(struct store *store, int64_t embryo_id, int64_t user_id, struct err *err);
/* The user's open one; begun_us 0: there is none. */
bool second_readings_open(struct store *store, int64_t embryo_id, int64_t user_id, struct second_reading *ret_reading,
    struct err *err);
/* When it began; 0: there is none. */
bool second_readings_since(struct store *store, int64_t embryo_id, int64_t user_id, int64_t *ret_begun_us,
    struct err *err);
/* All of an embryo, oldest first. */
bool second_readings_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct second_reading *reading, void *context), void *context, struct err *err);
