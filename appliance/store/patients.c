#include "store/patients.h"

#include "base/file.h"
#include "base/text.h"
#include "store/audit.h"
#include "store/blobs.h"
#include "store/changes.h"
#include "store/columns.h"
#include "store/inside.h"
#include "store/keys.h"

#include <stdio.h>
#include <string.h>

static const char add_sql[] = "INSERT INTO patients (name, identifier, born, identifier_index)"
			      " VALUES (x'', x'', x'', ?1)";
static const char seal_sql[] = "UPDATE patients SET name = ?2, identifier = ?3, born = ?4 WHERE id = ?1";
static const char index_sql[] = "UPDATE patients SET identifier_index = ?2 WHERE id = ?1";
static const char get_sql[] = "SELECT id, name, identifier, born FROM patients WHERE id = ?1";
static const char find_sql[] = "SELECT id FROM patients WHERE identifier_index = ?1";
static const char each_sql[] = "SELECT id, name, identifier, born FROM patients ORDER BY id";

static bool run_unique(struct db_statement *s, struct err *err)
{
	struct err why = {0};
	return db_run(s, &why) ||
	    err_set(err, why.code, "%s",
		why.code == ERR_CONFLICT ? "there is a patient with this identifier already" : why.detail);
}

/* The new row comes first, empty: seals are bound to its id. */
static bool add_row(struct store *store, const char *identifier, int64_t *ret_id, struct err *err)
{
	uint8_t index[CRYPTO_DIGEST_SIZE];
	store_index(store, "patient", identifier, index);
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_blob(s, 1, index, sizeof index);
	if (!run_unique(s, err))
		return false;
	*ret_id = db_last_id(store->db);
	return keys_add_patient(store, *ret_id, err);
}

static bool seal_row(struct store *store, int64_t id, const struct patient *patient, struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!keys_patient(store, id, key, err))
		return false;
	struct db_statement *s = db_prepare(store->db, seal_sql);
	db_bind_int(s, 1, id);
	columns_bind(s, 2, &(struct column){key, "patients.name", id}, patient->name);
	columns_bind(s, 3, &(struct column){key, "patients.identifier", id}, patient->identifier);
	columns_bind(s, 4, &(struct column){key, "patients.born", id}, patient->born);
	crypto_wipe(key, sizeof key);
	return db_run(s, err);
}

bool patients_add(struct store *store, int64_t user_id, const struct patient *patient, int64_t *ret_id,
    struct err *err)
{
	int64_t id = 0;
	if (!patient_check(patient, err) || !store_begin(store, err))
		return false;
	bool ok = add_row(store, patient->identifier, &id, err) && seal_row(store, id, patient, err) &&
	    changes_add(store, CHANGE_PATIENT, id, err) && audit_add(store, user_id, "patient.add", id, "", err);
	if (!store_end(store, ok, err))
		return false;
	*ret_id = id;
	return true;
}

/* The names of the members that differ, for the audit row. */
static void describe(char detail[64], const struct patient *before, const struct patient *after)
{
	snprintf(detail, 64, "%s%s%s", strcmp(before->name, after->name) != 0 ? " name" : "",
	    strcmp(before->identifier, after->identifier) != 0 ? " identifier" : "",
	    strcmp(before->born, after->born) != 0 ? " born" : "");
}

static bool index_row(struct store *store, int64_t id, const char *identifier, struct err *err)
{
	uint8_t index[CRYPTO_DIGEST_SIZE];
	store_index(store, "patient", identifier, index);
	struct db_statement *s = db_prepare(store->db, index_sql);
	db_bind_int(s, 1, id);
	db_bind_blob(s, 2, index, sizeof index);
	return run_unique(s, err);
}

static bool update(struct store *store, int64_t user_id, const struct patient *patient, struct err *err)
{
	struct patient before;
	char detail[64];
	if (!patients_get(store, patient->id, &before, err))
		return false;
	describe(detail, &before, patient);
	crypto_wipe(&before, sizeof before);
	return index_row(store, patient->id, patient->identifier, err) &&
	    seal_row(store, patient->id, patient, err) && changes_add(store, CHANGE_PATIENT, patient->id, err) &&
	    audit_add(store, user_id, "patient.update", patient->id, text_trim(detail), err);
}

bool patients_update(struct store *store, int64_t user_id, const struct patient *patient, struct err *err)
{
	return patient_check(patient, err) && store_begin(store, err) &&
	    store_end(store, update(store, user_id, patient, err), err);
}

static bool open_row(struct store *store, struct db_statement *s, struct patient *ret_patient,
    struct err *err)
{
	struct patient patient = {.id = db_column_int(s, 0)};
	uint8_t key[CRYPTO_KEY_SIZE];
	int64_t id = patient.id;
	if (!keys_patient(store, id, key, err))
		return false;
	bool ok = columns_open(s, 1, &(struct column){key, "patients.name", id}, patient.name,
		      sizeof patient.name, err) &&
	    columns_open(s, 2, &(struct column){key, "patients.identifier", id}, patient.identifier,
		sizeof patient.identifier, err) &&
	    columns_open(s, 3, &(struct column){key, "patients.born", id}, patient.born,
		sizeof patient.born, err);
	crypto_wipe(key, sizeof key);
	if (ok)
		*ret_patient = patient;
	return ok;
}

bool patients_get(struct store *store, int64_t id, struct patient *ret_patient, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, id);
	bool found = db_step(s);
	bool ok = found && open_row(store, s, ret_patient, err);
	if (!db_finish(s, ok || !found ? err : NULL))
		return false;
	return found ? ok : err_set(err, ERR_NOT_FOUND, "there is no patient %" PRId64, id);
}

bool patients_find(struct store *store, const char *identifier, struct patient *ret_patient,
    bool *ret_found, struct err *err)
{
	uint8_t index[CRYPTO_DIGEST_SIZE];
	store_index(store, "patient", identifier, index);
	struct db_statement *s = db_prepare(store->db, find_sql);
	db_bind_blob(s, 1, index, sizeof index);
	int64_t id = db_step(s) ? db_column_int(s, 0) : 0;
	if (!db_finish(s, err) || (id && !patients_get(store, id, ret_patient, err)))
		return false;
	*ret_found = id != 0;
	return true;
}

bool patients_each(struct store *store, bool (*each)(const struct patient *patient, void *context),
    void *context, struct err *err)
{
	bool ok = true, more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	while (ok && more && db_step(s)) {
		struct patient patient;
		ok = open_row(store, s, &patient, err);
		more = ok && each(&patient, context);
	}
	return db_finish(s, ok ? err : NULL) && ok;
}

static const char erase_dishes_sql[] = "SELECT d.id FROM dishes d JOIN cycles c ON c.id = d.cycle_id"
				       " WHERE c.patient_id = ?1";
static const char erase_jobs_sql[] =
    "DELETE FROM jobs WHERE (kind = 'rank' AND subject = ?1)"
    " OR (kind <> 'rank' AND subject IN (SELECT id FROM embryos WHERE dish_id = ?1))";
static const char erase_keys_sql[] =
    "DELETE FROM keys WHERE patient_id = ?1 OR (subject = 'patient' AND id = ?1)";
static const char erase_sql[] = "DELETE FROM patients WHERE id = ?1";

static bool leave_dishes(struct store *store, int64_t id, struct err *err)
{
	bool ok = true;
	struct db_statement *s = db_prepare(store->db, erase_dishes_sql);
	db_bind_int(s, 1, id);
	while (ok && db_step(s)) {
		int64_t dish_id = db_column_int(s, 0);
		ok = blobs_leave(store, dish_id, err) && RUN_INTS(store, erase_jobs_sql, err, dish_id) &&
		    changes_add(store, CHANGE_DISH, dish_id, err);
	}
	return db_finish(s, ok ? err : NULL) && ok;
}

/* What was deleted must not live on in the write-ahead log or in copies of the database. */
static bool forget(struct store *store, struct err *err)
{
	char copies[LIMIT_PATH];
	store_shrink_log(store);
	return store_path(store, "copies", copies, sizeof copies, err) && folder_remove(copies, err);
}

static bool erase_row(struct store *store, int64_t id, struct err *err)
{
	if (!RUN_INTS(store, erase_sql, err, id))
		return false;
	return db_changed(store->db) > 0 || err_set(err, ERR_NOT_FOUND, "there is no patient %" PRId64, id);
}

bool patients_erase(struct store *store, int64_t id, int64_t user_id, struct err *err)
{
	if (store->depth)
		return err_set(err, ERR_INTERNAL, "erasing cannot be part of something that may be undone");
	if (!store_begin(store, err))
		return false;
	/* The keys first, as they refer to the patient's row; all below that row goes by cascade. */
	bool ok = leave_dishes(store, id, err) && RUN_INTS(store, erase_keys_sql, err, id) &&
	    erase_row(store, id, err) && audit_add(store, user_id, "patient.erase", id, "", err) &&
	    changes_add(store, CHANGE_PATIENT, id, err);
	return store_end(store, ok, err) && blobs_sweep(store, err) && forget(store, err);
}
