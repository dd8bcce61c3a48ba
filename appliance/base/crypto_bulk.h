/* AES-256-GCM as it goes over every picture and every batch. Inside base: everybody else seals through crypto.h or hpke.h. */
#pragma once

#include "base/crypto.h"

struct crypto_gcm {
	const uint8_t *key;   /* CRYPTO_KEY_SIZE */
	const uint8_t *nonce; /* CRYPTO_NONCE_SIZE; never twice with one key */
	const void *bound;
	size_t bound_size;
};
/* size bytes and the tag to `to`. False: it could not be done. */
bool crypto_gcm_seal(const struct crypto_gcm *gcm, const void *data, size_t size, uint8_t *to);
/* size bytes to `to`, from as many and their tag. False: key, nonce, binding or a bit is wrong; `to` is then wiped. */
bool crypto_gcm_open(const struct crypto_gcm *gcm, const uint8_t *sealed, size_t size, uint8_t *to);
