/* Culture dishes (slides). A new dish waits in the inbox until a person assigns it to a cycle. Its data key
 * seals its blobs and is wrapped by the box key in the inbox, by the patient's key afterwards. */
#pragma once

#include "model/clinic.h"
#include "store/store.h"

/* Finds the dish of this slide code or adds it to the inbox. An insemination time that was unknown is
 * filled in; one that was known stays. `format` is kept from the first delivery. */
bool dishes_obtain(struct store *store, const char *slide, const char *format, int64_t insemination_clock_s,
    int64_t *ret_id, struct err *err);
bool dishes_get(struct store *store, int64_t id, struct dish *ret_dish, struct err *err);
/* *ret_id 0: there is none of this slide code. */
bool dishes_find(struct store *store, const char *slide, int64_t *ret_id, struct err *err);

#define DISHES_ALL   INT64_C(-1)
#define DISHES_INBOX INT64_C(0)
/* which: DISHES_ALL, DISHES_INBOX or a cycle's id. In order of import. */
bool dishes_each(struct store *store, int64_t which, bool (*each)(const struct dish *dish, void *context),
    void *context, struct err *err);

/* Gives an inbox dish to a cycle and rewraps its key, in one transaction, with an audit row; its embryos
 * are evaluated again. ERR_CONFLICT when it belongs to another cycle: release it first. */
bool dishes_assign(struct store *store, int64_t id, int64_t cycle_id, int64_t user_id, struct err *err);
/* Back to the inbox: the way to correct a wrong assignment. */
bool dishes_release(struct store *store, int64_t id, int64_t user_id, struct err *err);
/* Of the dish's earliest picture; TIME_UNKNOWN where none has a time. */
bool dishes_first_clock(struct store *store, int64_t id, int64_t *ret_clock_s, struct err *err);
/* A person's word on the insemination time; replaces what the export said. Embryos are evaluated again. */
bool dishes_set_insemination(struct store *store, int64_t id, int64_t clock_s, int64_t user_id,
    struct err *err);

struct dish_progress {
	int embryos;
	int runs_total; /* time points with at least one frame, all wells */
	int runs_read; /* of these read or set aside as damaged */
	int64_t latest_clock_s; /* of the newest run; TIME_UNKNOWN */
};
bool dishes_progress(struct store *store, int64_t id, struct dish_progress *ret_progress, struct err *err);
