/* rooms: base
 * What goes over every picture, beside mbedTLS in the same run: digests and seals of 48 kB, a cut of three planes. */
#include "base/clock.h"
#include "base/crypto.h"

#include <mbedtls/gcm.h>
#include <mbedtls/sha256.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 3 * 128 * 128, ROUNDS = 2000 };

static uint8_t data[SIZE], sealed[SIZE + CRYPTO_SEAL_OVERHEAD], key[CRYPTO_KEY_SIZE];

static void ours_digest(void)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	crypto_sha256(data, SIZE, digest);
}

static void theirs_digest(void)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	mbedtls_sha256_ret(data, SIZE, digest, 0);
}

static void ours_seal(void)
{
	if (!crypto_seal(key, NULL, 0, data, SIZE, sealed, NULL))
		abort();
}

static void theirs_seal(void)
{
	mbedtls_gcm_context gcm;
	mbedtls_gcm_init(&gcm);
	crypto_random(sealed, CRYPTO_NONCE_SIZE);
	mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 8 * CRYPTO_KEY_SIZE);
	mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, SIZE, sealed, CRYPTO_NONCE_SIZE, NULL, 0, data,
	    sealed + CRYPTO_NONCE_SIZE, CRYPTO_TAG_SIZE, sealed + CRYPTO_NONCE_SIZE + SIZE);
	mbedtls_gcm_free(&gcm);
}

static double seconds(void (*work)(void))
{
	int64_t began_us = clock_monotonic_us();
	for (int i = 0; i < ROUNDS; i++)
		work();
	return (double)(clock_monotonic_us() - began_us) / 1e6;
}

static void compare(const char *what, void (*ours)(void), void (*theirs)(void))
{
	ours();
	double mine = seconds(ours), other = seconds(theirs), megabytes = (double)SIZE * ROUNDS / 1e6;
	printf("%-12s %6.0f MB/s, mbedTLS %4.0f MB/s: %.1f times as fast\n", what, megabytes / mine, megabytes / other,
	    other / mine);
}

int main(void)
{
	crypto_random(key, sizeof key);
	crypto_random(data, sizeof data);
	compare("SHA-256", ours_digest, theirs_digest);
	compare("AES-256-GCM", ours_seal, theirs_seal);
	return 0;
}
