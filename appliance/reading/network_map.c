#include "reading/network_map.h"

#include "base/limits.h"

#include <sys/mman.h>
#include <sys/stat.h>

static bool map(int fd, struct network_map *map, struct err *err)
{
	struct stat stat;
	if (fstat(fd, &stat) != 0)
		return err_errno(err, "opening a network file");
	if (stat.st_size <= 0 || stat.st_size > LIMIT_NETWORK_BYTES)
		return err_set(err, ERR_TOO_LARGE, "a network file of %lld bytes; at most %d",
		    (long long)stat.st_size, LIMIT_NETWORK_BYTES);
	void *bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return err_errno(err, "mapping a network file");
	map->bytes = bytes;
	map->size = (size_t)stat.st_size;
	return true;
}

bool network_map_digest(int fd, uint8_t ret_digest[CRYPTO_DIGEST_SIZE], struct err *err)
{
	OWN(network_unmap) struct network_map mapped = {0};
	if (!map(fd, &mapped, err))
		return false;
	crypto_sha256(mapped.bytes, mapped.size, ret_digest);
	return true;
}

bool network_map(int fd, struct network_map *ret_map, struct err *err)
{
	OWN(network_unmap) struct network_map mapped = {0};
	if (!map(fd, &mapped, err) || !network_open(mapped.bytes, mapped.size, &mapped.network, err))
		return false;
	crypto_sha256(mapped.bytes, mapped.size, mapped.digest);
	*ret_map = mapped;
	mapped = (struct network_map){0};
	return true;
}

void network_unmap(struct network_map *map)
{
	network_close(map->network);
	if (map->bytes)
		munmap((void *)(uintptr_t)map->bytes, map->size);
	*map = (struct network_map){0};
}
