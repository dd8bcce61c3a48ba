/* What a release holds, signed. A release is a folder:
 *
 *   SHA256SUMS       "digest  name" of every other file below the folder, by name, as sha256sum writes it
 *   SHA256SUMS.sig   ECDSA over P-256 of the SHA-256 of SHA256SUMS, DER
 *
 * Other tools know both formats, so that a release is checked before anything of ours is installed:
 *
 *   openssl dgst -sha256 -verify release.public.pem -signature SHA256SUMS.sig SHA256SUMS
 *   sha256sum --check --strict SHA256SUMS */
#pragma once

#include "base/buf.h"

enum { SUMS_BYTES_MAX = 1 << 20 };

/* Appends the lines of SHA256SUMS for what the folder has now. ERR_BAD_INPUT: a name does not fit in a line. */
bool sums_list(const char *folder, struct buf *to, struct err *err);
/* Lists the folder and signs the list; writes both files. */
bool sums_sign(const char *folder, const char *private_pem, struct err *err);
/* ERR_CRYPTO: not signed by that key. ERR_DAMAGED: a file is altered, missing or too many; the sentence says
 * which. */
bool sums_verify(const char *folder, const char *public_pem, size_t *ret_files, struct err *err);
