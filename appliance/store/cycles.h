/* Treatment cycles of patients. The label is sealed under the patient's key. */
#pragma once

#include "model/clinic.h"
#include "store/store.h"

/* cycle->id is not looked at. Writes an audit row. ERR_CONFLICT: the patient has a cycle of this label; labels that
 * differ in case or in blanks only are the same. */
bool cycles_add(struct store *store, int64_t user_id, const struct cycle *cycle, int64_t *ret_id,
    struct err *err);
bool cycles_get(struct store *store, int64_t id, struct cycle *ret_cycle, struct err *err);
/* By a patient's label. Nothing found is not an error. */
bool cycles_find(struct store *store, int64_t patient_id, const char *label, struct cycle *ret_cycle, bool *ret_found,
    struct err *err);
/* Label, method and decision time; the patient stays. Queues the evaluation of the cycle's embryos; writes an audit
 * row. ERR_CONFLICT as above. */
bool cycles_update(struct store *store, int64_t user_id, const struct cycle *cycle, struct err *err);
/* patient_id 0: all. In order of decision time, unknown last. */
bool cycles_each(struct store *store, int64_t patient_id,
    bool (*each)(const struct cycle *cycle, void *context), void *context, struct err *err);
