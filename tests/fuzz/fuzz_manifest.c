/* rooms: models */
/* A manifest is written by a lab: any bytes must become numbers within their limits, or be refused with a sentence. */
#include "models/manifest.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(manifest_done) struct manifest manifest = {0};
	struct err err = {0};
	if (!manifest_parse((const char *)data, size, &manifest, &err)) {
		assert(err.detail[0]);
		return 0;
	}
	assert(manifest.planes >= 1 && manifest.planes <= 3 && manifest.scale > 0);
	assert(manifest.heads_count >= 1 && manifest.heads[0].kind == NETWORK_STAGE);
	for (int i = 0; i < manifest.heads_count; i++)
		for (int j = 0; j < manifest.heads[i].rows_count; j++)
			assert(manifest.heads[i].rows[j] < manifest.heads[i].classes_count);
	for (int i = 0; i < NETWORK_CONFIDENCE_STEPS; i++)
		assert(manifest.calibration.stage[i] <= 1000 && manifest.calibration.cells[i] <= 1000);
	return 0;
}
