/* What the files on mbedTLS share: keys of P-256 out of PEM, and randomness as mbedTLS asks for it. Included by crypto.c,
 * hpke.c and certificate.c only. */
#pragma once

#include "base/crypto.h"

#include <mbedtls/pk.h>

/* A local key that is freed at the end of its scope; to be initialised, by a take function or mbedtls_pk_init. */
static inline void crypto_pk_free(mbedtls_pk_context *pk)
{
	mbedtls_pk_free(pk);
}
#define CRYPTO_PK __attribute__((cleanup(crypto_pk_free))) mbedtls_pk_context

int crypto_random_for_mbedtls(void *context, unsigned char *to, size_t size);
bool crypto_is_p256(const mbedtls_pk_context *pk);
/* Initialise pk, whatever comes. ERR_CRYPTO: no such key, or another curve. */
bool crypto_take_private(mbedtls_pk_context *pk, const char *pem, struct err *err);
bool crypto_take_public(mbedtls_pk_context *pk, const char *pem, struct err *err);
