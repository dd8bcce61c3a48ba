/* What goes over every picture, by the processor's own instructions: SHA-256, HMAC and AES-256-GCM of OpenSSL's libcrypto,
 * which libcurl brings along anyway; mbedTLS 2.28 uses few of them (tests/bench/bench_crypto.c has the ratios). Keys,
 * certificates, signatures and key agreement are mbedTLS's (crypto.c).
 *
 * The plain SHA256 functions are deprecated because they know nothing of providers and their configuration; for that very
 * reason they are right here: the sandboxed reader digests too, and may not open a file. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/crypto_bulk.h"

#include <assert.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

struct crypto_hash {
	SHA256_CTX context;
};

struct crypto_hash *crypto_hash_new(void)
{
	struct crypto_hash *hash = malloc(sizeof *hash);
	if (hash)
		SHA256_Init(&hash->context);
	return hash;
}

void crypto_hash_add(struct crypto_hash *hash, const void *data, size_t size)
{
	SHA256_Update(&hash->context, data, size);
}

void crypto_hash_end(struct crypto_hash *hash, uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	SHA256_Final(ret_digest, &hash->context);
	free(hash);
}

void crypto_sha256(const void *data, size_t size, uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	SHA256_CTX context;
	SHA256_Init(&context);
	SHA256_Update(&context, data, size);
	SHA256_Final(ret_digest, &context);
}

void crypto_hmac(const uint8_t key[CRYPTO_KEY_SIZE], const void *data, size_t size,
    uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	const uint8_t *made = HMAC(EVP_sha256(), key, CRYPTO_KEY_SIZE, data, size, ret_digest, NULL);
	assert(made);
}

/* Fetched once: looking an algorithm up takes longer than sealing a small thing with it. */
static const EVP_CIPHER *aes_256_gcm(void)
{
	static EVP_CIPHER *cipher;
	EVP_CIPHER *fetched = __atomic_load_n(&cipher, __ATOMIC_ACQUIRE), *none = NULL;
	if (fetched)
		return fetched;
	fetched = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	assert(fetched);
	if (__atomic_compare_exchange_n(&cipher, &none, fetched, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return fetched;
	EVP_CIPHER_free(fetched);
	return none;
}

static void context_free(EVP_CIPHER_CTX **context)
{
	EVP_CIPHER_CTX_free(*context);
}
#define CONTEXT __attribute__((cleanup(context_free))) EVP_CIPHER_CTX

static EVP_CIPHER_CTX *begin(const struct crypto_gcm *gcm, bool sealing)
{
	int size;
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	if (context && EVP_CipherInit_ex2(context, aes_256_gcm(), gcm->key, gcm->nonce, sealing, NULL) &&
	    EVP_CipherUpdate(context, NULL, &size, gcm->bound, (int)gcm->bound_size))
		return context;
	EVP_CIPHER_CTX_free(context);
	return NULL;
}

bool crypto_gcm_seal(const struct crypto_gcm *gcm, const void *data, size_t size, uint8_t *to)
{
	int written, rest;
	if (size > INT_MAX || gcm->bound_size > INT_MAX)
		return false;
	CONTEXT *context = begin(gcm, true);
	return context && EVP_CipherUpdate(context, to, &written, data, (int)size) &&
	    EVP_CipherFinal_ex(context, to + written, &rest) &&
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_SIZE, to + size);
}

bool crypto_gcm_open(const struct crypto_gcm *gcm, const uint8_t *sealed, size_t size, uint8_t *to)
{
	int written;
	uint8_t tag[CRYPTO_TAG_SIZE], nothing[CRYPTO_TAG_SIZE]; /* the last step of GCM checks, and writes no byte */
	if (size > INT_MAX || gcm->bound_size > INT_MAX)
		return false;
	CONTEXT *context = begin(gcm, false);
	memcpy(tag, sealed + size, sizeof tag);
	bool ok = context && EVP_CipherUpdate(context, to, &written, sealed, (int)size) &&
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CRYPTO_TAG_SIZE, tag) &&
	    EVP_CipherFinal_ex(context, nothing, &written);
	if (!ok)
		crypto_wipe(to, size);
	return ok;
}

bool crypto_seal(const uint8_t key[CRYPTO_KEY_SIZE], const void *bound, size_t bound_size, const void *data,
    size_t size, uint8_t *to, struct err *err)
{
	const struct crypto_gcm gcm = {key, to, bound, bound_size};
	crypto_random(to, CRYPTO_NONCE_SIZE);
	return crypto_gcm_seal(&gcm, data, size, to + CRYPTO_NONCE_SIZE) ||
	    err_set(err, ERR_CRYPTO, "sealing %zu bytes failed", size);
}

bool crypto_open(const uint8_t key[CRYPTO_KEY_SIZE], const void *bound, size_t bound_size,
    const uint8_t *sealed, size_t sealed_size, uint8_t *to, struct err *err)
{
	if (sealed_size < CRYPTO_SEAL_OVERHEAD)
		return err_set(err, ERR_CRYPTO, "a seal of %zu bytes is too short", sealed_size);
	const struct crypto_gcm gcm = {key, sealed, bound, bound_size};
	return crypto_gcm_open(&gcm, sealed + CRYPTO_NONCE_SIZE, sealed_size - CRYPTO_SEAL_OVERHEAD, to) ||
	    err_set(err, ERR_CRYPTO, "the seal does not open: wrong key, place or content");
}
