#include "base/crypto.h"

#include <assert.h>
#include <errno.h>
#include <mbedtls/gcm.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void crypto_random(void *to, size_t size)
{
	uint8_t *at = to;
	while (size) {
		ssize_t got = getrandom(at, size, 0);
		if (got < 0) {
			assert(errno == EINTR);
			continue;
		}
		at += got;
		size -= (size_t)got;
	}
}

void crypto_sha256(const void *data, size_t size, uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	int failed = mbedtls_sha256_ret(data, size, ret_digest, 0);
	assert(!failed);
}

static const mbedtls_md_info_t *sha256(void)
{
	const mbedtls_md_info_t *info = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
	assert(info);
	return info;
}

void crypto_hmac(const uint8_t key[CRYPTO_KEY_SIZE], const void *data, size_t size,
    uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	int failed = mbedtls_md_hmac(sha256(), key, CRYPTO_KEY_SIZE, data, size, ret_digest);
	assert(!failed);
}

void crypto_derive(const uint8_t key[CRYPTO_KEY_SIZE], const char *purpose,
    uint8_t ret_key[CRYPTO_KEY_SIZE])
{
	int failed = mbedtls_hkdf(sha256(), NULL, 0, key, CRYPTO_KEY_SIZE, (const uint8_t *)purpose,
	    strlen(purpose), ret_key, CRYPTO_KEY_SIZE);
	assert(!failed);
}

bool crypto_seal(const uint8_t key[CRYPTO_KEY_SIZE], const void *bound, size_t bound_size, const void *data,
    size_t size, uint8_t *to, struct err *err)
{
	mbedtls_gcm_context gcm;
	mbedtls_gcm_init(&gcm);
	crypto_random(to, CRYPTO_NONCE_SIZE);
	int failed = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 8 * CRYPTO_KEY_SIZE);
	if (!failed)
		failed = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, size, to, CRYPTO_NONCE_SIZE, bound,
		    bound_size, data, to + CRYPTO_NONCE_SIZE, CRYPTO_TAG_SIZE, to + CRYPTO_NONCE_SIZE + size);
	mbedtls_gcm_free(&gcm);
	return !failed || err_set(err, ERR_CRYPTO, "sealing %zu bytes failed (%d)", size, failed);
}

bool crypto_open(const uint8_t key[CRYPTO_KEY_SIZE], const void *bound, size_t bound_size,
    const uint8_t *sealed, size_t sealed_size, uint8_t *to, struct err *err)
{
	if (sealed_size < CRYPTO_SEAL_OVERHEAD)
		return err_set(err, ERR_CRYPTO, "a seal of %zu bytes is too short", sealed_size);
	size_t size = sealed_size - CRYPTO_SEAL_OVERHEAD;
	mbedtls_gcm_context gcm;
	mbedtls_gcm_init(&gcm);
	int failed = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 8 * CRYPTO_KEY_SIZE);
	if (!failed)
		failed = mbedtls_gcm_auth_decrypt(&gcm, size, sealed, CRYPTO_NONCE_SIZE, bound, bound_size,
		    sealed + CRYPTO_NONCE_SIZE + size, CRYPTO_TAG_SIZE, sealed + CRYPTO_NONCE_SIZE, to);
	mbedtls_gcm_free(&gcm);
	return !failed || err_set(err, ERR_CRYPTO, "the seal does not open: wrong key, place or content");
}

bool crypto_equal(const void *a, const void *b, size_t size)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t difference = 0;
	for (size_t i = 0; i < size; i++)
		difference |= x[i] ^ y[i];
	return difference == 0;
}

void crypto_wipe(void *secret, size_t size)
{
	mbedtls_platform_zeroize(secret, size);
}

struct crypto_hash {
	mbedtls_sha256_context context;
};

struct crypto_hash *crypto_hash_new(void)
{
	struct crypto_hash *hash = malloc(sizeof *hash);
	if (!hash)
		return NULL;
	mbedtls_sha256_init(&hash->context);
	mbedtls_sha256_starts_ret(&hash->context, 0);
	return hash;
}

void crypto_hash_add(struct crypto_hash *hash, const void *data, size_t size)
{
	mbedtls_sha256_update_ret(&hash->context, data, size);
}

void crypto_hash_end(struct crypto_hash *hash, uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	mbedtls_sha256_finish_ret(&hash->context, ret_digest);
	mbedtls_sha256_free(&hash->context);
	free(hash);
}
