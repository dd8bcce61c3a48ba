/* Parts of HPKE that only the published vectors need to reach: a given ephemeral key, the shared secret. */
#pragma once

#include "base/hpke.h"

enum { HPKE_SCALAR_SIZE = 32, HPKE_SECRET_SIZE = 32 };

/* As hpke_seal. Never with one ephemeral key twice: that gives both messages away. */
bool hpke_seal_as(const uint8_t ephemeral[HPKE_SCALAR_SIZE], const char *public_pem, struct hpke_text info,
    struct hpke_text bound, struct hpke_text export_context, const void *data, size_t size,
    uint8_t ret_enc[HPKE_ENC_SIZE], uint8_t *to, uint8_t ret_export[CRYPTO_KEY_SIZE], struct err *err);
/* DHKEM's Decap (section 4.1): the shared secret of a recipient and an encapsulated key. */
bool hpke_decap(const char *private_pem, const uint8_t enc[HPKE_ENC_SIZE], uint8_t ret_shared_secret[HPKE_SECRET_SIZE],
    struct err *err);
