/* Cryptography: the one file that includes mbedTLS. Keys are 32 bytes. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
	CRYPTO_KEY_SIZE = 32,
	CRYPTO_DIGEST_SIZE = 32,
	CRYPTO_NONCE_SIZE = 12,
	CRYPTO_TAG_SIZE = 16,
	/* A seal is nonce | ciphertext | tag. */
	CRYPTO_SEAL_OVERHEAD = CRYPTO_NONCE_SIZE + CRYPTO_TAG_SIZE,
};

/* From the kernel; cannot fail once the system has started. */
void crypto_random(void *to, size_t size);
void crypto_sha256(const void *data, size_t size, uint8_t ret_digest[CRYPTO_DIGEST_SIZE]);
void crypto_hmac(const uint8_t key[CRYPTO_KEY_SIZE], const void *data, size_t size,
    uint8_t ret_digest[CRYPTO_DIGEST_SIZE]);
/* HKDF-SHA256 (RFC 5869) without salt: a key for one purpose from another. */
void crypto_derive(const uint8_t key[CRYPTO_KEY_SIZE], const char *purpose,
    uint8_t ret_key[CRYPTO_KEY_SIZE]);

/* AES-256-GCM under a fresh random nonce; `bound` is authenticated, not stored. to holds size +
 * CRYPTO_SEAL_OVERHEAD bytes. */
bool crypto_seal(const uint8_t key[CRYPTO_KEY_SIZE], const void *bound, size_t bound_size, const void *data,
    size_t size, uint8_t *to, struct err *err);
/* sealed_size - CRYPTO_SEAL_OVERHEAD bytes to `to`; ERR_CRYPTO when the key, the binding or a bit is wrong. */
bool crypto_open(const uint8_t key[CRYPTO_KEY_SIZE], const void *bound, size_t bound_size,
    const uint8_t *sealed, size_t sealed_size, uint8_t *to, struct err *err);

/* In constant time. */
bool crypto_equal(const void *a, const void *b, size_t size);
/* Overwrites a secret; never optimised away. */
void crypto_wipe(void *secret, size_t size);

/* An incremental SHA-256, for streams. */
struct crypto_hash;
struct crypto_hash *crypto_hash_new(void); /* NULL without memory */
void crypto_hash_add(struct crypto_hash *hash, const void *data, size_t size);
/* Gives the digest and frees. */
void crypto_hash_end(struct crypto_hash *hash, uint8_t ret_digest[CRYPTO_DIGEST_SIZE]);
