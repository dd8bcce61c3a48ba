/* A model package: what travels when a model does. A plain tar with at most four entries, in any order:
 *
 *   manifest.json   the model card: name, version, summary, training data and licences, outputs, quantisation error
 *   network.bin     the network as the engine maps it (reading/network.h)
 *   report.json     measured accuracy; may be missing
 *   signature       text, one line each:
 *                     daybreak-package 1                       the format's number
 *                     entry manifest.json SHA-256 in hex       every entry but this one, in the order of the tar
 *                     entry network.bin   SHA-256 in hex
 *                     key   SHA-256 in hex                     of the signer's public key (DER)
 *                     ecdsa DER in hex                         over the SHA-256 of all lines above this one
 *
 * An entry that is not signed, signed twice, missing or altered makes the whole package refused with one sentence. */
#pragma once

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"

/* Public keys that are trusted, in PEM. */
struct package_keys {
	char (*pems)[CRYPTO_PEM_SIZE];
	size_t count;
};

struct package {
	json_t *manifest;
	json_t *report;     /* NULL: none */
	struct buf network; /* network.bin */
	char name[64], version[32];
	uint8_t digest[CRYPTO_DIGEST_SIZE]; /* of network.bin */
	uint8_t signer[CRYPTO_DIGEST_SIZE]; /* of the signer's public key */
};
void package_done(struct package *package);
static inline void package_done_owned(struct package *package)
{
	package_done(package);
}

/* Letters, digits, '.', '_', '-': a name is also a file's name. ERR_BAD_INPUT with a sentence. */
bool package_check_name(const char *name, const char *version, struct err *err);

/* Opens and verifies. ERR_CRYPTO: unsigned, altered or signed by no key of keys; ERR_DAMAGED: not a
 * whole tar; ERR_UNSUPPORTED: another format; ERR_TOO_LARGE: beyond base/limits.h. */
bool package_open(const uint8_t *bytes, size_t size, const struct package_keys *keys,
    struct package *ret_package,
    struct err *err);
/* Appends a signed package. report may be NULL. The same content and key give the same bytes. */
bool package_write(const json_t *manifest, const json_t *report, const struct buf *network,
    const char *private_pem,
    struct buf *to, struct err *err);
