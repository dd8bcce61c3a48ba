/* What an update server says: which bundle it offers (channel.json), and which part of a file an answer is. Pure;
 * both are untrusted.
 *
 *   {"version": "0.2.0", "file": "daybreak-0.2.0.raucb", "size": 142606336, "sha256": "..."}
 *
 * Other members are left for later versions. The digest tells a whole file from a broken one; whether the bundle is
 * ours its own signature says, which the updater checks. */
#pragma once

#include "base/crypto.h"
#include "base/err.h"
#include "base/version.h"

/* A slot has 1 GiB for the system; a bundle beyond this is a slip. */
#define CHANNEL_SIZE_MAX (INT64_C(2) << 30)

enum { CHANNEL_FILE_SIZE = 128 };

struct channel_offer {
	char version[VERSION_SIZE];
	char file[CHANNEL_FILE_SIZE]; /* letters, digits, "._+~-"; ends in .raucb; no path */
	int64_t size;                 /* 1 ... CHANNEL_SIZE_MAX */
	uint8_t digest[CRYPTO_DIGEST_SIZE];
};

/* ERR_BAD_INPUT with the member that is wrong. */
bool channel_parse(const char *text, size_t size, struct channel_offer *ret_offer, struct err *err);

/* The value of Content-Range (RFC 9110): "bytes 100-199/1000" are the bytes 100 to 199 of 1000. */
struct channel_part {
	int64_t from, to, size;
};
/* False: not of that form, or a part that lies outside. */
bool channel_part_parse(const char *value, struct channel_part *ret_part);
