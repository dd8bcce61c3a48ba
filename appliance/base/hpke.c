#include "base/hpke_inside.h"

#include "base/crypto_bulk.h"
#include "base/crypto_inside.h"

#include <assert.h>
#include <mbedtls/ecdh.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <string.h>

/* Names follow the RFC: enc, dh, shared secret, LabeledExtract, LabeledExpand. */

enum { COORDINATE_SIZE = 32 };

#define TEXT(bytes, length) ((struct hpke_text){(bytes), (length)})
#define WORDS(literal) ((struct hpke_text){(literal), sizeof(literal) - 1})

/* KEM 0x0010; KDF 0x0001; AEAD 0x0002 (RFC 9180, section 7). */
#define KEM_SUITE WORDS("KEM\x00\x10")
#define HPKE_SUITE WORDS("HPKE\x00\x10\x00\x01\x00\x02")

/* What both sides derive of one message. */
struct keys {
	uint8_t key[CRYPTO_KEY_SIZE], nonce[CRYPTO_NONCE_SIZE], export[CRYPTO_KEY_SIZE];
};

/* HKDF-SHA256 */

static void hmac(struct hpke_text key, const struct hpke_text *parts, size_t count, uint8_t ret_code[HPKE_SECRET_SIZE])
{
	mbedtls_md_context_t md;
	mbedtls_md_init(&md);
	int failed = mbedtls_md_setup(&md, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1);
	if (!failed)
		failed = mbedtls_md_hmac_starts(&md, key.data, key.size);
	for (size_t i = 0; i < count && !failed; i++)
		failed = parts[i].size ? mbedtls_md_hmac_update(&md, parts[i].data, parts[i].size) : 0;
	if (!failed)
		failed = mbedtls_md_hmac_finish(&md, ret_code);
	mbedtls_md_free(&md);
	assert(!failed);
}

static void labeled_extract(struct hpke_text suite, struct hpke_text salt, struct hpke_text label,
    struct hpke_text material, uint8_t ret_secret[HPKE_SECRET_SIZE])
{
	const struct hpke_text parts[] = {WORDS("HPKE-v1"), suite, label, material};
	hmac(salt, parts, 4, ret_secret);
}

/* At most HPKE_SECRET_SIZE bytes: one block of HKDF-Expand, which is all that these suites need. */
static void labeled_expand(struct hpke_text suite, const uint8_t secret[HPKE_SECRET_SIZE], struct hpke_text label,
    struct hpke_text info, uint8_t *to, size_t size)
{
	assert(size <= HPKE_SECRET_SIZE);
	const uint8_t length[] = {0, (uint8_t)size};
	const struct hpke_text parts[] = {
	    TEXT(length, sizeof length), WORDS("HPKE-v1"), suite, label, info, WORDS("\x01")};
	uint8_t block[HPKE_SECRET_SIZE];
	hmac(TEXT(secret, HPKE_SECRET_SIZE), parts, 6, block);
	memcpy(to, block, size);
	crypto_wipe(block, sizeof block);
}

/* Section 5.1, mode_base: no pre-shared key, so psk and psk_id are empty. */
static void key_schedule(const uint8_t shared_secret[HPKE_SECRET_SIZE], struct hpke_text info,
    struct hpke_text export_context, struct keys *ret_keys)
{
	const struct hpke_text none = WORDS(""), salt = TEXT(shared_secret, HPKE_SECRET_SIZE);
	uint8_t context[1 + 2 * HPKE_SECRET_SIZE] = {0}, secret[HPKE_SECRET_SIZE], exporter[HPKE_SECRET_SIZE];
	labeled_extract(HPKE_SUITE, none, WORDS("psk_id_hash"), none, context + 1);
	labeled_extract(HPKE_SUITE, none, WORDS("info_hash"), info, context + 1 + HPKE_SECRET_SIZE);
	labeled_extract(HPKE_SUITE, salt, WORDS("secret"), none, secret);
	const struct hpke_text whole = TEXT(context, sizeof context);
	labeled_expand(HPKE_SUITE, secret, WORDS("key"), whole, ret_keys->key, sizeof ret_keys->key);
	labeled_expand(HPKE_SUITE, secret, WORDS("base_nonce"), whole, ret_keys->nonce, sizeof ret_keys->nonce);
	labeled_expand(HPKE_SUITE, secret, WORDS("exp"), whole, exporter, sizeof exporter);
	labeled_expand(HPKE_SUITE, exporter, WORDS("sec"), export_context, ret_keys->export, sizeof ret_keys->export);
	crypto_wipe(secret, sizeof secret);
	crypto_wipe(exporter, sizeof exporter);
}

/* DHKEM(P-256) */

static void pair_free(mbedtls_ecp_keypair *pair)
{
	mbedtls_ecp_keypair_free(pair);
}
#define PAIR_LOCAL __attribute__((cleanup(pair_free))) mbedtls_ecp_keypair

static bool write_point(const mbedtls_ecp_keypair *pair, uint8_t to[HPKE_ENC_SIZE], struct err *err)
{
	size_t size;
	int failed = mbedtls_ecp_point_write_binary(
	    &pair->grp, &pair->Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &size, to, HPKE_ENC_SIZE);
	return (!failed && size == HPKE_ENC_SIZE) || err_set(err, ERR_CRYPTO, "a public key is no point of P-256");
}

/* Diffie-Hellman of our private key and their point, then ExtractAndExpand (section 4.1). */
static bool share_secret(mbedtls_ecp_keypair *ours, const mbedtls_ecp_point *theirs, const uint8_t enc[HPKE_ENC_SIZE],
    const uint8_t recipient[HPKE_ENC_SIZE], uint8_t ret_shared_secret[HPKE_SECRET_SIZE], struct err *err)
{
	uint8_t dh[COORDINATE_SIZE], context[2 * HPKE_ENC_SIZE], extracted[HPKE_SECRET_SIZE];
	mbedtls_mpi x;
	mbedtls_mpi_init(&x);
	int failed = mbedtls_ecp_check_pubkey(&ours->grp, theirs);
	if (!failed)
		failed = mbedtls_ecdh_compute_shared(&ours->grp, &x, theirs, &ours->d, crypto_random_for_mbedtls, NULL);
	if (!failed)
		failed = mbedtls_mpi_write_binary(&x, dh, sizeof dh);
	mbedtls_mpi_free(&x);
	if (failed)
		return err_set(err, ERR_CRYPTO, "the key of a sealed message is no point of P-256");
	memcpy(context, enc, HPKE_ENC_SIZE);
	memcpy(context + HPKE_ENC_SIZE, recipient, HPKE_ENC_SIZE);
	labeled_extract(KEM_SUITE, WORDS(""), WORDS("eae_prk"), TEXT(dh, sizeof dh), extracted);
	labeled_expand(KEM_SUITE, extracted, WORDS("shared_secret"), TEXT(context, sizeof context), ret_shared_secret,
	    HPKE_SECRET_SIZE);
	crypto_wipe(dh, sizeof dh);
	crypto_wipe(extracted, sizeof extracted);
	return true;
}

bool hpke_decap(const char *private_pem, const uint8_t enc[HPKE_ENC_SIZE], uint8_t ret_shared_secret[HPKE_SECRET_SIZE],
    struct err *err)
{
	CRYPTO_PK pk;
	PAIR_LOCAL ephemeral;
	uint8_t recipient[HPKE_ENC_SIZE];
	mbedtls_ecp_keypair_init(&ephemeral);
	if (!crypto_take_private(&pk, private_pem, err) || !write_point(mbedtls_pk_ec(pk), recipient, err))
		return false;
	if (mbedtls_ecp_point_read_binary(&mbedtls_pk_ec(pk)->grp, &ephemeral.Q, enc, HPKE_ENC_SIZE) != 0)
		return err_set(err, ERR_CRYPTO, "the key of a sealed message is no point of P-256");
	return share_secret(mbedtls_pk_ec(pk), &ephemeral.Q, enc, recipient, ret_shared_secret, err);
}

/* AES-256-GCM, sequence number 0: the nonce is the base nonce. */

static bool gcm_seal(const struct keys *keys, struct hpke_text bound, const void *data, size_t size, uint8_t *to,
    struct err *err)
{
	const struct crypto_gcm gcm = {keys->key, keys->nonce, bound.data, bound.size};
	return crypto_gcm_seal(&gcm, data, size, to) || err_set(err, ERR_CRYPTO, "sealing %zu bytes failed", size);
}

static bool gcm_open(const struct keys *keys, struct hpke_text bound, const uint8_t *sealed, size_t size, uint8_t *to,
    struct err *err)
{
	const struct crypto_gcm gcm = {keys->key, keys->nonce, bound.data, bound.size};
	return crypto_gcm_open(&gcm, sealed, size, to) ||
	    err_set(err, ERR_CRYPTO, "the seal does not open: wrong key, place or content");
}

static bool seal(mbedtls_ecp_keypair *ephemeral, const char *public_pem, struct hpke_text info, struct hpke_text bound,
    struct hpke_text export_context, const void *data, size_t size, uint8_t ret_enc[HPKE_ENC_SIZE], uint8_t *to,
    uint8_t ret_export[CRYPTO_KEY_SIZE], struct err *err)
{
	CRYPTO_PK pk;
	struct keys keys;
	uint8_t enc[HPKE_ENC_SIZE], recipient[HPKE_ENC_SIZE], shared_secret[HPKE_SECRET_SIZE];
	if (!crypto_take_public(&pk, public_pem, err) || !write_point(mbedtls_pk_ec(pk), recipient, err) ||
	    !write_point(ephemeral, enc, err) ||
	    !share_secret(ephemeral, &mbedtls_pk_ec(pk)->Q, enc, recipient, shared_secret, err))
		return false;
	key_schedule(shared_secret, info, export_context, &keys);
	bool ok = gcm_seal(&keys, bound, data, size, to, err);
	if (ok) {
		memcpy(ret_enc, enc, sizeof enc);
		memcpy(ret_export, keys.export, sizeof keys.export);
	}
	crypto_wipe(shared_secret, sizeof shared_secret);
	crypto_wipe(&keys, sizeof keys);
	return ok;
}

bool hpke_seal(const char *public_pem, struct hpke_text info, struct hpke_text bound, struct hpke_text export_context,
    const void *data, size_t size, uint8_t ret_enc[HPKE_ENC_SIZE], uint8_t *to, uint8_t ret_export[CRYPTO_KEY_SIZE],
    struct err *err)
{
	PAIR_LOCAL ephemeral;
	mbedtls_ecp_keypair_init(&ephemeral);
	if (mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, &ephemeral, crypto_random_for_mbedtls, NULL) != 0)
		return err_set(err, ERR_CRYPTO, "making a key failed");
	return seal(&ephemeral, public_pem, info, bound, export_context, data, size, ret_enc, to, ret_export, err);
}

bool hpke_seal_as(const uint8_t scalar[HPKE_SCALAR_SIZE], const char *public_pem, struct hpke_text info,
    struct hpke_text bound, struct hpke_text export_context, const void *data, size_t size,
    uint8_t ret_enc[HPKE_ENC_SIZE], uint8_t *to, uint8_t ret_export[CRYPTO_KEY_SIZE], struct err *err)
{
	PAIR_LOCAL ephemeral;
	mbedtls_ecp_keypair_init(&ephemeral);
	if (mbedtls_ecp_read_key(MBEDTLS_ECP_DP_SECP256R1, &ephemeral, scalar, HPKE_SCALAR_SIZE) != 0 ||
	    mbedtls_ecp_mul(&ephemeral.grp, &ephemeral.Q, &ephemeral.d, &ephemeral.grp.G, crypto_random_for_mbedtls,
	        NULL) != 0)
		return err_set(err, ERR_CRYPTO, "this is not a private key of P-256");
	return seal(&ephemeral, public_pem, info, bound, export_context, data, size, ret_enc, to, ret_export, err);
}

bool hpke_open(const char *private_pem, const uint8_t enc[HPKE_ENC_SIZE], struct hpke_text info, struct hpke_text bound,
    struct hpke_text export_context, const uint8_t *sealed, size_t sealed_size, uint8_t *to,
    uint8_t ret_export[CRYPTO_KEY_SIZE], struct err *err)
{
	struct keys keys;
	uint8_t shared_secret[HPKE_SECRET_SIZE];
	if (sealed_size < HPKE_TAG_SIZE)
		return err_set(err, ERR_CRYPTO, "a seal of %zu bytes is too short", sealed_size);
	if (!hpke_decap(private_pem, enc, shared_secret, err))
		return false;
	key_schedule(shared_secret, info, export_context, &keys);
	bool ok = gcm_open(&keys, bound, sealed, sealed_size - HPKE_TAG_SIZE, to, err);
	if (ok)
		memcpy(ret_export, keys.export, sizeof keys.export);
	crypto_wipe(shared_secret, sizeof shared_secret);
	crypto_wipe(&keys, sizeof keys);
	return ok;
}
