#include "reading/ask.h"

#include <string.h>

void ask_begin(struct buf *to, uint64_t batch, const uint8_t reader_digest[CRYPTO_DIGEST_SIZE], size_t count)
{
	protocol_begin(to, PROTOCOL_READ, batch);
	protocol_add_digest(to, reader_digest);
	protocol_add_count(to, count);
}

void ask_add_cut(struct buf *to, const struct cut *cut, uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	protocol_cut_digest(cut, ret_digest);
	protocol_add_digest(to, ret_digest);
	protocol_add_cut(to, cut);
}

bool ask_take_readings(struct view *body, const uint8_t reader_digest[CRYPTO_DIGEST_SIZE],
    const uint8_t (*cut_digests)[CRYPTO_DIGEST_SIZE], size_t count, struct reading *ret_readings, struct err *err)
{
	uint8_t named[CRYPTO_DIGEST_SIZE];
	size_t answered;
	if (!protocol_take_digest(body, named, err))
		return false;
	if (memcmp(named, reader_digest, sizeof named) != 0)
		return err_set(err, ERR_CONFLICT, "the answer is another reader's");
	if (!protocol_take_count(body, &answered, err))
		return false;
	if (answered != count)
		return err_set(err, ERR_DAMAGED, "%zu readings of %zu cuts", answered, count);
	for (size_t i = 0; i < count; i++) {
		if (!protocol_take_digest(body, named, err))
			return false;
		if (memcmp(named, cut_digests[i], sizeof named) != 0)
			return err_set(err, ERR_DAMAGED, "the answer is to another cut");
		if (!protocol_take_reading(body, &ret_readings[i], err))
			return false;
	}
	return protocol_done(body, err);
}
