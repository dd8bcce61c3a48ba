/* What the board shows of an evaluation: five members of some 30 kB of JSON. Taking evaluations apart was three
 * quarters of the time of a board, and most have not changed since the last one; so what was found is kept, for as many
 * embryos as a few mornings have. */
#pragma once

#include "base/json.h"
#include "store/store.h"

enum { GLANCES_KEPT = 2048 };

struct glances; /* any thread */

struct glances *glances_new(void); /* NULL without memory */
void glances_free(struct glances *glances);
OWN_DEFINE(struct glances *, glances_free)
/* {"stage","stage_group","flags":[names that are set or suspected],"attention":[sentences],
 * "unsure":[events whose automatic time is used and little sure]}, or null where there is no evaluation yet. A new
 * reference. */
bool glances_get(struct glances *glances, struct store *store, int64_t embryo_id, json_t **ret_glance,
    struct err *err);
