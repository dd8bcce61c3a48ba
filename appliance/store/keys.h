/* Wrapped keys. Each patient and each dish has a random data key of its own:
 *
 *   box.key  derives  the wrap key
 *   wrap key  wraps  the patients' keys, and the keys of dishes in the inbox
 *   a patient's key  seals  the patient's columns and  wraps  the keys of the patient's dishes
 *   a dish's key  seals  the dish's blobs
 *
 * A wrapped key is bound to what it belongs to and to what wraps it. */
#pragma once

#include "base/crypto.h"
#include "store/store.h"

/* A new random key, wrapped by the box key. */
bool keys_add_patient(struct store *store, int64_t patient_id, struct err *err);
bool keys_add_dish(struct store *store, int64_t dish_id, struct err *err);
/* The opened key: the caller wipes it. */
bool keys_patient(struct store *store, int64_t patient_id, uint8_t ret_key[CRYPTO_KEY_SIZE],
    struct err *err);
bool keys_dish(struct store *store, int64_t dish_id, uint8_t ret_key[CRYPTO_KEY_SIZE], struct err *err);
/* Of the dish that holds the embryo. */
bool keys_embryo(struct store *store, int64_t embryo_id, uint8_t ret_key[CRYPTO_KEY_SIZE], struct err *err);
/* Wraps the dish's key by this patient's, 0: by the box's; the old wrapping is overwritten. */
bool keys_rewrap_dish(struct store *store, int64_t dish_id, int64_t patient_id, struct err *err);
