/* A network file mapped into this process. */
#pragma once

#include "base/crypto.h"
#include "reading/network.h"

struct network_map {
	const uint8_t *bytes;
	size_t size;
	struct network *network;
	uint8_t digest[CRYPTO_DIGEST_SIZE]; /* of the file */
};

/* Maps and opens. fd may be closed afterwards; the file must not change: a sealed memory file does not.
 * Errors as of network_open, and ERR_IO. */
bool network_map(int fd, struct network_map *ret_map, struct err *err);
/* A zeroed one is fine. */
void network_unmap(struct network_map *map);
static inline void network_unmap_owned(struct network_map *map)
{
	network_unmap(map);
}
/* SHA-256 of the file, which is not believed. */
bool network_map_digest(int fd, uint8_t ret_digest[CRYPTO_DIGEST_SIZE], struct err *err);
