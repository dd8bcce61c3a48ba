/* Hybrid public key encryption, RFC 9180: base mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, one
 * message a context (sequence number 0), and the secret export interface. On mbedTLS. */
#pragma once

#include "base/crypto.h"

enum { HPKE_ENC_SIZE = 65, HPKE_TAG_SIZE = CRYPTO_TAG_SIZE };

struct hpke_text {
	const void *data;
	size_t size;
};

/* Seals to a public key (PEM). to: size + HPKE_TAG_SIZE bytes; ret_export: the exporter secret for export_context, 32
 * bytes. */
bool hpke_seal(const char *public_pem, struct hpke_text info, struct hpke_text bound, struct hpke_text export_context,
    const void *data, size_t size, uint8_t ret_enc[HPKE_ENC_SIZE], uint8_t *to, uint8_t ret_export[CRYPTO_KEY_SIZE],
    struct err *err);
/* sealed_size - HPKE_TAG_SIZE bytes to `to`. ERR_CRYPTO when key, binding or a bit is wrong, or enc is no point of the
 * curve. */
bool hpke_open(const char *private_pem, const uint8_t enc[HPKE_ENC_SIZE], struct hpke_text info, struct hpke_text bound,
    struct hpke_text export_context, const uint8_t *sealed, size_t sealed_size, uint8_t *to,
    uint8_t ret_export[CRYPTO_KEY_SIZE], struct err *err);
