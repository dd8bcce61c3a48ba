/* The entries of a package that is being opened or made, for the two halves of package.h and for nobody else. Reading and
 * writing are two files, so that the function has no more of libarchive than it reads with. */
#pragma once

#include "base/limits.h"
#include "models/package.h"

enum package_entry { PACKAGE_MANIFEST, PACKAGE_NETWORK, PACKAGE_REPORT, PACKAGE_SIGNATURE, PACKAGE_ENTRIES };

enum {
	PACKAGE_FORMAT = 1,
	PACKAGE_HEX_SIZE = 2 * CRYPTO_DIGEST_SIZE + 1,
	PACKAGE_SIGNATURE_BYTES = 1024,
};

struct package_kind {
	const char *name;
	size_t max;
	bool needed;
};
extern const struct package_kind package_kinds[PACKAGE_ENTRIES];

struct package_content {
	struct buf entries[PACKAGE_ENTRIES];
	bool present[PACKAGE_ENTRIES];
};
void package_content_init(struct package_content *content);
void package_content_done_owned(struct package_content *content);
