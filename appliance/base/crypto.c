#include "base/crypto_inside.h"

#include <assert.h>
#include <errno.h>
#include <mbedtls/base64.h>
#include <mbedtls/ecp.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <mbedtls/platform_util.h>
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

void crypto_derive(const uint8_t key[CRYPTO_KEY_SIZE], const char *purpose,
    uint8_t ret_key[CRYPTO_KEY_SIZE])
{
	int failed = mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), NULL, 0, key, CRYPTO_KEY_SIZE,
	    (const uint8_t *)purpose, strlen(purpose), ret_key, CRYPTO_KEY_SIZE);
	assert(!failed);
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

int crypto_random_for_mbedtls(void *context, unsigned char *to, size_t size)
{
	(void)context;
	crypto_random(to, size);
	return 0;
}

bool crypto_is_p256(const mbedtls_pk_context *pk)
{
	return mbedtls_pk_get_type(pk) == MBEDTLS_PK_ECKEY && mbedtls_pk_ec(*pk)->grp.id == MBEDTLS_ECP_DP_SECP256R1;
}

/* mbedTLS wants the end of a PEM counted. */
bool crypto_take_private(mbedtls_pk_context *pk, const char *pem, struct err *err)
{
	mbedtls_pk_init(pk);
	int failed = mbedtls_pk_parse_key(pk, (const uint8_t *)pem, strlen(pem) + 1, NULL, 0);
	return (!failed && crypto_is_p256(pk)) || err_set(err, ERR_CRYPTO, "this is not a private key of P-256 in PEM");
}

bool crypto_take_public(mbedtls_pk_context *pk, const char *pem, struct err *err)
{
	mbedtls_pk_init(pk);
	int failed = mbedtls_pk_parse_public_key(pk, (const uint8_t *)pem, strlen(pem) + 1);
	return (!failed && crypto_is_p256(pk)) || err_set(err, ERR_CRYPTO, "this is not a public key of P-256 in PEM");
}

static bool write_public(mbedtls_pk_context *pk, char ret_public[CRYPTO_PEM_SIZE], struct err *err)
{
	return mbedtls_pk_write_pubkey_pem(pk, (uint8_t *)ret_public, CRYPTO_PEM_SIZE) == 0 ||
	    err_set(err, ERR_CRYPTO, "writing a public key failed");
}

bool crypto_pair_make(char ret_private[CRYPTO_PEM_SIZE], char ret_public[CRYPTO_PEM_SIZE], struct err *err)
{
	CRYPTO_PK pk;
	char made[CRYPTO_PEM_SIZE];
	mbedtls_pk_init(&pk);
	if (mbedtls_pk_setup(&pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) != 0 ||
	    mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(pk), crypto_random_for_mbedtls, NULL) != 0 ||
	    mbedtls_pk_write_key_pem(&pk, (uint8_t *)made, sizeof made) != 0)
		return err_set(err, ERR_CRYPTO, "making a key failed");
	bool ok = write_public(&pk, ret_public, err);
	if (ok)
		memcpy(ret_private, made, sizeof made);
	crypto_wipe(made, sizeof made);
	return ok;
}

bool crypto_pair_public(const char *private_pem, char ret_public[CRYPTO_PEM_SIZE], struct err *err)
{
	CRYPTO_PK pk;
	return crypto_take_private(&pk, private_pem, err) && write_public(&pk, ret_public, err);
}

bool crypto_public_digest(const char *public_pem, uint8_t ret_digest[CRYPTO_DIGEST_SIZE], struct err *err)
{
	CRYPTO_PK pk;
	uint8_t der[256];
	if (!crypto_take_public(&pk, public_pem, err))
		return false;
	int size = mbedtls_pk_write_pubkey_der(&pk, der, sizeof der);
	if (size <= 0)
		return err_set(err, ERR_CRYPTO, "writing a public key failed");
	/* It is written at the end of the room. */
	crypto_sha256(der + sizeof der - (size_t)size, (size_t)size, ret_digest);
	return true;
}

bool crypto_sign(const char *private_pem, const uint8_t digest[CRYPTO_DIGEST_SIZE],
    uint8_t ret_signature[CRYPTO_SIGNATURE_SIZE], size_t *ret_size, struct err *err)
{
	CRYPTO_PK pk;
	uint8_t signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
	size_t size;
	if (!crypto_take_private(&pk, private_pem, err))
		return false;
	int failed = mbedtls_pk_sign(&pk, MBEDTLS_MD_SHA256, digest, CRYPTO_DIGEST_SIZE, signature, &size,
	    crypto_random_for_mbedtls, NULL);
	if (failed || size > CRYPTO_SIGNATURE_SIZE)
		return err_set(err, ERR_CRYPTO, "signing failed (%d)", failed);
	memcpy(ret_signature, signature, size);
	*ret_size = size;
	return true;
}

bool crypto_verify(const char *public_pem, const uint8_t digest[CRYPTO_DIGEST_SIZE], const uint8_t *signature,
    size_t signature_size, struct err *err)
{
	CRYPTO_PK pk;
	if (!crypto_take_public(&pk, public_pem, err))
		return false;
	int failed = mbedtls_pk_verify(&pk, MBEDTLS_MD_SHA256, digest, CRYPTO_DIGEST_SIZE, signature, signature_size);
	return !failed || err_set(err, ERR_CRYPTO, "the signature is not that of this key over this content");
}

bool crypto_base64_write(struct buf *to, const void *data, size_t size, struct err *err)
{
	size_t text_size = (size + 2) / 3 * 4, written;
	/* It is written with an end, which is taken off again. */
	uint8_t *at = buf_grow(to, text_size + 1);
	if (!at)
		return buf_ok(to, err);
	int failed = mbedtls_base64_encode(at, text_size + 1, &written, data, size);
	assert(!failed && written == text_size);
	to->size--;
	return true;
}

bool crypto_base64_read(const char *text, size_t size, struct buf *to, struct err *err)
{
	size_t start = to->size, room = size / 4 * 3, written = 0;
	if (!size)
		return true;
	if (size % 4)
		return err_set(err, ERR_BAD_INPUT, "base 64 comes in groups of four");
	uint8_t *at = buf_grow(to, room);
	if (!at)
		return buf_ok(to, err);
	int failed = mbedtls_base64_decode(at, room, &written, (const uint8_t *)text, size);
	to->size = start + written;
	return !failed || err_set(err, ERR_BAD_INPUT, "not base 64");
}
