/* For the published vectors only: sealing with an ephemeral key that was given instead of made. */
#pragma once

#include "base/hpke.h"

enum { HPKE_SCALAR_SIZE = 32 };

/* As hpke_seal; using one ephemeral key for two messages gives both away. */
bool hpke_seal_as(const uint8_t ephemeral[HPKE_SCALAR_SIZE], const char *public_pem, struct hpke_text info,
    struct hpke_text bound, struct hpke_text export_context, const void *data, size_t size,
    uint8_t ret_enc[HPKE_ENC_SIZE], uint8_t *to, uint8_t ret_export[CRYPTO_KEY_SIZE], struct err *err);
