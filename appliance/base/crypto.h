/* Cryptography: mbedTLS for keys, signatures and certificates (crypto.c, certificate.c, hpke.c), libcrypto for what goes over
 * every picture (crypto_bulk.c). Secret keys are 32 bytes; pairs of keys are PEM texts. */
#pragma once

#include "base/buf.h"
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

/* Signatures: ECDSA over P-256 with SHA-256 (FIPS 186-4), deterministic (RFC 6979), DER. Keys travel as PEM text with
 * its end: SEC 1 "EC PRIVATE KEY" or PKCS 8, and "PUBLIC KEY". ERR_CRYPTO: no such key, or another curve. */
enum {
	CRYPTO_PEM_SIZE = 512,
	CRYPTO_SIGNATURE_SIZE = 80, /* a DER signature of P-256 takes at most 72 */
};
bool crypto_pair_make(char ret_private[CRYPTO_PEM_SIZE], char ret_public[CRYPTO_PEM_SIZE], struct err *err);
bool crypto_pair_public(const char *private_pem, char ret_public[CRYPTO_PEM_SIZE], struct err *err);
/* SHA-256 of the public key's DER: the same for every PEM of one key. */
bool crypto_public_digest(const char *public_pem, uint8_t ret_digest[CRYPTO_DIGEST_SIZE], struct err *err);
bool crypto_sign(const char *private_pem, const uint8_t digest[CRYPTO_DIGEST_SIZE],
    uint8_t ret_signature[CRYPTO_SIGNATURE_SIZE], size_t *ret_size, struct err *err);
bool crypto_verify(const char *public_pem, const uint8_t digest[CRYPTO_DIGEST_SIZE], const uint8_t *signature,
    size_t signature_size, struct err *err);

/* Base 64 (RFC 4648, section 4), which JSON carries bytes in. Both append. */
bool crypto_base64_write(struct buf *to, const void *data, size_t size, struct err *err);
/* ERR_BAD_INPUT: not base 64; ERR_TOO_LARGE. */
bool crypto_base64_read(const char *text, size_t size, struct buf *to, struct err *err);

/* An incremental SHA-256, for streams. */
struct crypto_hash;
struct crypto_hash *crypto_hash_new(void); /* NULL without memory */
void crypto_hash_add(struct crypto_hash *hash, const void *data, size_t size);
/* Gives the digest and frees. */
void crypto_hash_end(struct crypto_hash *hash, uint8_t ret_digest[CRYPTO_DIGEST_SIZE]);
