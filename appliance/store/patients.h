/* Patients. Name, identifier and birth date are sealed under the patient's own key; the identifier is found
 * by a keyed blind index of its normal form (blanks out, ASCII letters in upper case). */
#pragma once

#include "model/clinic.h"
#include "store/store.h"

/* patient->id is not looked at. Writes an audit row. ERR_CONFLICT: the identifier is taken; ERR_BAD_INPUT: patient_check. */
bool patients_add(struct store *store, int64_t user_id, const struct patient *patient, int64_t *ret_id,
    struct err *err);
/* All but the id may change. Writes an audit row that names what changed, not the values. Errors as above. */
bool patients_update(struct store *store, int64_t user_id, const struct patient *patient, struct err *err);
bool patients_get(struct store *store, int64_t id, struct patient *ret_patient, struct err *err);
/* By identifier. Nothing found is not an error. */
bool patients_find(struct store *store, const char *identifier, struct patient *ret_patient,
    bool *ret_found, struct err *err);
bool patients_each(struct store *store, bool (*each)(const struct patient *patient, void *context),
    void *context, struct err *err);
/* Erases a patient for good: cycles, dishes, embryos, all that hangs on them, the keys and the blob files.
 * Without the keys, copies of the sealed bytes elsewhere are noise. Writes an audit row. Not between
 * store_begin and store_commit: deleted files do not come back. */
bool patients_erase(struct store *store, int64_t id, int64_t user_id, struct err *err);
