/* rooms: agent */
/* Any answer of an update server: what is taken lies within its limits and names no path. */
#include "agent/channel.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_offer(const uint8_t *data, size_t size)
{
	struct channel_offer offer;
	struct err err = {0};
	if (!channel_parse((const char *)data, size, &offer, &err)) {
		assert(err.code == ERR_BAD_INPUT && err.detail[0]);
		return;
	}
	assert(version_valid(offer.version) && version_compare(offer.version, offer.version) == 0);
	assert(offer.size > 0 && offer.size <= CHANNEL_SIZE_MAX);
	assert(offer.file[0] != '.' && !strchr(offer.file, '/') && strlen(offer.file) < CHANNEL_FILE_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct channel_part part;
	char value[256];
	check_offer(data, size);
	snprintf(value, sizeof value, "%.*s", size < 255 ? (int)size : 255, (const char *)data);
	if (channel_part_parse(value, &part))
		assert(part.from >= 0 && part.from <= part.to && part.to < part.size);
	return 0;
}
