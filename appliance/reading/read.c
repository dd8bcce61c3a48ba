#include "reading/read.h"

#include <string.h>

const char read_version[] = "first-1";

void read_digest(uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	crypto_sha256(read_version, strlen(read_version), ret_digest);
}

void read_empty(uint16_t confidence, struct reading *ret_reading)
{
	*ret_reading = (struct reading){.confidence = confidence, .fragmentation_permille = READING_UNKNOWN};
	ret_reading->stage[STAGE_EMPTY] = PROBABILITY_ONE;
}

void read_cut(const struct cut *cut, struct reading *ret_reading)
{
	(void)cut;
	*ret_reading = (struct reading){.fragmentation_permille = READING_UNKNOWN, .occupied = PROBABILITY_ONE};
	ret_reading->stage[STAGE_2] = PROBABILITY_ONE;
}

uint16_t read_motion(const struct cut *before, const struct cut *after)
{
	(void)before;
	(void)after;
	return 0;
}
