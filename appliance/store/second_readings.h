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
};

/* One that is open already goes on. ERR_CONFLICT: the user has a current word on the embryo (event, grade, observation)
 * and so has looked at it. Writes an audit row. */
bool second_readings_begin(struct store *store, int64_t embryo_id, int64_t user_id, struct err *err);
/* ERR_NOT_FOUND: none is open. Writes an audit row. */
bool second_readings_end(struct store *store, int64_t embryo_id, int64_t user_id, struct err *err);
/* When the user's open one began; 0: there is none. */
bool second_readings_since(struct store *store, int64_t embryo_id, int64_t user_id, int64_t *ret_begun_us,
    struct err *err);
/* All of an embryo, oldest first. */
bool second_readings_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct second_reading *reading, void *context), void *context, struct err *err);
