#include "store/keys.h"

#include "store/embryos.h"
#include "store/inside.h"

#include <stdio.h>
#include <string.h>

enum { WRAPPED_SIZE = CRYPTO_KEY_SIZE + CRYPTO_SEAL_OVERHEAD };

static const char add_sql[] =
    "INSERT INTO keys (subject, id, patient_id, sealed) VALUES (?1, ?2, NULL, ?3)";
static const char get_sql[] = "SELECT patient_id, sealed FROM keys WHERE subject = ?1 AND id = ?2";
static const char rewrap_sql[] =
    "UPDATE keys SET patient_id = ?3, sealed = ?4 WHERE subject = ?1 AND id = ?2";

struct wrapped {
	const char *subject;
	int64_t id;
	int64_t patient_id; /* whose key wraps it; 0: the box's */
	uint8_t sealed[WRAPPED_SIZE];
};

static size_t binding(const struct wrapped *wrapped, char text[96])
{
	return (size_t)snprintf(text, 96, "keys.%s.%" PRId64 ".by.%" PRId64, wrapped->subject, wrapped->id,
	    wrapped->patient_id);
}

/* Gives the key that wraps by patient_id. */
static bool wrapping_key(struct store *store, int64_t patient_id, uint8_t ret_key[CRYPTO_KEY_SIZE],
    struct err *err)
{
	if (patient_id)
		return keys_patient(store, patient_id, ret_key, err);
	memcpy(ret_key, store->wrap_key, CRYPTO_KEY_SIZE);
	return true;
}

static bool wrap(struct store *store, struct wrapped *wrapped, const uint8_t key[CRYPTO_KEY_SIZE],
    struct err *err)
{
	char bound[96];
	uint8_t by[CRYPTO_KEY_SIZE];
	if (!wrapping_key(store, wrapped->patient_id, by, err))
		return false;
	bool ok = crypto_seal(by, bound, binding(wrapped, bound), key, CRYPTO_KEY_SIZE, wrapped->sealed,
	    err);
	crypto_wipe(by, sizeof by);
	return ok;
}

static bool unwrap(struct store *store, const struct wrapped *wrapped, uint8_t ret_key[CRYPTO_KEY_SIZE],
    struct err *err)
{
	char bound[96];
	uint8_t by[CRYPTO_KEY_SIZE];
	if (!wrapping_key(store, wrapped->patient_id, by, err))
		return false;
	bool ok = crypto_open(by, bound, binding(wrapped, bound), wrapped->sealed, WRAPPED_SIZE, ret_key,
	    err);
	crypto_wipe(by, sizeof by);
	return ok || err_add(err, "opening the key of %s %" PRId64, wrapped->subject, wrapped->id);
}

static bool get(struct store *store, const char *subject, int64_t id, struct wrapped *ret_wrapped,
    struct err *err)
{
	struct wrapped wrapped = {.subject = subject, .id = id};
	size_t size = 0;
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_text(s, 1, subject);
	db_bind_int(s, 2, id);
	bool found = db_step(s);
	if (found) {
		const void *sealed = db_column_blob(s, 1, &size);
		wrapped.patient_id = db_column_int(s, 0);
		if (size == WRAPPED_SIZE)
			memcpy(wrapped.sealed, sealed, WRAPPED_SIZE);
	}
	if (!db_finish(s, err))
		return false;
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "there is no %s %" PRId64, subject, id);
	if (size != WRAPPED_SIZE)
		return err_set(err, ERR_DAMAGED, "the key of %s %" PRId64 " is damaged", subject, id);
	*ret_wrapped = wrapped;
	return true;
}

static bool add(struct store *store, const char *subject, int64_t id, struct err *err)
{
	struct wrapped wrapped = {.subject = subject, .id = id};
	uint8_t key[CRYPTO_KEY_SIZE];
	crypto_random(key, sizeof key);
	bool ok = wrap(store, &wrapped, key, err);
	crypto_wipe(key, sizeof key);
	if (!ok)
		return false;
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_text(s, 1, subject);
	db_bind_int(s, 2, id);
	db_bind_blob(s, 3, wrapped.sealed, WRAPPED_SIZE);
	return db_run(s, err);
}

bool keys_add_patient(struct store *store, int64_t patient_id, struct err *err)
{
	return add(store, "patient", patient_id, err);
}

bool keys_add_dish(struct store *store, int64_t dish_id, struct err *err)
{
	return add(store, "dish", dish_id, err);
}

bool keys_patient(struct store *store, int64_t patient_id, uint8_t ret_key[CRYPTO_KEY_SIZE],
    struct err *err)
{
	struct wrapped wrapped;
	if (!get(store, "patient", patient_id, &wrapped, err))
		return false;
	/* Only the box wraps patients' keys: a row that says otherwise would send us round in circles. */
	if (wrapped.patient_id)
		return err_set(err, ERR_DAMAGED, "the key of patient %" PRId64 " is damaged", patient_id);
	return unwrap(store, &wrapped, ret_key, err);
}

bool keys_dish(struct store *store, int64_t dish_id, uint8_t ret_key[CRYPTO_KEY_SIZE], struct err *err)
{
	struct wrapped wrapped;
	return get(store, "dish", dish_id, &wrapped, err) && unwrap(store, &wrapped, ret_key, err);
}

bool keys_embryo(struct store *store, int64_t embryo_id, uint8_t ret_key[CRYPTO_KEY_SIZE], struct err *err)
{
	struct embryo embryo;
	return embryos_get(store, embryo_id, &embryo, err) && keys_dish(store, embryo.dish_id, ret_key, err);
}

bool keys_rewrap_dish(struct store *store, int64_t dish_id, int64_t patient_id, struct err *err)
{
	struct wrapped wrapped;
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!get(store, "dish", dish_id, &wrapped, err) || !unwrap(store, &wrapped, key, err))
		return false;
	wrapped.patient_id = patient_id;
	bool ok = wrap(store, &wrapped, key, err);
	crypto_wipe(key, sizeof key);
	if (!ok)
		return false;
	struct db_statement *s = db_prepare(store->db, rewrap_sql);
	db_bind_text(s, 1, "dish");
	db_bind_int(s, 2, dish_id);
	bind_some(s, 3, patient_id);
	db_bind_blob(s, 4, wrapped.sealed, WRAPPED_SIZE);
	return db_run(s, err);
}
